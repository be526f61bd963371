"""What is asked of every server: one class of checks for each protocol.

A test derives from one of them and from unittest.TestCase, and sets `command`
(without --port), `without` (names of checks that the server fails by design,
with the reason), and `missing` (why it cannot run here).
"""

import re
import resource
import select
import signal
import socket
import time

import processes

CLIENTS = 50
REQUEST = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
HELLO = (b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n'
         b'Content-Length: 12\r\n\r\nhello world\n')
KEPT = (b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
        b'Content-Length: 12\r\n\r\nhello world\n')
BIG_BYTES = 4 * 1024 * 1024
SMALL_BUFFER_BYTES = 8 * 1024
FEW_DESCRIPTORS = 40
MANY_CLIENTS = 60


class Checks:
  """Of all protocols. Derived classes say what to ask, in ask()."""

  command = None
  without = {}
  missing = None
  quiet = True  # It writes nothing to standard error.
  half_closes = True  # It sends what is left to a peer that has ended.

  def setUp(self):
    if self.missing:
      self.skipTest(self.missing)
    check = self._testMethodName.removeprefix('test_')
    if check == 'answers_who_has_ended' and not self.half_closes:
      self.skipTest('by design: it closes when the peer ends')
    if check in self.without:
      self.skipTest(f'by design: {self.without[check]}')
    self.server = processes.Server(self.command + ['--port=0'])
    self.addCleanup(self.server.close)

  def tearDown(self):
    if not hasattr(self, 'server'):
      return
    self.assertEqual(self.server.stop(), 0, self.server.errors())
    if self.quiet:
      self.assertEqual(self.server.errors(), '')

  def connect(self, **options):
    client = self.server.connect(**options)
    self.addCleanup(client.close)
    return client

  def ask(self):
    """One client gets what it should."""
    raise NotImplementedError

  def test_ends_on_sigint_with_a_client_connected(self):
    self.ask()
    self.connect()
    self.assertEqual(self.server.stop(signal.SIGINT), 0, self.server.errors())
    self.server = processes.Server(self.command + ['--port=0'])
    self.addCleanup(self.server.close)

  def test_serves_on_after_resets(self):
    for _ in range(CLIENTS):
      client = self.connect()
      client.sendall(REQUEST)
      processes.reset(client)
    self.ask()

  def test_serves_on_after_half_a_request(self):
    client = self.connect()
    client.sendall(REQUEST[:10])
    client.close()
    self.ask()

  def test_drops_connections_without_descriptors(self):
    self.ask()
    resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE,
                     (FEW_DESCRIPTORS, FEW_DESCRIPTORS))
    clients = [self.connect() for _ in range(MANY_CLIENTS)]
    readable = select.select(clients, [], [], processes.BOUND_SECONDS)[0]
    self.assertTrue(readable, 'none was dropped')
    for client in clients:
      client.close()
    self.ask_until_answered()
    self.assertRegex(self.server.errors(), r'\A(.* is dropped\n)?\Z')
    self.quiet = False  # It may have said that, and once is enough.

  def ask_until_answered(self):
    """It has not noticed yet, perhaps, that the others are gone."""
    deadline = time.monotonic() + processes.BOUND_SECONDS
    while time.monotonic() < deadline:
      try:
        return self.ask()
      except ConnectionRefusedError:
        break  # It has ended.
      except (AssertionError, OSError):
        pass
    return self.ask()


class HelloChecks(Checks):
  """Hello and close."""

  request = REQUEST

  def check_answer(self, answer):
    self.assertEqual(answer, HELLO)

  def ask(self):
    client = self.connect()
    client.sendall(self.request)
    self.check_answer(processes.read_to_end(client))

  def test_answers_many_at_once(self):
    clients = [self.connect() for _ in range(CLIENTS)]
    for client in clients:
      client.sendall(self.request)
    for client in clients:
      self.check_answer(processes.read_to_end(client))

  def test_answers_byte_by_byte(self):
    client = self.connect()
    for byte in self.request:
      client.send(bytes([byte]))
    self.check_answer(processes.read_to_end(client))

  def test_answers_who_has_ended(self):
    client = self.connect()
    client.sendall(self.request)
    client.shutdown(socket.SHUT_WR)
    self.check_answer(processes.read_to_end(client))

  def test_answers_who_says_more(self):
    client = self.connect()
    client.sendall(self.request + self.request)
    self.check_answer(processes.read_to_end(client))


