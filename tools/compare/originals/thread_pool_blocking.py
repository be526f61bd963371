#!/usr/bin/python3 -B
"""Blocking thread pool: a connection has a thread, whose calls simply wait.

  tools/compare/originals/thread_pool_blocking.py --protocol=upper --port=8080
  echo hello | nc -q1 127.0.0.1 8080           prints HELLO

The first way of the article that builds an upper-casing echo server five ways.
A connection keeps its thread even while it is silent: with as many as there are
threads, the next ones wait until one ends.
"""

import select
import socket
from concurrent.futures import ThreadPoolExecutor

import common


def talk(sock, protocol):
  after = common.GO_ON
  while after == common.GO_ON:
    data = sock.recv(common.READ_BYTES)
    if not data:
      return
    answer, after = protocol.answer(data)
    sock.sendall(answer)
  if after == common.LINGER:
    sock.shutdown(socket.SHUT_WR)
    while sock.recv(common.READ_BYTES):
      pass


def serve(sock, protocol, connected):
  try:
    with sock:
      talk(sock, protocol)
  except OSError:
    pass  # The peer is gone.
  finally:
    connected.discard(sock)


def add_flags(parser):
  common.add_protocol(parser)
  common.add_threads(parser, 64, 'connections that are served at a time')


def main():
  args, listener, stop = common.start(__doc__, add_flags)
  protocol = common.PROTOCOLS[args.protocol]
  connected = set()
  with ThreadPoolExecutor(args.threads) as pool:
    while stop not in select.select([listener, stop], [], [])[0]:
      sock = listener.accept_one()
      if sock is not None:
        sock.setblocking(True)
        connected.add(sock)
        pool.submit(serve, sock, protocol(), connected)
    pool.shutdown(wait=False, cancel_futures=True)
    for sock in list(connected):
      try:
        sock.shutdown(socket.SHUT_RDWR)  # Whoever waits for it, wakes up.
      except OSError:
        pass  # It has ended by itself.


if __name__ == '__main__':
  main()
