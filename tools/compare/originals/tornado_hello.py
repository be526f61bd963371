#!/usr/bin/python3 -B
"""Tornado: coroutine handlers.

  tools/compare/originals/tornado_hello.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After the article that measures hello-world HTTP servers in Python with this
command: 4000 requests a second. To answer in the same bytes as the others, it
leaves out some of what Tornado says by itself: Server, Date and Etag.
--protocol=upper is a TCPServer.
"""

import common

try:
  from tornado import httpserver, iostream, tcpserver, web
except ImportError:
  common.fail_without('python3-tornado')


class PlainHandler(web.RequestHandler):
  """Says text, in the headers of the others."""

  def set_default_headers(self):
    for name in ('Server', 'Date', 'Content-Type'):
      self.clear_header(name)
    self.set_header('Connection', 'close')
    self.set_header('Content-Type', 'text/plain')

  def compute_etag(self):
    return None


class HelloHandler(PlainHandler):

  async def get(self):
    self.write('hello world\n')


def http_server(handler, **settings):
  return httpserver.HTTPServer(
      web.Application([('/.*', handler)], **settings), no_keep_alive=True,
      max_header_size=common.MAX_HEAD_BYTES)


class Upper(tcpserver.TCPServer):

  async def handle_stream(self, stream, address):
    try:
      while True:
        data = await stream.read_bytes(common.READ_BYTES, partial=True)
        await stream.write(data.upper())
    except iostream.StreamClosedError:
      pass  # The peer has ended, or is gone.


async def serve(listener, args):
  upper = args.protocol == 'upper'
  server = Upper() if upper else http_server(HelloHandler)
  server.add_socket(listener)
  return server


def main():
  parser = common.make_parser(__doc__)
  common.add_protocol(parser)
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
