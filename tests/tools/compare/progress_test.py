"""What is seen while the comparison runs."""

import io
import unittest

from progress import Progress, duration


class Out(io.StringIO):

  def __init__(self, terminal):
    super().__init__()
    self._terminal = terminal

  def isatty(self):
    return self._terminal


class ProgressTest(unittest.TestCase):

  def setUp(self):
    self.time = 0

  def _progress(self, out):
    return Progress(4, out, now=lambda: self.time)

  def test_a_line_a_run_where_there_is_no_terminal(self):
    out = Out(False)
    progress = self._progress(out)
    progress.step('a')
    progress.done('a', 'good')
    progress.done('b', 'bad')
    self.assertEqual(out.getvalue(), '1/4 a: good\n2/4 b: bad\n')

  def test_a_bar_with_the_time_left_on_a_terminal(self):
    out = Out(True)
    progress = self._progress(out)
    progress.step('a')
    self.assertNotIn('left', out.getvalue())  # nobody can know
    self.time = 30
    progress.done('a', 'good')
    progress.step('b')
    last = out.getvalue().split('\r')[-1]
    self.assertIn('1/4, 1 min 30 s left: b', last)
    self.assertEqual(last.count('█'), 6)
    self.assertNotIn('\n', out.getvalue())

  def test_lines_do_not_run_into_the_bar(self):
    out = Out(True)
    progress = self._progress(out)
    progress.step('a')
    progress.line('read this')
    self.assertTrue(out.getvalue().endswith('\r\x1b[Kread this\n'))


class DurationTest(unittest.TestCase):

  def test_reads_well(self):
    self.assertEqual(duration(9.6), '10 s')
    self.assertEqual(duration(60), '1 min 00 s')
    self.assertEqual(duration(3_605), '60 min 05 s')


if __name__ == '__main__':
  unittest.main()
