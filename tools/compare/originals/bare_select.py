#!/usr/bin/python3 -B
"""Bare select: one thread, bare sockets, select(2).

  tools/compare/originals/bare_select.py --protocol=upper --port=8080
  echo hello | nc -q1 127.0.0.1 8080           prints HELLO

The third way of the article that builds an upper-casing echo server five ways.
select(2) knows the descriptors 0 to 1023 only, so the process allows itself no
others: who connects when they are used up is dropped, and the program says so.
"""

import select

import common

FD_SETSIZE = 1024


def main():
  args, listener, stop = common.start(__doc__, most_descriptors=FD_SETSIZE)
  protocol = common.PROTOCOLS[args.protocol]
  reading = {listener, stop}
  writing = set()

  def accept():
    sock = listener.accept_one()
    if sock is not None:
      reading.add(common.Connection(sock, protocol()))

  def handle(connection):
    reading.discard(connection)
    writing.discard(connection)
    if connection.proceed():
      (writing if connection.wants_to_write() else reading).add(connection)

  while True:
    readable, writable, _ = select.select(reading, writing, ())
    if stop in readable:
      return
    for ready in readable + writable:
      if ready is listener:
        accept()
      else:
        handle(ready)


if __name__ == '__main__':
  main()
