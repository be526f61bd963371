"""What rounds say together, and which sentences they carry."""

import unittest

import findings
from article_ranks import article_text
from catalog import (BARE, CORO, DESIGN, POOL, RIVAL, ROWS, WORKLOADS, Row,
                     Workload)
from runner import Result, in_turn
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
    self.assertIsNone(spread([]))

  def test_is_none_unless_every_round_tells(self):
    self.assertIsNone(spread([None, 2]))
    self.assertIsNone(spread([None]))

  def test_ratios_are_of_the_same_round(self):
    self.assertEqual(ratios([2, 30, None], [1, 10, 5]), [2, 3])
    self.assertEqual(ratios([1], [0]), [])

  def test_a_difference_is_believed_if_every_round_agrees(self):
    self.assertEqual(verdict([2, 3, 4, 5, 6], [1, 2, 3, 4, 5]), MORE)
    self.assertEqual(verdict([1, 2, 3, 4, 5], [2, 3, 4, 5, 6]), LESS)
    self.assertEqual(verdict([2, 3, 4, 5, 6], [1, 2, 5, 4, 5]), SAME)
    self.assertEqual(verdict([2] * 5, [2] * 5), SAME)

  def test_a_small_difference_is_none(self):
    self.assertEqual(verdict([1.01] * 5, [1] * 5), SAME)
    self.assertEqual(verdict([1.03] * 5, [1] * 5), MORE)

  def test_of_few_rounds_nothing_is_believed(self):
    self.assertEqual(verdict([2, 3, 4, 5], [1, 1, 1, 1]), UNKNOWN)


SINGLE = 'rondo_threads0'


def always(name, group, **values):
  """A row that did the same in five rounds."""
  return result(name, group, **{metric: [value] * 5
                                for metric, value in values.items()})


class SentencesTest(unittest.TestCase):

  def _say(self, *results):
    return findings.sentences(list(results))

  def test_ahead_equal_and_behind_are_told_apart(self):
    said = self._say(
        result(SINGLE, POOL, requests_per_second=[10, 11, 12, 10, 11]),
        result('slower', DESIGN, requests_per_second=[5, 6, 7, 5, 6]),
        result('alike', DESIGN, requests_per_second=[9, 12, 12, 9, 12]),
        always('faster', RIVAL, requests_per_second=22))
    self.assertEqual(said, [
        f'w, requests/s: {SINGLE} is ahead of 1 of 3 rows; not told apart by '
        'the spread from alike; BEHIND faster (0.50 of its).'])

  def test_less_cpu_is_better(self):
    said = self._say(always(SINGLE, POOL, cpu_us=1),
                     always('hungry', DESIGN, cpu_us=2))
    self.assertEqual(said,
                     [f'w, CPU a request: {SINGLE} is ahead of 1 of 1 rows.'])

  def test_the_pool_is_its_single_loop_whatever_others_do(self):
    said = self._say(always('rondo_threads2', POOL, requests_per_second=9),
                     always(SINGLE, POOL, requests_per_second=1),
                     always('other', DESIGN, requests_per_second=5))
    self.assertIn(f'{SINGLE} is BEHIND other', said[0])

  def test_who_waits_for_the_client_is_not_compared_in_throughput(self):
    said = self._say(
        always(SINGLE, POOL, requests_per_second=1, cpus=0.5),
        always('idle', DESIGN, requests_per_second=2, cpus=0.6),
        always('busy', DESIGN, requests_per_second=2, cpus=0.99))
    self.assertEqual(said, [
        f'w, requests/s: {SINGLE} is limited by the client, like idle; '
        'BEHIND busy (0.50 of its).'])

  def test_of_few_rounds_nothing_is_said(self):
    said = self._say(result(SINGLE, POOL, cpu_us=[1]),
                     result('other', DESIGN, cpu_us=[2]))
    self.assertIn('fewer than 5 rounds', said[0])

  def test_rows_that_failed_or_had_errors_are_not_compared(self):
    failed = always('failed', DESIGN, cpu_us=2)
    failed.fail('failed', 'it broke')
    wrong = always('wrong', DESIGN, cpu_us=2, errors=1)
    self.assertEqual(self._say(always(SINGLE, POOL, cpu_us=1), failed, wrong),
                     ['w: wrong had errors and is not compared.'])

  def test_who_does_not_keep_up_is_named(self):
    said = self._say(always('slow', DESIGN, late=0.5))
    self.assertIn('slow did not keep up with 100 requests a second', said[0])


