#!/usr/bin/python3 -B
"""Busy polling thread pool: nothing ever waits, everybody asks all the time.

  tools/compare/originals/thread_pool_busy_polling.py --protocol=upper
  echo hello | nc -q1 127.0.0.1 8080           prints HELLO

The second way of the article that builds an upper-casing echo server five ways.
Each thread of a pool accepts on the shared non-blocking socket, and tries its
own connections in turn, whether they have anything to say or not: it takes what
CPU time it gets even where nobody connects.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import common


def try_in_turn(listener, protocol, stopping):
  connections = []
  while not stopping.is_set():
    sock = listener.accept_one()
    if sock is not None:
      connections.append(common.Connection(sock, protocol()))
    connections = [each for each in connections if each.proceed()]


def add_flags(parser):
  common.add_protocol(parser)
  common.add_threads(parser, 2, 'threads that try')


def main():
  args, listener, stop = common.start(__doc__, add_flags)
  protocol = common.PROTOCOLS[args.protocol]
  stopping = threading.Event()
  with ThreadPoolExecutor(args.threads) as pool:
    for _ in range(args.threads):
      pool.submit(try_in_turn, listener, protocol, stopping)
    stop.recv(1)
    stopping.set()


if __name__ == '__main__':
  main()
