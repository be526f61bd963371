"""Why the pool is behind where it is: system calls and profiles of both."""

import os
import re
import shutil
import subprocess
import tempfile

import interrupts
from findings import BEHIND, call_differences, compare_all
from measure import ERRORS
from runner import OK

SECONDS = 1
FUNCTIONS = 10  # that are shown of a profile


def explain(runner, progress, reasons):
  """Appends {workload, metric, pool, other, ratio, calls, profiles} of each."""
  profiled = {}
  for comparison in compare_all(runner.results):
    if comparison.outcome != BEHIND:
      continue
    pool, other = comparison.pool, comparison.other
    for result in (pool, other):
      key = (result.workload.name, result.row.name)
      if key not in profiled:
        progress.step('profile of ' + '/'.join(key))
        interrupts.check()
        profiled[key] = profile(runner, result)
    reasons.append({
        'workload': comparison.workload.name,
        'metric': comparison.metric,
        'pool': pool.row.name,
        'other': other.row.name,
        'ratio': comparison.ratio._asdict(),
        'calls': call_differences(pool, other),
        'profiles': {result.row.name: profiled[(result.workload.name,
                                                result.row.name)]
                     for result in (pool, other)},
    })


def profile(runner, result):
  """[[percent, function]], or the reason why there is none, as text."""
  if shutil.which('perf') is None:
    return 'perf is not installed: tools/setup --compare'
  if result.workload.client == 'row' or result.status != OK:
    return 'only of servers'
  with tempfile.TemporaryDirectory(prefix='compare-') as directory:
    path = os.path.join(directory, 'perf.data')
    try:
      runner.server(result).profile(SECONDS, path)
    except ERRORS as error:
      return str(error)
    done = subprocess.run(
        ['perf', 'report', '-i', path, '--stdio', '--no-children', '-q',
         '--sort=symbol'], capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, start_new_session=True)
  return parse_perf(done.stdout)[:FUNCTIONS] or (
      'perf: ' + (done.stderr.strip() or 'no samples'))


def parse_perf(text):
  # Behind a name may be columns of what perf has not recorded.
  found = re.findall(r'^\s*([\d.]+)%\s+\[[.k]\]\s+(.+?)(?:\s+-)*\s*$', text,
                     re.MULTILINE)
  return [[float(percent), function] for percent, function in found]
