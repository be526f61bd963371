"""Finds, starts, pins and ends the programs that ratios.py compares."""

import glob
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

START_SECONDS = 10  # For a server to print its line, and for it to end.


class UsageError(Exception):
  """Wrong flags or a missing program: exit code 1."""


class RunError(Exception):
  """A server or client failed: exit code 2."""


# --- Programs. ----------------------------------------------------------------


def built(path):
  """The optimised build of `path`, whatever mode was built last."""
  top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
  found = glob.glob(os.path.join(top, 'bazel-out', '*-opt', 'bin', path))
  if not found:
    package, name = os.path.split(path)
    raise UsageError(f'{path} is not built; build it with\n'
                     f'  bazel build -c opt //{package}:{name}')
  return os.path.relpath(max(found, key=os.path.getmtime))


def program(name):
  """The path of a program of the system."""
  path = shutil.which(name)
  if path is None:
    raise UsageError(f'{name} is not installed')
  return path


def pinned(cpus, command):
  """`command` (a list), kept to `cpus` unless that is None."""
  return command if cpus is None else [program('taskset'), '-c', cpus] + command


# --- Servers. -----------------------------------------------------------------


class Server:
  """A server that is started, measured and ended; one row of the table."""

  def __init__(self, name, command, cpus):
    self.name = name
    self.command = shlex.split(command)
    self.samples = []
    self.port = None
    self._cpus = cpus
    self._process = None
    self._errors = None
    if not self.command or shutil.which(self.command[0]) is None:
      raise UsageError(f'{name}={command}: no such program')

  def start(self):
    """Starts it and waits for the line that tells the port."""
    if self._process is not None:
      return
    self._errors = tempfile.TemporaryFile()
    # A session of its own, so that Ctrl-C ends it through stop() alone. The
    # process stays the one started: taskset executes the command in its place.
    self._process = subprocess.Popen(
        pinned(self._cpus, self.command), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True)
    line = self._first_line()
    # Not `:1` of `[::1]:8080`.
    port = re.search(r':(\d+)(?=\s|$)', line)
    if port is None:
      self.fail(f'expected a first line with :PORT, got {line!r}')
    self.port = int(port.group(1))
    threading.Thread(target=self._process.stdout.read, daemon=True).start()

  def stop(self):
    """Ends it, by force if it does not end when asked."""
    if self._process is None:
      return
    self._process.terminate()
    try:
      self._process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
      print(f'{self.name}: did not end on SIGTERM, killed', file=sys.stderr)
      self._process.kill()
      self._process.wait()
    self._process = None

  def pid(self):
    if self._process.poll() is not None:
      self.fail(f'ended with code {self._process.returncode}')
    return self._process.pid

  def cpu_ns(self):
    """CPU time of all its living threads."""
    total = 0
    for path in glob.glob(f'/proc/{self.pid()}/task/*/schedstat'):
      try:
        with open(path, encoding='ascii') as file:
          total += int(file.read().split()[0])
      except (FileNotFoundError, ProcessLookupError):
        pass  # The thread has just ended.
    return total

  def fail(self, why):
    self._errors.seek(0)
    told = self._errors.read().decode(errors='replace').strip()
    told = '\n'.join(told.splitlines()[-5:])
    raise RunError(f'{self.name}: {why}\n  command: '
                   f'{shlex.join(self.command)}\n{told}'.rstrip())

  def _first_line(self):
    deadline = time.monotonic() + START_SECONDS
    line = b''
    fd = self._process.stdout.fileno()
    while b'\n' not in line:
      left = deadline - time.monotonic()
      if left <= 0 or not select.select([fd], [], [], left)[0]:
        self.fail(f'printed no line within {START_SECONDS} seconds')
      chunk = os.read(fd, 4096)
      if not chunk:
        self._process.wait()
        self.fail(f'ended with code {self._process.returncode}')
      line += chunk
    return line.decode(errors='replace').splitlines()[0]
