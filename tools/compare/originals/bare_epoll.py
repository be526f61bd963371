#!/usr/bin/python3 -B
"""Bare epoll: one thread, bare sockets, epoll(7).

  tools/compare/originals/bare_epoll.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

After the article that measures hello-world HTTP servers in Python with this
command: in the place of its kqueue, which had 7200 requests a second where
poll had 7700. (With ten connections there is little for either to win.)
"""

import select

import common


def main():
  args, listener, stop = common.start(__doc__)
  protocol = common.PROTOCOLS[args.protocol]
  connections = {}  # By descriptor.
  epoll = select.epoll()
  epoll.register(listener, select.EPOLLIN)
  epoll.register(stop, select.EPOLLIN)

  def accept():
    sock = listener.accept_one()
    if sock is not None:
      connections[sock.fileno()] = common.Connection(sock, protocol())
      epoll.register(sock, select.EPOLLIN)

  def handle(fd):
    connection = connections[fd]
    wrote = connection.wants_to_write()
    if not connection.proceed():
      del connections[fd]  # The kernel forgets a closed descriptor by itself.
    elif connection.wants_to_write() != wrote:
      epoll.modify(fd, select.EPOLLIN if wrote else select.EPOLLOUT)

  while True:
    for fd, _ in epoll.poll():
      if fd == stop.fileno():
        return
      if fd == listener.fileno():
        accept()
      else:
        handle(fd)


if __name__ == '__main__':
  main()
