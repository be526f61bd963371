"""What the figures carry: where the pool is first, and what the rest say."""

from collections import namedtuple

from catalog import POOL, SINGLE_LOOP_ROWS
from metrics import BY_NAME
from runner import OK
from spread import LESS, MORE, SAME, UNKNOWN, verdict

# One row beside the pool's: who is ahead in a metric.
AHEAD, BEHIND, EQUAL, UNCERTAIN = 'ahead', 'behind', 'equal', 'uncertain'
Comparison = namedtuple('Comparison', 'workload metric pool other outcome ratio')

COMPARED = ('requests_per_second', 'cpu_us', 'seconds')


def best_pool(results, metric):
  """The pool's row that a user would pick: with callbacks, best in median."""
  rows = [result for result in results if result.status == OK and
          result.row.group == POOL and result.spread(metric) is not None]
  if not rows:
    return None
  better = BY_NAME[metric].better
  return max(rows, key=lambda result: better * result.spread(metric).median)


def compare(pool, other, metric):
  ours, theirs = pool.values(metric), other.values(metric)
  said = verdict(ours, theirs)
  if said == UNKNOWN:
    outcome = UNCERTAIN
  elif said == SAME:
    outcome = EQUAL
  else:
    more_is_better = BY_NAME[metric].better > 0
    outcome = AHEAD if (said == MORE) == more_is_better else BEHIND
  return Comparison(pool.workload, metric, pool, other, outcome,
                    pool.ratio(metric, other))


def compare_all(results):
  """The pool beside every row that is not its own, workload by workload.

  Throughput of the best number of loops; CPU time of the single loop, which no
  number of loops makes better.
  """
  comparisons = []
  for workload in dict.fromkeys(result.workload for result in results):
    of_workload = [result for result in results
                   if result.workload is workload and result.status == OK]
    for metric in COMPARED:
      pool = _pool_for(of_workload, metric)
      if pool is None:
        continue
      comparisons += [
          compare(pool, other, metric) for other in of_workload
          if not other.row.group.startswith('Rondo') and
          other.spread(metric) is not None]
  return comparisons


def _pool_for(results, metric):
  if metric == 'cpu_us':
    single = [result for result in results if result.spread(metric) is not None
              and result.row.name in SINGLE_LOOP_ROWS]
    if single:
      return single[0]
  return best_pool(results, metric)


def sentences(results):
  """What may be said of these figures, and no more."""
  comparisons = compare_all(results)
  said = []
  for workload in dict.fromkeys(c.workload for c in comparisons):
    for metric in COMPARED:
      some = [c for c in comparisons
              if c.workload is workload and c.metric == metric]
      if some:
        said.append(_sentence(workload, BY_NAME[metric], some))
  return said


def _sentence(workload, metric, comparisons):
  pool = comparisons[0].pool.row.name
  by_outcome = {outcome: [c.other.row.name for c in comparisons
                          if c.outcome == outcome]
                for outcome in (AHEAD, EQUAL, BEHIND, UNCERTAIN)}
  parts = []
  if by_outcome[AHEAD]:
    parts.append(f'ahead of {len(by_outcome[AHEAD])} of {len(comparisons)} '
                 'rows')
  if by_outcome[EQUAL]:
    parts.append('not told apart by the spread from ' +
                 ', '.join(by_outcome[EQUAL]))
  if by_outcome[BEHIND]:
    parts.append('BEHIND ' + ', '.join(
        f'{c.other.row.name} ({c.ratio.median:.2f} of its)'
        for c in comparisons if c.outcome == BEHIND))
  if by_outcome[UNCERTAIN]:
    return (f'{workload.name}, {metric.title}: too few rounds to say how {pool} '
            'compares.')
  return f'{workload.name}, {metric.title}: {pool} is ' + '; '.join(parts) + '.'


def call_differences(ours, theirs, least=0.05):
  """[(name, ours, theirs)] of system calls a request, the largest first."""
  names = set(ours.calls) | set(theirs.calls)
  rows = [(name, ours.calls.get(name, 0), theirs.calls.get(name, 0))
          for name in names]
  rows = [row for row in rows if abs(row[1] - row[2]) >= least]
  return sorted(rows, key=lambda row: -abs(row[1] - row[2]))
