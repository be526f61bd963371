#!/usr/bin/python3 -B
"""Generator loop, improved: a handler yields what it waits for; poll(2).

  tools/compare/originals/generator_events.py --port=8080
  ab -n 10000 -c 10 http://127.0.0.1:8080/

The improvement that the article proposes which measures hello-world HTTP
servers in Python with this command: a handler yields a descriptor and an event.
It needs to know no loop any more, and may wait for any descriptor. The article
has no figure for it; see generator_loop.py for what comes before.
"""

import select
import socket

import common


def receive(sock):
  yield sock.fileno(), select.POLLIN
  return sock.recv(common.READ_BYTES)


def send(sock, data):
  while data:
    yield sock.fileno(), select.POLLOUT
    data = data[sock.send(data):]


def talk(sock, protocol):
  try:
    after = common.GO_ON
    while after == common.GO_ON:
      data = yield from receive(sock)
      if not data:
        return
      answer, after = protocol.answer(data)
      yield from send(sock, answer)
    if after == common.LINGER:
      sock.shutdown(socket.SHUT_WR)
      while (yield from receive(sock)):
        pass
  except OSError:
    pass  # The peer is gone.
  finally:
    sock.close()


def accept(listener, start, protocol):
  while True:
    yield listener.fileno(), select.POLLIN
    sock = listener.accept_one()
    if sock is not None:
      sock.setblocking(False)
      start(talk(sock, protocol()))


def main():
  args, listener, stop = common.start(__doc__)
  protocol = common.PROTOCOLS[args.protocol]
  waiting = {}  # Descriptor to handler and event.
  poller = select.poll()
  poller.register(stop, select.POLLIN)

  def resume(handler, fd=None, event=None):
    try:
      wanted = next(handler)
    except StopIteration:
      wanted = None
    if wanted == (fd, event):
      return
    if fd is not None:
      del waiting[fd]
      poller.unregister(fd)
    if wanted is not None:
      waiting[wanted[0]] = handler, wanted[1]
      poller.register(*wanted)

  resume(accept(listener, resume, protocol))
  while True:
    for fd, _ in poller.poll():
      if fd == stop.fileno():
        return
      handler, event = waiting[fd]
      resume(handler, fd, event)


if __name__ == '__main__':
  main()
