"""What rounds say together, and which sentences they carry."""

import unittest

import findings
from catalog import DESIGN, POOL, POOL_ROW, RIVAL, Row, Workload
from runner import Result
from spread import (LESS, MORE, SAME, UNKNOWN, Spread, ratios, spread, verdict)

WORKLOAD = Workload('w', 'a workload', 'close', 'ab', 10, 100)


def result(name, group, **values):
  """A row that did `values`, {metric: one a round}."""
  made = Result(WORKLOAD, Row(name, group, {'close': name}))
  made.runs = [dict(zip(values, run)) for run in zip(*values.values())]
  return made


class SpreadTest(unittest.TestCase):

  def test_is_median_lowest_and_highest(self):
    self.assertEqual(spread([5, 1, 3]), Spread(3, 1, 5))
    self.assertEqual(spread([None, 2]), Spread(2, 2, 2))
    self.assertIsNone(spread([None]))

  def test_ratios_are_of_the_same_round(self):
    self.assertEqual(ratios([2, 30, None], [1, 10, 5]), [2, 3])
    self.assertEqual(ratios([1], [0]), [])

  def test_a_difference_is_believed_if_every_round_agrees(self):
    self.assertEqual(verdict([2, 3, 4], [1, 2, 3]), MORE)
    self.assertEqual(verdict([1, 2, 3], [2, 3, 4]), LESS)
    self.assertEqual(verdict([2, 3, 4], [1, 2, 5]), SAME)
    self.assertEqual(verdict([2, 2, 2], [2, 2, 2]), SAME)

  def test_of_few_rounds_nothing_is_believed(self):
    self.assertEqual(verdict([2, 3], [1, 2]), UNKNOWN)


class SentencesTest(unittest.TestCase):

  def _say(self, *results):
    return findings.sentences(list(results))

  def test_ahead_equal_and_behind_are_told_apart(self):
    said = self._say(
        result(POOL_ROW, POOL, requests_per_second=[10, 11, 12]),
        result('slower', DESIGN, requests_per_second=[5, 6, 7]),
        result('alike', DESIGN, requests_per_second=[9, 12, 12]),
        result('faster', RIVAL, requests_per_second=[20, 22, 24]))
    self.assertEqual(said, [
        f'w, requests/s: {POOL_ROW} is ahead of 1 of 3 rows; not told apart by '
        'the spread from alike; BEHIND faster (0.50 of its).'])

  def test_less_cpu_is_better(self):
    said = self._say(result(POOL_ROW, POOL, cpu_us=[1, 1, 1]),
                     result('hungry', DESIGN, cpu_us=[2, 2, 2]))
    self.assertEqual(said,
                     [f'w, CPU a request: {POOL_ROW} is ahead of 1 of 1 rows.'])

  def test_throughput_is_of_the_best_number_of_loops(self):
    said = self._say(
        result(POOL_ROW, POOL, requests_per_second=[1, 1, 1]),
        result('rondo_threads2', POOL, requests_per_second=[9, 9, 9]),
        result('other', DESIGN, requests_per_second=[5, 5, 5]))
    self.assertIn('rondo_threads2 is ahead', said[0])

  def test_cpu_is_of_the_single_loop(self):
    said = self._say(
        result(POOL_ROW, POOL, cpu_us=[2, 2, 2]),
        result('rondo_threads2', POOL, cpu_us=[1, 1, 1]),
        result('other', DESIGN, cpu_us=[1.5, 1.5, 1.5]))
    self.assertIn(f'{POOL_ROW} is BEHIND other', said[0])

  def test_of_few_rounds_nothing_is_said(self):
    said = self._say(result(POOL_ROW, POOL, cpu_us=[1]),
                     result('other', DESIGN, cpu_us=[2]))
    self.assertIn('too few rounds', said[0])

  def test_failed_rows_are_not_compared(self):
    failed = result('failed', DESIGN, cpu_us=[2, 2, 2])
    failed.fail('failed', 'it broke')
    self.assertEqual(
        self._say(result(POOL_ROW, POOL, cpu_us=[1, 1, 1]), failed), [])


class CallDifferencesTest(unittest.TestCase):

  def test_are_the_largest_first_without_the_small(self):
    ours, theirs = result('a', POOL), result('b', DESIGN)
    ours.calls = {'read': 1.0, 'write': 1.0, 'epoll_ctl': 2.0}
    theirs.calls = {'read': 1.01, 'write': 2.0, 'poll': 1.5}
    self.assertEqual(findings.call_differences(ours, theirs),
                     [('epoll_ctl', 2.0, 0), ('poll', 0, 1.5),
                      ('write', 1.0, 2.0)])


if __name__ == '__main__':
  unittest.main()
