"""What the originals have in common: flags, listening, replies, the end.

A server that waits for itself is

  args, listener, stop = common.start(__doc__)

and serves until the descriptor `stop` is readable: SIGINT or SIGTERM has come.
One that runs on asyncio is a coroutine, given to run_asyncio().

Exit codes: 0 after a signal; 1 for wrong flags; 2 for an address, a database or
a package that cannot be had.
"""

import argparse
import asyncio
import contextlib
import errno
import os
import resource
import signal
import socket
import sys
import threading

BACKLOG = 4096
READ_BYTES = 64 * 1024
MAX_HEAD_BYTES = 8 * 1024

HEAD_END = b'\r\n\r\n'
# Byte for byte what `examples/hello --close` says.
TOO_LONG = (b'HTTP/1.1 431 Request Header Fields Too Large\r\n'
            b'Connection: close\r\nContent-Length: 0\r\n\r\n')


def http_reply(body, status='200 OK'):
  return (f'HTTP/1.1 {status}\r\nConnection: close\r\n'
          f'Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n'
          '\r\n').encode() + body


HELLO = http_reply(b'hello world\n')

# What comes after an answer.
GO_ON = 0  # There may be more to answer.
CLOSE = 1  # The connection ends when the answer has been sent.
# The same, but the peer has sent more than was asked for. To close would answer
# that by a reset, which can destroy the answer (RFC 9112, 9.6): shut down for
# writing, and throw away what comes until the peer ends.
LINGER = 2


class Hello:
  """One connection's HTTP: one request up to its blank line, one answer."""

  def __init__(self):
    self._head = b''

  def answer(self, data):
    """What to send now that `data` has come, and what comes after it."""
    self._head += data
    end = self._head.find(HEAD_END)
    if end < 0:
      if len(self._head) <= MAX_HEAD_BYTES:
        return b'', GO_ON
      return TOO_LONG, LINGER
    over = end + len(HEAD_END) < len(self._head)
    return HELLO, LINGER if over else CLOSE


class Upper:
  """All bytes, ASCII letters in upper case, until the peer ends."""

  def answer(self, data):
    return data.upper(), GO_ON


PROTOCOLS = {'hello': Hello, 'upper': Upper}


class Connection:
  """A non-blocking socket and its side of the protocol.

  How to wait is all that is left to a server: it calls proceed() when the
  socket is writable, if wants_to_write(), and else when it is readable. What
  the socket does not take is kept, and nothing is read meanwhile.
  """

  __slots__ = ('sock', '_protocol', '_output', '_after')

  def __init__(self, sock, protocol):
    sock.setblocking(False)
    self.sock = sock
    self._protocol = protocol
    self._output = b''
    self._after = GO_ON

  def fileno(self):
    return self.sock.fileno()

  def wants_to_write(self):
    return bool(self._output)

  def proceed(self):
    """Does what need not wait. False when it is over, and closed."""
    try:
      if not self._output and not self._receive():
        going = False
      else:
        going = self._send()
    except BlockingIOError:
      return True
    except OSError:  # The peer is gone.
      going = False
    if not going:
      self.sock.close()
    return going

  def _receive(self):
    data = self.sock.recv(READ_BYTES)
    if self._after == GO_ON and data:
      self._output, self._after = self._protocol.answer(data)
    return bool(data)

  def _send(self):
    if not self._output:
      return True
    sent = self.sock.send(self._output)
    self._output = self._output[sent:]
    if self._output or self._after == GO_ON:
      return True
    if self._after == LINGER:
      self.sock.shutdown(socket.SHUT_WR)
    return self._after == LINGER


