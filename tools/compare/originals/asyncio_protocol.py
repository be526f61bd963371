#!/usr/bin/python3 -B
"""Asyncio protocol: callbacks, which asyncio's loop calls.

  tools/compare/originals/asyncio_protocol.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After the article that measures hello-world HTTP servers in Python with this
command: 3000 requests a second.
"""

import asyncio

import common


class Server(asyncio.Protocol):

  def __init__(self, protocol):
    self._protocol = protocol
    self._after = common.GO_ON
    self._transport = None

  def connection_made(self, transport):
    self._transport = transport

  def data_received(self, data):
    if self._after != common.GO_ON:
      return
    answer, self._after = self._protocol.answer(data)
    self._transport.write(answer)
    if self._after == common.CLOSE:
      self._transport.close()  # Once all is sent, as after the peer's end.
    elif self._after == common.LINGER:
      self._transport.write_eof()

  # Who does not read his answers is not read either.
  def pause_writing(self):
    self._transport.pause_reading()

  def resume_writing(self):
    self._transport.resume_reading()


async def serve(listener, args):
  protocol = common.PROTOCOLS[args.protocol]
  return await asyncio.get_running_loop().create_server(
      lambda: Server(protocol()), sock=listener, backlog=common.BACKLOG)


def main():
  parser = common.make_parser(__doc__)
  common.add_protocol(parser)
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
