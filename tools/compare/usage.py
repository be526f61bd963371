"""What a process uses: CPU time, context switches, memory, system calls."""

import glob
import re
import signal
import subprocess

STRACE_PATIENCE_SECONDS = 10


def _read(path):
  try:
    with open(path, encoding='ascii', errors='replace') as file:
      return file.read()
  except (FileNotFoundError, ProcessLookupError):
    return ''  # it has just ended


def cpu_seconds(pid):
  """User and system time of all living threads."""
  texts = [_read(path) for path in glob.glob(f'/proc/{pid}/task/*/schedstat')]
  return sum(int(text.split()[0]) for text in texts if text) / 1e9


def context_switches(pid):
  texts = [_read(path) for path in glob.glob(f'/proc/{pid}/task/*/status')]
  return sum(int(count) for text in texts
             for count in re.findall(r'ctxt_switches:\s+(\d+)', text))


def peak_memory_mib(pid):
  """The most that was resident."""
  found = re.search(r'VmHWM:\s+(\d+) kB', _read(f'/proc/{pid}/status'))
  return int(found.group(1)) / 1024 if found else 0


# --- System calls. ------------------------------------------------------------


def parse_strace(text):
  """{name: calls} of the table that `strace -c` prints."""
  calls = {}
  for line in text.splitlines():
    # % time, seconds, usecs/call, calls, errors (or nothing), name
    found = re.match(r'\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$',
                     line)
    if found and found.group(2) != 'total':
      calls[found.group(2)] = int(found.group(1))
  return calls


class SystemCalls:
  """Counts the calls of a process while its block runs: .calls, by name.

  It runs many times slower meanwhile.
  """

  def __init__(self, pid):
    self.calls = {}
    self._pid = pid
    self._strace = None

  def __enter__(self):
    self._strace = subprocess.Popen(
        ['strace', '-c', '-f', '-p', str(self._pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True)
    # It says when it has the process.
    line = self._strace.stderr.readline()
    if 'attached' not in line:
      self.__exit__()
      raise OSError(f'strace cannot count system calls: {line.strip()}')
    return self

  def __exit__(self, *_):
    self._strace.send_signal(signal.SIGINT)
    try:
      _, told = self._strace.communicate(timeout=STRACE_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
      self._strace.kill()
      _, told = self._strace.communicate()
    self.calls = parse_strace(told)
