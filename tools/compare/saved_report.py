"""Reads report.json again, to draw its page and tables anew."""

import json

from catalog import ROWS, WORKLOADS
from runner import Result


class SavedReport:
  """What a run has left: results, and what else the report says of it."""

  def __init__(self, path):
    """Raises OSError, or ValueError if it is no report of these rows."""
    with open(path, encoding='utf-8') as file:
      report = json.load(file)
    try:
      self.about = {name: report[name] for name in (
          'settings', 'machine', 'interrupted', 'reasons')}
      self.results = [result for workload in report['workloads']
                      for result in _results(workload)]
    except (KeyError, TypeError, AttributeError) as error:
      raise ValueError(f'it has no {error}') from error


def _results(saved):
  # As it was measured then, whatever the catalog says now.
  workload = _named(WORKLOADS, saved['name'])._replace(
      title=saved['title'], rate=saved['latency_rate'])
  return [_result(workload, row) for row in saved['rows']]


def _result(workload, saved):
  row = _named([row for row in ROWS if workload.protocol in row.commands],
               saved['name'])
  result = Result(workload, row)
  for name in ('status', 'reason', 'command', 'client_command', 'remark',
               'runs'):
    setattr(result, name, saved[name])
  result.calls = saved['system_calls']
  return result


def _named(things, name):
  for thing in things:
    if thing.name == name:
      return thing
  raise ValueError(f'{name} is no workload or row of this version')
