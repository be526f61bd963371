#!/usr/bin/python3 -B
"""Generator loop: a handler is a generator, which yields to wait; poll(2).

  tools/compare/originals/generator_loop.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

What the article ends with that measures hello-world HTTP servers in Python with
this command: 5300 requests a second, where its bare poll has 7700. A handler
reads like blocking code: it tells the loop what to wait for, and yields. For
what the article would do better see generator_events.py.
"""

import select
import socket

import common


class Loop:

  def __init__(self):
    self._poller = select.poll()
    self._handlers = {}  # By descriptor.

  def start(self, sock, handler):
    self._poller.register(sock, 0)
    self._handlers[sock.fileno()] = handler
    self._resume(sock.fileno())

  def wait_for(self, sock, event):
    """What a handler does before it yields."""
    self._poller.modify(sock, event)

  def _resume(self, fd):
    try:
      next(self._handlers[fd])
    except StopIteration:
      del self._handlers[fd]
      self._poller.unregister(fd)

  def run(self, stop):
    self._poller.register(stop, select.POLLIN)
    while True:
      for fd, _ in self._poller.poll():
        if fd == stop.fileno():
          return
        self._resume(fd)


def receive(loop, sock):
  loop.wait_for(sock, select.POLLIN)
  yield
  return sock.recv(common.READ_BYTES)


def send(loop, sock, data):
  loop.wait_for(sock, select.POLLOUT)
  while data:
    yield
    data = data[sock.send(data):]


def talk(loop, sock, protocol):
  try:
    after = common.GO_ON
    while after == common.GO_ON:
      data = yield from receive(loop, sock)
      if not data:
        return
      answer, after = protocol.answer(data)
      yield from send(loop, sock, answer)
    if after == common.LINGER:
      sock.shutdown(socket.SHUT_WR)
      while (yield from receive(loop, sock)):
        pass
  except OSError:
    pass  # The peer is gone.
  finally:
    sock.close()


def accept(loop, listener, protocol):
  while True:
    loop.wait_for(listener, select.POLLIN)
    yield
    sock = listener.accept_one()
    if sock is not None:
      sock.setblocking(False)
      loop.start(sock, talk(loop, sock, protocol()))


def main():
  args, listener, stop = common.start(__doc__)
  protocol = common.PROTOCOLS[args.protocol]
  loop = Loop()
  loop.start(listener, accept(loop, listener, protocol))
  loop.run(stop)


if __name__ == '__main__':
  main()
