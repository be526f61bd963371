"""Ctrl-C, heard where it is safe.

An exception in the middle of starting a process would leave that process behind.
So a stop signal raises none: it ends the client that is waited for, and check()
raises KeyboardInterrupt at the next step. State is the process's, as signals
are.
"""

import contextlib
import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_asked = False
_client = None  # a pidfd


def install():
  for number in STOP_SIGNALS:
    signal.signal(number, _hear)


def ignore():
  """From now on: what is still to do is soon done."""
  for number in STOP_SIGNALS:
    signal.signal(number, signal.SIG_IGN)


def check():
  if _asked:
    raise KeyboardInterrupt


def _hear(*_):
  global _asked  # pylint: disable=global-statement
  _asked = True
  if _client is not None:
    kill(_client)


def kill(pidfd):
  with contextlib.suppress(ProcessLookupError):  # it has just ended
    signal.pidfd_send_signal(pidfd, signal.SIGKILL)


@contextlib.contextmanager
def ends(pidfd):
  """While the block runs, a stop signal ends this client."""
  global _client  # pylint: disable=global-statement
  _client = pidfd
  try:
    yield
  finally:
    _client = None
