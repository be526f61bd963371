#!/usr/bin/python3 -B
"""Epoll and thread pool: each ready callback is submitted to a pool.

  tools/compare/originals/thread_pool_epoll.py --protocol=upper --port=8080
  echo hello | nc -q1 127.0.0.1 8080           prints HELLO, as a rule

The fifth way of the article that builds an upper-casing echo server five ways,
as it stands there. DO NOT COPY: it may hand one descriptor to several workers.
epoll(7) reports a descriptor for as long as there is input, and the loop does
not wait for the worker that will read it: it submits the callback again. Two
workers that have read from one connection send in the order that chance gives,
or one closes it when the other is about to send. While clients wait for each
answer, and their requests come in one piece, it does not show. examples/designs
has it in C++, and made right.
"""

import select
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import common

# Callbacks that may wait: as the loop submits some again and again, the queue
# would grow without end.
MAX_QUEUED = 1024
RETRY_SECONDS = 0.01


def send_all(sock, data):
  """Waits, in the worker, until the socket has taken it."""
  writable = select.poll()
  writable.register(sock, select.POLLOUT)
  while data:
    try:
      data = data[sock.send(data):]
    except BlockingIOError:
      writable.poll()


def serve(sock, protocol):
  """False if the connection is over."""
  try:
    data = sock.recv(common.READ_BYTES)
    answer, after = protocol.answer(data)
    send_all(sock, answer)
    return bool(data) and after == common.GO_ON
  except BlockingIOError:
    return True  # Another worker has read it.
  except (OSError, ValueError):
    return False  # The peer is gone, or another worker has closed it.


def add_flags(parser):
  common.add_protocol(parser)
  common.add_threads(parser, 4, 'workers that read, answer and send')


def main():
  args, listener, stop = common.start(__doc__, add_flags)
  protocol = common.PROTOCOLS[args.protocol]
  connections = {}  # Descriptor to socket and its side of the protocol.
  queued = threading.BoundedSemaphore(MAX_QUEUED)
  epoll = select.epoll()
  epoll.register(listener, select.EPOLLIN)
  epoll.register(stop, select.EPOLLIN)

  def accept():
    sock = listener.accept_one()
    if sock is not None:
      sock.setblocking(False)
      connections[sock.fileno()] = sock, protocol()
      epoll.register(sock, select.EPOLLIN)

  def callback(fd, sock, side):
    try:
      if serve(sock, side):
        return
      if connections.get(fd) == (sock, side):
        del connections[fd]
      sock.close()
    finally:
      queued.release()

  with ThreadPoolExecutor(args.threads) as pool:
    while True:
      ready = [fd for fd, _ in epoll.poll()]
      if stop.fileno() in ready:
        break
      for fd in ready:
        connection = connections.get(fd)  # None: a worker has just ended it.
        if fd == listener.fileno():
          accept()
        elif connection and queued.acquire(timeout=RETRY_SECONDS):
          pool.submit(callback, fd, *connection)
    pool.shutdown(wait=False, cancel_futures=True)
    for sock, _ in list(connections.values()):
      try:
        sock.shutdown(socket.SHUT_RDWR)  # For a worker that waits to send.
      except OSError:
        pass  # It has ended by itself.


if __name__ == '__main__':
  main()
