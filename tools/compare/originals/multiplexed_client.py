#!/usr/bin/python3 -B
"""Multiplexed client: all requests at once, in one thread.

  tools/compare/originals/sleep_server.py &
  tools/compare/originals/multiplexed_client.py   3 requests take 1.0 s

The second client of the article with a server that answers after one second.
blocking_client.py takes 3.0 s.
"""

import errno
import os
import selectors
import socket

import client

# More than a backlog holds would be dropped, and come again a second later.
MAX_DIALING = 256


class Client:

  def __init__(self, address, requests):
    self._address = address
    self._to_dial = requests
    self._left = requests
    self._dialing = 0
    self._answers = {}  # By socket.
    self._selector = selectors.DefaultSelector()

  def run(self):
    while self._left:
      while self._to_dial and self._dialing < MAX_DIALING:
        self._dial()
      for key, _ in self._selector.select():
        key.data(key.fileobj)

  def _dial(self):
    sock = socket.socket()
    sock.setblocking(False)
    error = sock.connect_ex(self._address)
    if error not in (0, errno.EINPROGRESS):
      raise OSError(error, os.strerror(error))
    self._to_dial -= 1
    self._dialing += 1
    self._selector.register(sock, selectors.EVENT_WRITE, self._ask)

  def _ask(self, sock):
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
      raise OSError(error, os.strerror(error))
    sock.send(client.REQUEST)  # A new socket has room for it.
    sock.shutdown(socket.SHUT_WR)  # It is all.
    self._dialing -= 1
    self._answers[sock] = b''
    self._selector.modify(sock, selectors.EVENT_READ, self._hear)

  def _hear(self, sock):
    data = sock.recv(4096)
    self._answers[sock] += data
    if data:
      return
    client.check(self._answers.pop(sock))
    self._selector.unregister(sock)
    sock.close()
    self._left -= 1


def ask_all(address, requests):
  Client(address, requests).run()


if __name__ == '__main__':
  client.run(__doc__, 'all at once', ask_all)
