#!/usr/bin/python3 -B
"""Blocking client: one request after the other.

  tools/compare/originals/sleep_server.py &
  tools/compare/originals/blocking_client.py   3 requests take 3.0 s

The first client of the article with a server that answers after one second.
multiplexed_client.py takes 1.0 s.
"""

import socket

import client


def ask(address):
  with socket.create_connection(address) as sock:
    sock.sendall(client.REQUEST)
    sock.shutdown(socket.SHUT_WR)  # It is all.
    answer = b''
    while data := sock.recv(4096):
      answer += data
  client.check(answer)


def ask_all(address, requests):
  for _ in range(requests):
    ask(address)


if __name__ == '__main__':
  client.run(__doc__, 'one after the other', ask_all)
