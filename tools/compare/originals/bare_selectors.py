#!/usr/bin/python3 -B
"""Bare selectors: one thread, bare sockets, callbacks by Python's selectors.

  tools/compare/originals/bare_selectors.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After two articles: the one that measures hello-world HTTP servers in Python
with this command (6100 requests a second; kqueue there, epoll here), and the
fourth way of the one that builds an upper-casing echo server five ways.
"""

import selectors

import common


def main():
  args, listener, stop = common.start(__doc__)
  protocol = common.PROTOCOLS[args.protocol]
  selector = selectors.DefaultSelector()

  def accept(_):
    sock = listener.accept_one()
    if sock is not None:
      connection = common.Connection(sock, protocol())
      selector.register(connection, selectors.EVENT_READ, handle)

  def handle(connection):
    wrote = connection.wants_to_write()
    if not connection.proceed():
      selector.unregister(connection)
    elif connection.wants_to_write() != wrote:
      selector.modify(
          connection,
          selectors.EVENT_READ if wrote else selectors.EVENT_WRITE, handle)

  selector.register(listener, selectors.EVENT_READ, accept)
  selector.register(stop, selectors.EVENT_READ, None)
  while True:
    for key, _ in selector.select():
      if key.fileobj is stop:
        return
      key.data(key.fileobj)


if __name__ == '__main__':
  main()
