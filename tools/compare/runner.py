"""Runs rows in turn, round by round, and keeps what they did."""

import contextlib
import importlib.util
import os
import random
import shutil

import interrupts
from catalog import (BASELINE, PACKAGES, ROWS, SINGLE_LOOP_ROWS, SLEEP_SERVER,
                     WORKLOADS, needs)
from mariadb import MariaDb
from measure import ERRORS, ClientRow, ServerRow
from programs import system_program
from ratios_server import Server
from spread import spread, ratios

OK, SKIPPED, FAILED = 'ok', 'skipped', 'failed'
MOST_COUNTED = 1_000  # connections
CLOSE_ROWS = {BASELINE, *SINGLE_LOOP_ROWS, *SINGLE_LOOP_ROWS.values()}


class Result:
  """What one row did under one workload."""

  def __init__(self, workload, row):
    self.workload = workload
    self.row = row
    self.status = OK
    self.reason = None
    self.command = row.commands[workload.protocol]
    self.runs = []  # {metric: value}, one a round
    self.calls = {}  # system calls for a request, by name
    self.client_command = None
    self.remark = None  # what is missing of its figures, and why

  def values(self, metric):
    """One a round; None where the row does not tell."""
    if metric == 'calls':
      return [sum(self.calls.values())] if self.calls else []
    return [run.get(metric) for run in self.runs]

  def spread(self, metric):
    return spread(self.values(metric))

  def ratio(self, metric, other):
    """To another's, of the same rounds."""
    return spread(ratios(self.values(metric), other.values(metric)))

  def has_errors(self):
    """Whether it has not always done what it was asked to."""
    return any(self.values('errors'))

  def is_good(self, metric):
    """Whether it can be compared with others."""
    return (self.status == OK and self.spread(metric) is not None and
            not self.has_errors())

  def fail(self, status, reason):
    self.status = status
    self.reason = reason


def baseline_of(results, result):
  """The bare loop's result under the same workload, or None."""
  for other in results:
    if other.workload is result.workload and other.row.name == BASELINE:
      return other if other.runs else None
  return None


def lacks(row, workload):
  """Why a row cannot be run here, or None."""
  if row.most is not None and workload.size > row.most[0]:
    return f'at most {row.most[0]:,}: {row.most[1]}'
  for need in needs(workload, row):
    if not _is_installed(need):
      package, remedy = PACKAGES[need]
      return f'{package} is not installed: {remedy}'
  for word in row.commands[workload.protocol].split():
    if word.startswith('/') and '{' not in word and not os.path.exists(word):
      return f'{os.path.basename(word)} is not built'
  return None


def _is_installed(need):
  kind, _, module = need.partition(':')
  if module:
    return importlib.util.find_spec(module) is not None
  return system_program(kind) is not None


def is_counted(workload):
  """Whether system calls are: with thousands of connections the calls that
  make these drown all others."""
  return workload.client != 'row' and workload.size <= MOST_COUNTED


def in_turn(results, turn):
  """Shuffled, so that nobody always follows the same one. Those whose ratios are
  goals come one after the other: what changes over minutes changes none."""
  chance = random.Random(turn)
  close = [result for result in results if result.row.name in CLOSE_ROWS]
  others = [result for result in results if result not in close]
  chance.shuffle(close)
  chance.shuffle(others)
  where = chance.randint(0, len(others))
  return others[:where] + close + others[where:]


def select(only):
  """[(workload, row)] that one of the texts in `only` names: a workload, a row,
  or workload/row, where * stands for any."""
  pairs = [(workload, row) for workload in WORKLOADS for row in ROWS
           if workload.protocol in row.commands]
  if not only:
    return pairs
  return [(workload, row) for workload, row in pairs
          if any(_matches(text, workload.name, row.name) for text in only)]


def _matches(text, workload, row):
  wanted_workload, slash, wanted_row = text.partition('/')
  if not slash:
    return text in (workload, row)
  return (wanted_workload in ('*', workload) and wanted_row in ('*', row))


class Runner:
  """Threading: one thread. What it starts has ended when its block ends."""

  def __init__(self, pairs, settings, progress):
    self.settings = settings
    self._progress = progress
    self._exit = contextlib.ExitStack()
    self._database = None
    self._sleep_server = None
    self.results = [Result(workload, row) for workload, row in pairs]
    for result in self.results:
      reason = lacks(result.row, result.workload)
      if reason is not None:
        result.fail(SKIPPED, reason)

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self._exit.close()

  @staticmethod
  def steps(pairs, rounds):
    """How many runs that will be."""
    return sum(rounds + is_counted(workload)
               for workload, row in pairs if lacks(row, workload) is None)

  def run(self, rounds):
    """Workload by workload, so that what is compared is done close together."""
    for workload in dict.fromkeys(result.workload for result in self.results):
      results = [result for result in self.results
                 if result.workload is workload and result.status == OK]
      for turn in range(rounds):
        for result in in_turn(results, turn):
          self._step(result, f'round {turn + 1}', self._measure)
      for result in results:
        if is_counted(workload):
          self._step(result, 'system calls', self._count)

  def stop_here(self):
    """It was interrupted: those whose turn did not come are not there."""
    for result in self.results:
      if result.status == OK and not result.runs:
        result.fail(SKIPPED, 'interrupted before its turn')

  def server(self, result):
    """A ServerRow for profiles."""
    return ServerRow(result.workload, result.row, self.settings,
                     self._mysql_socket(result.workload))

  def _step(self, result, what, do):
    name = f'{result.workload.name}/{result.row.name} {what}'
    self._progress.step(name)
    interrupts.check()
    if result.status == FAILED:
      self._progress.done(name, 'failed before')
      return
    try:
      self._progress.done(name, do(result))
    except ERRORS as error:
      interrupts.check()  # rather than blame the row
      result.fail(FAILED, str(error))
      self._progress.failed(name, str(error))

  def _measure(self, result):
    if result.workload.client == 'row':
      row = ClientRow(result.workload, result.row, self._sleep_port())
    else:
      row = self.server(result)
    result.command = row.command
    run = row.measure()
    result.runs.append(run)
    if result.workload.client == 'row':
      return f'{run["seconds"]:.1f} s'
    result.client_command = row.client_command
    return f'{run["requests_per_second"]:,.0f} requests/s'

  def _count(self, result):
    """What strace is too slow for has its other figures nevertheless."""
    try:
      result.calls = self.server(result).count_system_calls()
    except ERRORS as error:
      interrupts.check()
      result.remark = f'its system calls were not counted: {error}'
      return result.remark
    return f'{sum(result.calls.values()):.2f} a request'

  def _mysql_socket(self, workload):
    if workload.protocol != 'select1':
      return None
    if self._database is None:
      self._database = self._exit.enter_context(
          MariaDb(self.settings.client_cpus))
    return self._database.socket

  def _sleep_port(self):
    if self._sleep_server is None:
      self._sleep_server = Server('sleep_server', SLEEP_SERVER,
                                  self.settings.on_server_cpus())
      self._exit.callback(self._sleep_server.stop)
      self._sleep_server.start()
    return self._sleep_server.port