class Listener(socket.socket):
  """A non-blocking listening socket.

  Without descriptors accept() drops a connection, and says so the first time:
  left in the queue it would wake whoever waits for the listener again and
  again. asyncio and Tornado, which call it themselves, meet the end of the
  queue then.
  """

  def __init__(self, host, port):
    super().__init__(socket.AF_INET, socket.SOCK_STREAM)
    self._lock = threading.Lock()  # Of the spare one.
    self._spare = open(os.devnull, 'rb')
    self._has_dropped = False
    self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Linux hands this down to what is accepted.
    self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    self.setblocking(False)
    self.bind((host, port))
    self.listen(BACKLOG)

  def accept(self):
    try:
      return super().accept()
    except OSError as error:
      if error.errno not in (errno.EMFILE, errno.ENFILE):
        raise
    self._drop_one()
    raise BlockingIOError(errno.EAGAIN, 'a connection was dropped')

  def _drop_one(self):
    # The peer may be gone, and another thread may take the descriptor first.
    with self._lock, contextlib.suppress(OSError):
      try:
        self._spare.close()
        super().accept()[0].close()
        self._tell()
      finally:
        self._spare = open(os.devnull, 'rb')

  def _tell(self):
    if not self._has_dropped:
      limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
      print(f'{program_name()}: all {limit} descriptors are in use: who '
            'connects now is dropped', file=sys.stderr, flush=True)
    self._has_dropped = True

  def accept_one(self):
    """A socket, or None: the peer is gone, or there are no descriptors."""
    try:
      return self.accept()[0]
    except OSError:
      return None


# --- Flags. -------------------------------------------------------------------


def fail(code, message):
  """Ends the program with a line that says why."""
  print(f'{program_name()}: {message}', file=sys.stderr)
  sys.exit(code)


def fail_without(package):
  fail(2, f"{package} is not installed, or this is another Python than "
       "Debian's: tools/setup --compare, and /usr/bin/python3")


def program_name():
  return os.path.splitext(os.path.basename(sys.argv[0]))[0]


class Parser(argparse.ArgumentParser):

  def error(self, message):
    fail(1, f'{message}; see --help')


def number_in(kind, lowest, highest):
  def parse(text):
    try:
      value = kind(text)
    except ValueError:
      value = None
    if value is None or not lowest <= value <= highest:
      raise argparse.ArgumentTypeError(
          f'{text!r}: must be from {lowest} to {highest}')
    return value
  return parse


def make_parser(doc):
  parser = Parser(description=doc, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--host', default='127.0.0.1',
                      help='IPv4 address; default 127.0.0.1')
  parser.add_argument('--port', type=number_in(int, 0, 65535), default=8080,
                      help='default 8080; 0 lets the system choose')
  return parser


def add_protocol(parser, names=('hello', 'upper')):
  parser.add_argument(
      '--protocol', choices=names, default=names[0],
      help='hello: HTTP, "hello world", and close; upper: echo in upper case; '
      f'default {names[0]}')


def add_threads(parser, default, meaning):
  parser.add_argument('--threads', type=number_in(int, 1, 16384),
                      default=default, help=f'{meaning}; default {default}')


# --- Starting and stopping. ---------------------------------------------------


def allow_descriptors(number=None):
  """As many as that, or as the hard limit does."""
  limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
  resource.setrlimit(resource.RLIMIT_NOFILE, (number or limit, limit))


def listen(args, most_descriptors=None):
  """The listening socket; ends the program if it cannot be had."""
  allow_descriptors(most_descriptors)
  try:
    return Listener(args.host, args.port)
  except OSError as error:
    fail(2, f'cannot listen on {args.host}:{args.port}: {error.strerror}; '
         'choose another --port (0: any that is free) or --host')


def announce(listener, args):
  """Prints the line that tells clients where to go."""
  host, port = listener.getsockname()
  what = f' protocol={args.protocol}' if 'protocol' in args else ''
  print(f'{program_name()} listening on {host}:{port}{what}', flush=True)


def stop_socket():
  """A socket that is readable once SIGINT or SIGTERM has come."""
  readable, written = socket.socketpair()
  written.setblocking(False)
  signal.set_wakeup_fd(written.detach())
  for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: None)
  return readable


def start(doc, add_flags=add_protocol, most_descriptors=None):
  """The flags, the listening socket, and what is readable at the end."""
  parser = make_parser(doc)
  add_flags(parser)
  args = parser.parse_args()
  listener = listen(args, most_descriptors)
  stop = stop_socket()
  announce(listener, args)
  return args, listener, stop


def run_asyncio(serve, args):
  """Awaits serve(listener, args), which returns a server; lets it serve until
  SIGINT or SIGTERM.
  """
  async def run():
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
      asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener = listen(args)
    _server = await serve(listener, args)  # Lives as long as this.
    announce(listener, args)
    await stop.wait()
    # What is open ends with the process. An orderly end, with requests and
    # queries under way, would be longer than the server.
    os._exit(0)

  asyncio.run(run())
