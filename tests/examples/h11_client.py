"""Talks to conformance_server by h11, which refuses whatever is no HTTP.

Its argument is the server's port. Ends with 0 if every event was as expected.
"""

import socket
import sys

import h11

BOUND_SECONDS = 60
PORT = int(sys.argv[1])


class Client:
  """One connection: what h11 makes of what comes, and how that is sent."""

  def __init__(self):
    self.socket = socket.create_connection(('127.0.0.1', PORT), BOUND_SECONDS)
    self.h11 = h11.Connection(our_role=h11.CLIENT)

  def send(self, *events):
    """Each event in a segment of its own, or nearly."""
    for event in events:
      self.socket.sendall(self.h11.send(event))

  def event(self):
    while (event := self.h11.next_event()) is h11.NEED_DATA:
      self.h11.receive_data(self.socket.recv(65536))
    return event

  def expect_answer(self, want, status=200, head=False, continues=False):
    """An answer with that body, up to its end."""
    event = self.event()
    if continues:
      check(isinstance(event, h11.InformationalResponse), event)
      check(event.status_code == 100, event)
      event = self.event()
    self.expect_head(event, want, status, continues)
    body = b''
    while isinstance(event := self.event(), h11.Data):
      body += event.data
    check(isinstance(event, h11.EndOfMessage), event)
    check(not event.headers, event)
    check(body == (b'' if head else want), body[:200])

  def expect_head(self, event, want, status, continues):
    check(isinstance(event, h11.Response), event)
    check(event.http_version == b'1.1', event)
    check(event.status_code == status, event)
    fields = dict(event.headers)
    check(len(fields) == len(event.headers), event)  # none comes twice
    check(b'date' in fields, event)
    if status == 200:
      check(fields[b'content-length'] == str(len(want)).encode(), event)

  def next(self):
    check(self.h11.our_state is h11.DONE, self.h11.our_state)
    self.h11.start_next_cycle()

  def expect_end(self):
    check(isinstance(event := self.event(), h11.ConnectionClosed), event)
    self.socket.close()


def check(condition, what):
  if not condition:
    raise AssertionError(what)


def request(method='GET', target='/', **fields):
  return h11.Request(method=method, target=target, headers=[
      ('Host', 'a'), *((k.replace('_', '-'), v) for k, v in fields.items())])


def test_keep_alive():
  client = Client()
  for _ in range(5):
    client.send(request(), h11.EndOfMessage())
    client.expect_answer(b'OK')
    client.next()
    client.send(request('HEAD'), h11.EndOfMessage())
    client.expect_answer(b'OK', head=True)
    client.next()
  client.send(request(Connection='close'), h11.EndOfMessage())
  client.expect_answer(b'OK')
  client.expect_end()


def test_bodies_with_length():
  client = Client()
  for size in 1, 100, 4096, 65536, 1000000:
    body = b'x' * size
    client.send(request('POST', Content_Length=str(size)), h11.Data(body),
                h11.EndOfMessage())
    client.expect_answer(body)
    client.next()
  client.socket.close()


def test_chunks_and_trailers():
  client = Client()
  for trailer in [], [('X-Checksum', 'abc'), ('X-Other', '')]:
    parts = [b'a', b'b' * 70000, b'c' * 17]
    client.send(request('PUT', Transfer_Encoding='chunked', Trailer='X-Checksum'),
                *(h11.Data(part) for part in parts),
                h11.EndOfMessage(headers=trailer))
    client.expect_answer(b''.join(parts))
    client.next()
  client.socket.close()


def test_continue():
  client = Client()
  for framing in {'Content_Length': '4'}, {'Transfer_Encoding': 'chunked'}:
    client.send(request('POST', Expect='100-continue', **framing))
    check(client.h11.they_are_waiting_for_100_continue is False, 'role')
    event = client.event()
    check(isinstance(event, h11.InformationalResponse), event)
    check(event.status_code == 100 and not event.headers, event)
    client.send(h11.Data(b'body'), h11.EndOfMessage())
    client.expect_answer(b'body')
    client.next()
  client.socket.close()


def test_continue_is_refused():
  client = Client()
  client.send(request('POST', Expect='100-continue', Content_Length='9999999'))
  event = client.event()
  check(isinstance(event, h11.Response), event)
  check(event.status_code == 413, event)
  check((b'connection', b'close') in list(event.headers), event)
  client.socket.close()


def test_pipelining():
  """h11 as a client has one exchange at a time, so it reads one after the other
  of what the server has answered to all."""
  bodies = [b'%d' % i * (i * i + 1) for i in range(40)]
  sender = b''
  for body in bodies:
    one = h11.Connection(our_role=h11.CLIENT)
    sender += one.send(request('POST', Content_Length=str(len(body))))
    sender += one.send(h11.Data(body)) + one.send(h11.EndOfMessage())
  client = Client()
  client.socket.sendall(sender)
  rest = b''
  for body in bodies:
    client.h11 = h11.Connection(our_role=h11.CLIENT)
    client.h11.send(request('POST', Content_Length=str(len(body))))
    client.h11.send(h11.Data(body))
    client.h11.send(h11.EndOfMessage())
    if rest:
      client.h11.receive_data(rest)
    client.expect_answer(body)
    rest, ended = client.h11.trailing_data
    check(not ended, 'ended')
  check(rest == b'', rest)
  client.socket.close()


def test_echo_and_cookie():
  client = Client()
  client.send(request(target='/echo', X_One='1'), h11.EndOfMessage())
  client.expect_answer(b'Host: a\nX-One: 1\n')
  client.next()
  client.send(request(target='/cookie', Cookie='a=1; b=2'), h11.EndOfMessage())
  client.expect_answer(b'a=1\nb=2\n')
  client.socket.close()


for name, test in list(globals().items()):
  if name.startswith('test_'):
    print(name, flush=True)
    test()
