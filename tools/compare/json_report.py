"""report.json: everything that was measured."""

import json

from findings import sentences
from metrics import METRICS


def build(results, baseline_of, about):
  """about: machine, settings, interrupted, reasons."""
  workloads = []
  for workload in dict.fromkeys(result.workload for result in results):
    workloads.append({
        'name': workload.name,
        'title': workload.title,
        'latency_rate': workload.rate,
        'rows': [_row(result, baseline_of(result)) for result in results
                 if result.workload is workload],
    })
  return {**about, 'findings': sentences(results), 'workloads': workloads}


def text(report):
  return json.dumps(report, indent=1, ensure_ascii=False) + '\n'


def _row(result, baseline):
  article = result.row.articles.get(result.workload.name)
  row = {
      'name': result.row.name,
      'group': result.row.group,
      'command': result.command,
      'client_command': result.client_command,
      'status': result.status,
      'reason': result.reason,
      'remark': result.remark,
      'article': article and article._asdict(),
      'runs': result.runs,
      'system_calls': result.calls,
      'figures': {},
      'ratio_to_bare': {},
  }
  for metric in METRICS:
    values = result.spread(metric.name)
    if values is None:
      continue
    row['figures'][metric.name] = values._asdict()
    ratio = baseline and result.ratio(metric.name, baseline)
    if ratio:
      row['ratio_to_bare'][metric.name] = ratio._asdict()
  return row
