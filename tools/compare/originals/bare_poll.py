#!/usr/bin/python3 -B
"""Bare poll: one thread, bare sockets, poll(2).

  tools/compare/originals/bare_poll.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After the article that measures hello-world HTTP servers in Python with this
command. This way was its fastest: 7700 requests a second.
"""

import select

import common


def main():
  args, listener, stop = common.start(__doc__)
  protocol = common.PROTOCOLS[args.protocol]
  connections = {}  # By descriptor.
  poller = select.poll()
  poller.register(listener, select.POLLIN)
  poller.register(stop, select.POLLIN)

  def accept():
    sock = listener.accept_one()
    if sock is not None:
      connections[sock.fileno()] = common.Connection(sock, protocol())
      poller.register(sock, select.POLLIN)

  def handle(fd):
    connection = connections[fd]
    wrote = connection.wants_to_write()
    if not connection.proceed():
      del connections[fd]
      poller.unregister(fd)
    elif connection.wants_to_write() != wrote:
      poller.modify(fd, select.POLLIN if wrote else select.POLLOUT)

  while True:
    for fd, _ in poller.poll():
      if fd == stop.fileno():
        return
      if fd == listener.fileno():
        accept()
      else:
        handle(fd)


if __name__ == '__main__':
  main()
