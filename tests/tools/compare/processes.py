"""Servers and other programs that run beside a test.

Nothing is waited for by time: BOUND_SECONDS is for hangs only.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading

BOUND_SECONDS = 60
MAX_ERROR_BYTES = 10000  # More, of a server that never stops, is not shown.


class Server:
  """A running server, which has said where it listens."""

  def __init__(self, command):
    self.command = command
    self._errors = tempfile.TemporaryFile()
    self._process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=self._errors)
    self.pid = self._process.pid
    self.line = self._process.stdout.readline().decode()
    listening = re.match(r'(\w+) listening on 127\.0\.0\.1:(\d+)(\s|$)',
                         self.line)
    if not listening:
      self.kill()
      errors = self.errors()
      self._errors.close()
      raise AssertionError(f'{command} printed {self.line!r}; {errors}')
    self.name = listening.group(1)
    self.port = int(listening.group(2))

  def connect(self, receive_bytes=None):
    client = socket.socket()
    client.settimeout(BOUND_SECONDS)
    if receive_bytes:
      client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect(('127.0.0.1', self.port))
    return client

  def stop(self, number=signal.SIGTERM):
    """Its exit code, once a signal has ended it."""
    self._process.send_signal(number)
    try:
      return self._process.wait(BOUND_SECONDS)
    finally:
      self.kill()

  def kill(self):
    self._process.kill()
    self._process.wait()
    self._process.stdout.close()

  def close(self):
    """For a test's end: nothing is left, whatever happened."""
    self.kill()
    self._errors.close()

  def errors(self):
    """What it wrote to standard error."""
    self._errors.seek(0)
    return self._errors.read(MAX_ERROR_BYTES).decode()


def run(command):
  """A program that ends by itself: what came of it."""
  return subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                        capture_output=True, timeout=BOUND_SECONDS)


def read_to_end(client):
  received = b''
  while data := client.recv(65536):
    received += data
  return received


def read(client, size):
  """That many bytes; fewer if the peer ends."""
  received = b''
  while len(received) < size:
    data = client.recv(size - len(received))
    if not data:
      break
    received += data
  return received


def reset(client):
  """Closes it by a reset."""
  client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b'\1\0\0\0\0\0\0\0')
  client.close()


def start_until(command, words):
  """Starts a program that says so on standard error when it can be used."""
  process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
  said = ''
  for line in process.stderr:
    said += line
    if words in line:
      # What it says after that must not stop it.
      threading.Thread(target=drain, args=[process.stderr]).start()
      return process
  process.wait()
  raise AssertionError(f'{command} ended: {said}')


def drain(stream):
  with stream:
    stream.read()


@contextlib.contextmanager
def free_port():
  """A port that nobody listens on, for as long as this lasts."""
  with socket.socket() as held:
    held.bind(('127.0.0.1', 0))
    yield held.getsockname()[1]


def debian_has(path):
  return os.access(path, os.X_OK)
