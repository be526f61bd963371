#!/usr/bin/python3 -B
"""Sleep server: answers each HTTP request after one second.

  tools/compare/originals/sleep_server.py --port=8080
  time curl http://127.0.0.1:8080/             prints done, after a second

The server of the article that compares a blocking client with one that
multiplexes; see blocking_client.py and multiplexed_client.py.
"""

import asyncio

import common

MAX_DELAY_SECONDS = 3600


async def serve(listener, args):
  async def handle(reader, writer):
    try:
      await reader.readuntil(common.HEAD_END)
      await asyncio.sleep(args.delay)
      writer.write(common.http_reply(b'done\n'))
      await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
      pass  # The peer is gone, or says too much.
    finally:
      writer.close()  # Once all is sent.

  return await asyncio.start_server(handle, sock=listener,
                                    limit=common.MAX_HEAD_BYTES,
                                    backlog=common.BACKLOG)


def main():
  parser = common.make_parser(__doc__)
  parser.add_argument('--delay', default=1.0, metavar='SECONDS',
                      type=common.number_in(float, 0, MAX_DELAY_SECONDS),
                      help='how long each answer waits; default 1')
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
