#!/usr/bin/python3 -B
"""Asyncio and aiomysql: a database is asked for each request.

  tools/compare/originals/asyncio_aiomysql.py --mysql_socket=/run/mysqld.sock
  ab -n 10000 -c 10 http://127.0.0.1:8080/     answers 1, from SELECT 1

After the article that measures hello-world HTTP servers in Python with this
command: 1250 requests a second with the query, where Tornado has 680.
"""

import asyncio

import common
import mysql_pool


async def read_head(reader):
  """False if there is none: the peer has ended, or says too much."""
  try:
    await reader.readuntil(common.HEAD_END)
    return True
  except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
    return False


async def reply(pool):
  try:
    value = await mysql_pool.select_one(pool)
    return common.http_reply(b'%d\n' % value)
  except mysql_pool.Error as error:
    return common.http_reply(f'{error}\n'.encode(), '503 Service Unavailable')


async def serve(listener, args):
  pool = await mysql_pool.connect(args)

  async def handle(reader, writer):
    try:
      if await read_head(reader):
        writer.write(await reply(pool))
        await writer.drain()
    except OSError:
      pass  # The peer is gone.
    finally:
      writer.close()  # Once all is sent.

  return await asyncio.start_server(handle, sock=listener,
                                    limit=common.MAX_HEAD_BYTES,
                                    backlog=common.BACKLOG)


def main():
  parser = common.make_parser(__doc__)
  mysql_pool.add_flags(parser)
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
