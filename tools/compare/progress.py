"""How far the comparison is: a bar on a terminal, else a line for each run."""

import shutil
import sys
import time

_BAR_WIDTH = 24


def duration(seconds):
  minutes, seconds = divmod(round(seconds), 60)
  return f'{minutes} min {seconds:02} s' if minutes else f'{seconds} s'


class Progress:
  """Threading: one thread. Writes to `out`, standard error by default."""

  def __init__(self, total, out=None, now=time.monotonic):
    self._total = total
    self._out = out or sys.stderr
    self._now = now
    self._start = now()
    self._done = 0

  def step(self, what):
    """A run begins."""
    if self._out.isatty():
      self._draw(what)

  def done(self, what, outcome):
    """A run has ended."""
    self._done += 1
    if not self._out.isatty():
      print(f'{self._done}/{self._total} {what}: {outcome}', file=self._out,
            flush=True)

  def failed(self, what, why):
    """A run has ended badly: that is seen on a terminal too."""
    self.done(what, f'failed: {why}')
    if self._out.isatty():
      self.line(f'{what} failed: {why}')

  def line(self, text):
    """Something to read, above the bar."""
    self._clear()
    print(text, file=self._out, flush=True)

  def close(self):
    self._clear()

  def left(self):
    """Seconds, if what is left is like what was; None at the beginning."""
    if self._done == 0:
      return None
    passed = self._now() - self._start
    return passed / self._done * (self._total - self._done)

  def _draw(self, what):
    filled = _BAR_WIDTH * self._done // max(self._total, 1)
    bar = '█' * filled + '░' * (_BAR_WIDTH - filled)
    left = self.left()
    left = '' if left is None else f', {duration(left)} left'
    text = f'{bar} {self._done}/{self._total}{left}: {what}'
    # A line that wraps could not be drawn over.
    width = shutil.get_terminal_size().columns - 1
    self._out.write('\r\x1b[K' + text[:width])
    self._out.flush()

  def _clear(self):
    if self._out.isatty():
      self._out.write('\r\x1b[K')
      self._out.flush()
