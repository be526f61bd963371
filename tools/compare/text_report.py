"""The table for the terminal: medians; the spreads are in the page."""

from article_ranks import article_text
from findings import sentences
from metrics import METRICS, ratio_text, text
from runner import OK


def table(results, baseline_of):
  """Lines, one workload after the other."""
  lines = []
  for workload in dict.fromkeys(result.workload for result in results):
    of_workload = [r for r in results if r.workload is workload]
    lines += ['', f'{workload.name}: {workload.title}'] + _one(
        of_workload, baseline_of)
  return lines


def _one(results, baseline_of):
  metrics = [metric for metric in METRICS
             if any(result.spread(metric.name) for result in results)]
  head = ['row'] + [' '.join(filter(None, (metric.title, metric.unit)))
                    for metric in metrics]
  head += ['CPU to bare', 'article (rank)']
  rows, remarks = [], []
  for result in results:
    if result.status != OK:
      remarks.append(f'  {result.row.name}: {result.status}: {result.reason}')
    if result.remark:
      remarks.append(f'  {result.row.name}: {result.remark}')
    if result.status != OK:
      if not result.runs:
        continue
    rows.append([result.row.name] + [
        text(metric, _median(result, metric.name)) for metric in metrics
    ] + [ratio_text(_to_bare(result, baseline_of)),
         article_text(result, results)])
  return _aligned([head] + rows) + remarks


def _to_bare(result, baseline_of):
  baseline = baseline_of(result)
  return None if baseline is None else result.ratio('cpu_us', baseline)


def _median(result, name):
  values = result.spread(name)
  return None if values is None else values.median


def _aligned(rows):
  widths = [max(map(len, column)) for column in zip(*rows)]
  return ['  '.join([row[0].ljust(widths[0])] +
                    [cell.rjust(width)
                     for cell, width in zip(row[1:], widths[1:])]).rstrip()
          for row in rows]


def summary(results):
  return ['', 'What the figures carry:'] + [
      '  ' + sentence for sentence in sentences(results)]