class KeepaliveChecks(Checks):
  """Hello, any number of times."""

  # As expressions, for servers that say more.
  answer = re.escape(KEPT)

  def read_answers(self, client, count=1):
    wanted = re.compile(self.answer * count, re.DOTALL)
    received = b''
    while not wanted.fullmatch(received):
      data = client.recv(65536)
      self.assertTrue(data, received)
      received += data

  def ask(self):
    client = self.connect()
    for _ in range(3):
      client.sendall(REQUEST)
      self.read_answers(client)
    client.close()

  def test_answers_many_at_once(self):
    clients = [self.connect() for _ in range(CLIENTS)]
    for _ in range(3):
      for client in clients:
        client.sendall(REQUEST)
      for client in clients:
        self.read_answers(client)

  def test_answers_byte_by_byte(self):
    client = self.connect()
    for byte in REQUEST * 2:
      client.send(bytes([byte]))
    self.read_answers(client, 2)

  def test_answers_requests_in_one_piece(self):
    client = self.connect()
    client.sendall(REQUEST * 3)
    self.read_answers(client, 3)

  def test_answers_who_has_ended(self):
    client = self.connect()
    client.sendall(REQUEST)
    client.shutdown(socket.SHUT_WR)
    self.read_answers(client)
    self.assertEqual(processes.read_to_end(client), b'')


class UpperChecks(Checks):
  """Echo in upper case."""

  def ask(self):
    client = self.connect()
    client.sendall(b'Hello, 1!\n')
    self.assertEqual(processes.read(client, 10), b'HELLO, 1!\n')
    client.shutdown(socket.SHUT_WR)
    self.assertEqual(processes.read_to_end(client), b'')
    client.close()

  def test_answers_many_at_once(self):
    clients = [self.connect() for _ in range(CLIENTS)]
    for turn in range(3):
      for index, client in enumerate(clients):
        client.sendall(b'turn %d, client %d' % (turn, index))
      for index, client in enumerate(clients):
        wanted = b'TURN %d, CLIENT %d' % (turn, index)
        self.assertEqual(processes.read(client, len(wanted)), wanted)

  def test_answers_byte_by_byte(self):
    client = self.connect()
    for byte in b'abcdefghijklmnopqrstuvwxyz':
      client.send(bytes([byte]))
    self.assertEqual(processes.read(client, 26), b'ABCDEFGHIJKLMNOPQRSTUVWXYZ')

  def test_answers_who_has_ended(self):
    for _ in range(CLIENTS):
      client = self.connect()
      client.sendall(b'hello')
      client.shutdown(socket.SHUT_WR)
      self.assertEqual(processes.read_to_end(client), b'HELLO')
      client.close()

  def test_leaves_all_but_letters(self):
    client = self.connect()
    every = bytes(range(256))
    client.sendall(every)
    self.assertEqual(processes.read(client, 256), every.upper())

  def test_keeps_what_is_read_late(self):
    sent = b'the quick brown fox %8d\n' * (BIG_BYTES // 29)
    sent %= tuple(range(BIG_BYTES // 29))
    client = self.connect(receive_bytes=SMALL_BUFFER_BYTES)
    received = self.send_before_reading(client, sent)
    self.assertTrue(received == sent.upper(),
                    f'{len(received)} of {len(sent)} bytes, or wrong ones')

  def send_before_reading(self, client, data):
    """Reads only while not a byte more can be sent, so that the server's
    output waits all the time; and what is left after its own end."""
    left = memoryview(data)
    received = []
    while left:
      try:
        left = left[client.send(left, socket.MSG_DONTWAIT):]
      except BlockingIOError:
        readable = select.select([client], [client], [],
                                 processes.BOUND_SECONDS)[0]
        if readable:
          received.append(client.recv(4096))
    if self.half_closes:
      client.shutdown(socket.SHUT_WR)
      return b''.join(received) + processes.read_to_end(client)
    received = b''.join(received)
    return received + processes.read(client, len(data) - len(received))

  def test_serves_on_after_resets_with_output_waiting(self):
    for _ in range(3):
      client = self.connect(receive_bytes=SMALL_BUFFER_BYTES)
      client.setblocking(False)
      sent = 0
      try:
        while sent < BIG_BYTES:
          sent += client.send(b'a' * 65536)
      except BlockingIOError:
        pass
      processes.reset(client)
    self.ask()


class FlagChecks:
  """What cannot be used is named, on one line, with what to do."""

  command = None
  missing = None

  def setUp(self):
    if self.missing:
      self.skipTest(self.missing)

  def check_refused(self, flags, code, *words):
    done = processes.run(self.command + flags)
    self.assertEqual(done.returncode, code, done.stderr)
    self.assertEqual(done.stdout, '')
    self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
    for word in words:
      self.assertIn(word, done.stderr)

  def test_names_a_taken_port(self):
    with socket.create_server(('127.0.0.1', 0)) as taken:
      port = taken.getsockname()[1]
      self.check_refused([f'--port={port}'], 2, f'127.0.0.1:{port}',
                         'in use', '--port')

  def test_names_an_impossible_port(self):
    self.check_refused(['--port=65536'], 1, '--port', '65536', '65535')

  def test_names_an_unknown_protocol(self):
    self.check_refused(['--protocol=gopher'], 1, '--protocol', 'gopher')

  def test_names_an_unknown_flag(self):
    self.check_refused(['--no_such_flag=1'], 1, 'no_such_flag')
