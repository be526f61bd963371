"""The files that a run leaves, and its tables for the terminal."""

import functools
import os

import html_report
import json_report
import text_report
from runner import baseline_of


def json_path(directory):
  return os.path.join(directory, 'report.json')


def prepare(directory):
  """So that an hour's figures do not fail to be written, nor take the place of
  another's. Raises OSError."""
  os.makedirs(directory, exist_ok=True)
  path = json_path(directory)
  with open(path, 'a', encoding='utf-8'):
    pass
  if os.path.getsize(path) > 0:
    os.replace(path, path + '.old')


def save(directory, results, about):
  """The figures, from which all else can be made.

  about: machine, settings, interrupted, reasons.
  """
  _replace(json_path(directory), json_report.text(_report(results, about)))


def draw(directory, results, about):
  """Page, chart, and what the terminal shows."""
  page = html_report.text(results, _baseline(results), _report(results, about))
  texts = {'report.html': page, 'chart.svg': html_report.main_chart(results)}
  written = [json_path(directory)]
  for name, text in texts.items():
    path = os.path.join(directory, name)
    if text is not None:
      written.append(path)
      _replace(path, text)
    elif os.path.exists(path):
      os.remove(path)  # of an earlier run
  print('\n'.join(text_report.table(results, _baseline(results))))
  print('\n'.join(text_report.summary(results)))
  print('\nwritten: ' + '\n         '.join(written), flush=True)


def _baseline(results):
  return functools.partial(baseline_of, results)


def _report(results, about):
  return json_report.build(results, _baseline(results), about)


def _replace(path, text):
  """The whole file or the one before, never half of it."""
  with open(path + '.new', 'w', encoding='utf-8') as file:
    file.write(text)
  os.replace(path + '.new', path)
