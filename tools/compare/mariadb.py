"""A MariaDB server of one's own, for as long as its block runs."""

import os
import socket
import subprocess
import tempfile
import time

from programs import system_program

START_SECONDS = 60
END_SECONDS = 10

# Without grant tables it needs none of the files that an installation makes,
# and lets in whoever reaches its socket.
_SMALL = ('--skip-grant-tables', '--skip-networking', '--skip-log-bin',
          '--innodb-buffer-pool-size=16M', '--innodb-log-file-size=8M',
          '--innodb-flush-log-at-trx-commit=0', '--max-connections=500')


class MariaDb:
  """Listens on a unix socket, `socket`, in a directory that goes with it.

  Any user may ask, without a password. It runs on `cpus`.
  """

  def __init__(self, cpus):
    self._cpus = cpus
    self._directory = None
    self._process = None
    self.socket = None

  def __enter__(self):
    # Under /tmp, for a socket's path has at most 107 bytes (unix(7)).
    self._directory = tempfile.TemporaryDirectory(prefix='mariadb-', dir='/tmp')
    data = os.path.join(self._directory.name, 'data')
    self.socket = os.path.join(self._directory.name, 'socket')
    log = os.path.join(self._directory.name, 'log')
    try:
      os.mkdir(data)
      self._process = subprocess.Popen(
          [system_program('mariadbd'), '--no-defaults', f'--datadir={data}', *_SMALL,
           *_as_user(), f'--socket={self.socket}', f'--log-error={log}'],
          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
          stderr=subprocess.DEVNULL, start_new_session=True)
      os.sched_setaffinity(self._process.pid, self._cpus)
      self._await(log)
    except BaseException:
      self.__exit__()
      raise
    return self

  def __exit__(self, *_):
    if self._process is not None:
      self._process.terminate()
      try:
        self._process.wait(END_SECONDS)
      except subprocess.TimeoutExpired:
        self._process.kill()
        self._process.wait()
      self._process = None
    self._directory.cleanup()

  def _await(self, log):
    """Until it accepts connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and self._process.poll() is None:
      with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(self.socket) == 0:
          return
      time.sleep(0.05)  # it has no other way to tell
    with open(log, encoding='utf-8', errors='replace') as file:
      raise OSError(f'mariadbd does not start: {file.read()[-500:]}')


def _as_user():
  # mariadbd refuses to run as root unless told to.
  return ['--user=root'] if os.geteuid() == 0 else []