class GoalsTest(unittest.TestCase):

  def _outcomes(self, *results):
    return [(goal.most, goal.outcome) for goal in findings.goals(results)]

  def test_are_met_or_missed(self):
    self.assertEqual(
        self._outcomes(always('bare_epoll', BARE, cpu_us=1),
                       always(SINGLE, POOL, cpu_us=1.05),
                       always('rondo_coro_threads0', CORO, cpu_us=1.1)),
        [(1.10, findings.MET), (1.03, findings.MISSED)])

  def test_a_miss_that_not_every_round_saw_is_open(self):
    self.assertEqual(
        self._outcomes(
            always('bare_epoll', BARE, cpu_us=1),
            result(SINGLE, POOL, cpu_us=[1.05, 1.2, 1.2, 1.2, 1.2])),
        [(1.10, findings.OPEN)])

  def test_a_goal_that_not_every_round_met_is_open(self):
    self.assertEqual(
        self._outcomes(
            always('bare_epoll', BARE, cpu_us=1),
            result(SINGLE, POOL, cpu_us=[1.05, 1.05, 1.05, 1.05, 1.2])),
        [(1.10, findings.OPEN)])

  def test_what_was_not_measured_is_said(self):
    select1 = next(workload for workload in WORKLOADS
                   if workload.protocol == 'select1')
    alone = always('rondo_mysql', POOL, cpu_us=1)
    alone.workload = select1
    self.assertEqual(self._outcomes(alone), [(1.10, findings.UNMEASURED)])
    self.assertEqual(
        self._outcomes(always('bare_epoll', BARE, cpu_us=1, errors=1),
                       always(SINGLE, POOL, cpu_us=1)),
        [(1.10, findings.UNMEASURED)])
    self.assertIn('bare_epoll failed or had errors', findings.sentences(
        [always('bare_epoll', BARE, cpu_us=1, errors=1),
         always(SINGLE, POOL, cpu_us=1)])[0])

  def test_of_rows_that_nobody_asked_for_nothing_is_said(self):
    self.assertEqual(self._outcomes(always(SINGLE, POOL, cpu_us=1)), [])

  def test_few_rounds_leave_them_open(self):
    self.assertEqual(
        self._outcomes(result('bare_epoll', BARE, cpu_us=[1]),
                       result(SINGLE, POOL, cpu_us=[1])),
        [(1.10, findings.OPEN)])


class ArticleTest(unittest.TestCase):

  def _results(self, **requests_per_second):
    rows = {row.name: row for row in ROWS}
    hello = next(workload for workload in WORKLOADS
                 if workload.name == 'hello_close')
    results = []
    for name, value in requests_per_second.items():
      results.append(Result(hello, rows[name]))
      results[-1].runs = [{'requests_per_second': value}] * 5
    return results

  def test_figures_have_their_ranks(self):
    for row, text in (('epoll_loop',
                       '7,200 kqueue (2 of 7), 6,100 selectors (3 of 7)'),
                      ('nginx', '')):
      with self.subTest(row):
        results = self._results(**{row: 1})
        self.assertEqual(article_text(results[0], results), text)

  def test_ranks_are_among_rows_of_the_same_language(self):
    results = self._results(poll_loop=3, epoll_loop=2, poll_generators=4,
                            py_bare_poll=9, py_bare_epoll=8, nginx=99)
    texts = {result.row.name: article_text(result, results)
             for result in results}
    for row, ranks in (('poll_loop', '; of 3 rows 1 there, 2 here'),
                       ('epoll_loop', '; of 3 rows 2 there, 3 here'),
                       ('poll_generators', '; of 3 rows 3 there, 1 here'),
                       ('py_bare_poll', '; of 2 rows 1 there, 1 here')):
      self.assertTrue(texts[row].endswith(ranks), texts[row])
    self.assertEqual(texts['nginx'], '')

  def test_those_whom_the_spread_does_not_tell_apart_are_level(self):
    results = self._results(poll_loop=100, epoll_loop=101)
    for result in results:
      self.assertTrue(article_text(result, results).endswith('1 here'))

  def test_rows_with_errors_have_no_rank(self):
    results = self._results(poll_loop=3, epoll_loop=2, poll_generators=4)
    results[2].runs = [{'requests_per_second': 4, 'errors': 1}] * 5
    texts = [article_text(result, results) for result in results]
    self.assertTrue(texts[0].endswith('; of 2 rows 1 there, 1 here'))
    self.assertNotIn('here', texts[2])


class OrderTest(unittest.TestCase):

  def test_each_round_has_all_rows_in_another_order(self):
    results = [result(str(i), DESIGN) for i in range(20)]
    rounds = [in_turn(results, turn) for turn in range(2)]
    self.assertNotEqual(*rounds)
    for turn in rounds:
      self.assertCountEqual(turn, results)

  def test_those_whose_ratio_is_a_goal_follow_each_other(self):
    results = [result(str(i), DESIGN) for i in range(20)]
    goal = [result(name, POOL) for name in
            ('bare_epoll', 'rondo_threads0', 'rondo_coro_threads0')]
    for turn in range(5):
      order = in_turn([goal[0], *results, *goal[1:]], turn)
      where = sorted(order.index(row) for row in goal)
      self.assertEqual(where, list(range(where[0], where[0] + 3)))


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
