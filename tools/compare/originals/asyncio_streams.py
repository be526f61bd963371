#!/usr/bin/python3 -B
"""Asyncio streams: a coroutine for each connection.

  tools/compare/originals/asyncio_streams.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After the article that measures hello-world HTTP servers in Python with this
command: 2200 requests a second, where its asyncio protocol has 3000.
"""

import asyncio

import common


async def talk(reader, writer, protocol):
  after = common.GO_ON
  while after == common.GO_ON:
    data = await reader.read(common.READ_BYTES)
    if not data:
      return
    answer, after = protocol.answer(data)
    writer.write(answer)
    await writer.drain()
  if after == common.LINGER:
    writer.write_eof()
    while await reader.read(common.READ_BYTES):
      pass


async def serve(listener, args):
  protocol = common.PROTOCOLS[args.protocol]

  async def handle(reader, writer):
    try:
      await talk(reader, writer, protocol())
    except OSError:
      pass  # The peer is gone.
    finally:
      writer.close()  # Once all is sent.

  return await asyncio.start_server(handle, sock=listener,
                                    backlog=common.BACKLOG)


def main():
  parser = common.make_parser(__doc__)
  common.add_protocol(parser)
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
