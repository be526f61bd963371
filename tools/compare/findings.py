"""What the figures carry: the goals, where the pool is first, and what of the
rest can be said."""

from collections import namedtuple

from catalog import BASELINE, CORO, POOL, ROWS, SINGLE_LOOP_ROWS
from metrics import BY_NAME
from runner import OK
from spread import LESS, MIN_ROUNDS, MORE, UNKNOWN, verdict

# One row beside the pool's: who is ahead in a metric. LIMITED: nobody can say,
# for both waited for the client.
AHEAD, BEHIND, EQUAL, LIMITED, UNCERTAIN = (
    'ahead', 'behind', 'equal', 'limited', 'uncertain')
Comparison = namedtuple('Comparison',
                        'workload metric pool other outcome ratio')

COMPARED = ('requests_per_second', 'cpu_us', 'p99_us', 'seconds')
# A server that keeps less of its first CPU busy than this waits for its client.
BUSY_CPUS = 0.85


def _by_workload(results):
  return [(workload, [result for result in results
                      if result.workload is workload])
          for workload in dict.fromkeys(result.workload for result in results)]


# --- The pool beside all others. ----------------------------------------------


def _single_loop(results, metric):
  """The pool with one loop: the same row whatever the figures are."""
  for result in results:
    if result.row.name in SINGLE_LOOP_ROWS and result.is_good(metric):
      return result
  return None


def compare(pool, other, metric):
  said = verdict(pool.values(metric), other.values(metric))
  more_is_better = BY_NAME[metric].better > 0
  if said == UNKNOWN:
    outcome = UNCERTAIN
  elif metric == 'requests_per_second' and _waits(pool) and _waits(other):
    outcome = LIMITED
  elif said in (MORE, LESS):
    outcome = AHEAD if (said == MORE) == more_is_better else BEHIND
  else:
    outcome = EQUAL
  return Comparison(pool.workload, metric, pool, other, outcome,
                    pool.ratio(metric, other))


def _waits(result):
  busy = result.spread('cpus')
  return busy is not None and busy.median < BUSY_CPUS


def compare_all(results):
  """The pool with one loop beside every row that is not Rondo's."""
  comparisons = []
  for _, of_workload in _by_workload(results):
    for metric in COMPARED:
      pool = _single_loop(of_workload, metric)
      if pool is not None:
        comparisons += [
            compare(pool, other, metric) for other in of_workload
            if other.row.group not in (POOL, CORO) and other.is_good(metric)]
  return comparisons


# --- The goals. ---------------------------------------------------------------

# The pool's single loop, in CPU time to the bare loop's; coroutines', to those
# of callbacks, where the article lost 31 %.
MOST_TO_BARE = 1.10
MOST_TO_CALLBACKS = 1.03
# Requests of a client from which on its own start does not count any more.
MANY = 1_000
MET, MISSED, OPEN, UNMEASURED = (
    'met', 'missed', 'not carried by the spread', 'not measured')
# ratio: None, and `why` there is none, of an UNMEASURED one.
Goal = namedtuple('Goal', 'workload text most ratio outcome why',
                  defaults=(None,))


def goals(results):
  found = []
  for workload, of_workload in _by_workload(results):
    if workload.client == 'row' and workload.size < MANY:
      continue
    rows = {result.row.name: result for result in of_workload}
    for single, coroutines in SINGLE_LOOP_ROWS.items():
      if single in rows and (BASELINE in rows or not _has_bare(workload)):
        found.append(_goal(workload, 'the single loop to the bare loop',
                           MOST_TO_BARE, rows[single], rows.get(BASELINE)))
      if single in rows and coroutines in rows:
        found.append(_goal(workload, 'coroutines to callbacks',
                           MOST_TO_CALLBACKS, rows[coroutines], rows[single]))
  return found


def _has_bare(workload):
  return any(row.name == BASELINE and workload.protocol in row.commands
             for row in ROWS)


def _goal(workload, text, most, ours, theirs):
  """It is met or missed if every one of enough rounds says so."""
  if theirs is None:
    return Goal(workload, text, most, None, UNMEASURED, 'there is none for this workload')
  for result in (ours, theirs):
    if not result.is_good('cpu_us'):
      return Goal(workload, text, most, None, UNMEASURED,
                  f'{result.row.name} failed or had errors')
  ratio = ours.ratio('cpu_us', theirs)
  outcome = OPEN
  if len(ours.runs) >= MIN_ROUNDS and ratio.high <= most:
    outcome = MET
  elif len(ours.runs) >= MIN_ROUNDS and ratio.low > most:
    outcome = MISSED
  return Goal(workload, text, most, ratio, outcome)


# --- Sentences. ---------------------------------------------------------------


def sentences(results):
  """What may be said of these figures, and no more."""
  said = [_goal_sentence(goal) for goal in goals(results)]
  comparisons = compare_all(results)
  for workload in dict.fromkeys(c.workload for c in comparisons):
    for metric in COMPARED:
      some = [c for c in comparisons
              if c.workload is workload and c.metric == metric]
      if some:
        said.append(_sentence(workload, BY_NAME[metric], some))
  said += [f'{result.workload.name}: {result.row.name} had errors and is not '
           'compared.' for result in results
           if result.status == OK and result.has_errors()]
  said += [f'{result.workload.name}: {result.row.name} did not keep up with '
           f'{result.workload.rate:,} requests a second; its latencies are '
           'those of a queue that grows.' for result in results
           if result.status == OK and is_late(result)]
  return said


def _goal_sentence(goal):
  begin = f'{goal.workload.name}, CPU time of {goal.text}'
  if goal.ratio is None:
    return f'{begin}: {goal.outcome}: {goal.why}.'
  return (f'{begin}: {goal.ratio.median:.2f} '
          f'({goal.ratio.low:.2f}–{goal.ratio.high:.2f}), '
          f'at most {goal.most:.2f}: {goal.outcome}.')


def is_late(result):
  """Whether its open loop ended with a tenth of the requests unanswered."""
  late = result.spread('late')
  return late is not None and late.median > 0.1


def _sentence(workload, metric, comparisons):
  def names(outcome):
    return [c.other.row.name for c in comparisons if c.outcome == outcome]

  parts = []
  if names(AHEAD):
    parts.append(f'ahead of {len(names(AHEAD))} of {len(comparisons)} rows')
  if names(EQUAL):
    parts.append('not told apart by the spread from ' + ', '.join(names(EQUAL)))
  if names(LIMITED):
    parts.append('limited by the client, like ' + ', '.join(names(LIMITED)))
  if names(BEHIND):
    parts.append('BEHIND ' + ', '.join(
        f'{c.other.row.name} ({c.ratio.median:.2f} of its)'
        for c in comparisons if c.outcome == BEHIND))
  if names(UNCERTAIN):
    parts.append(f'beside {len(names(UNCERTAIN))} rows with fewer than '
                 f'{MIN_ROUNDS} rounds, of which nothing is said')
  return (f'{workload.name}, {metric.title}: {comparisons[0].pool.row.name} is '
          + '; '.join(parts) + '.')


def call_differences(ours, theirs, least=0.05):
  """[(name, ours, theirs)] of system calls a request, the largest first."""
  names = set(ours.calls) | set(theirs.calls)
  rows = [(name, ours.calls.get(name, 0), theirs.calls.get(name, 0))
          for name in names]
  rows = [row for row in rows if abs(row[1] - row[2]) >= least]
  return sorted(rows, key=lambda row: -abs(row[1] - row[2]))
