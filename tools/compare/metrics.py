"""The figures of a run: what they are called and how they are printed."""

from collections import namedtuple

# better: whether more (+1) or less (-1) is better, or neither.
Metric = namedtuple('Metric', 'name title unit better digits')

METRICS = [
    Metric('seconds', 'time', 's', -1, 2),
    Metric('requests_per_second', 'requests/s', '', +1, 0),
    Metric('cpus', 'CPUs kept busy', '', 0, 2),
    Metric('p50_us', 'p50', 'µs', -1, 0),
    Metric('p99_us', 'p99', 'µs', -1, 0),
    Metric('p99_9_us', 'p99.9', 'µs', -1, 0),
    Metric('cpu_us', 'CPU a request', 'µs', -1, 2),
    Metric('calls', 'system calls a request', '', -1, 2),
    Metric('switches', 'context switches a request', '', -1, 3),
    Metric('memory_mib', 'peak memory', 'MiB', -1, 1),
    Metric('errors', 'errors', '', -1, 0),
    Metric('late', 'late at the end', '', -1, 3),
]

BY_NAME = {metric.name: metric for metric in METRICS}


def text(metric, value):
  return '–' if value is None else f'{value:,.{metric.digits}f}'


def spread_text(metric, values):
  """Median and, where rounds differ, how far they go."""
  if values is None:
    return '–'
  middle = text(metric, values.median)
  if values.low == values.high:
    return middle
  return f'{middle} ({text(metric, values.low)}–{text(metric, values.high)})'


def ratio_text(values):
  if values is None:
    return '–'
  return f'{values.median:.2f} ({values.low:.2f}–{values.high:.2f})'
