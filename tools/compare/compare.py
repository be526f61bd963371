"""Compares the reactor pool with every design of the articles, with what these
were measured with, and with what a user would pick instead.

  tools/setup --compare                        what only this needs, once
  bazel run -c opt //tools/compare             everything: 95 minutes
  bazel run -c opt //tools/compare -- --quick  a look: under two minutes

Rows are run in turn, round by round, each as a process of its own that is
started, asked and ended. Printed are, for each workload, medians over the
rounds with the lowest and highest: requests per second of a closed loop; the
latency of an open one at a fixed rate, counted from when a request was due; the
server's CPU time, system calls and context switches for a request; its peak
memory; errors; and its CPU time as a ratio to the bare epoll loop's in the same
round. A difference is believed only if every round agrees on its sign.

Written to --output: report.json, report.html, which needs nothing else, and
its main chart. --redraw makes the last two again from the first; an earlier
run's report.json becomes report.json.old.
Ctrl-C ends everything and writes what was measured until then.

Exit code: 0; 1 for wrong flags; 2 if a row failed or had errors; 130 after
Ctrl-C.
"""

import argparse
import os
import shlex
import signal
import sys

sys.dont_write_bytecode = True  # No __pycache__ in the source tree.

# pylint: disable=wrong-import-position
import interrupts
import report_files
from catalog import ROWS, WORKLOADS
from machine import compilation_mode, describe
from measure import Settings
from profiles import explain
from progress import Progress
from runner import FAILED, Runner, lacks, select
from saved_report import SavedReport

QUICK = ('hello_close/bare_epoll', 'hello_close/rondo_threads0',
         'hello_close/rondo_coro_threads0', 'hello_close/poll_loop',
         'hello_close/poll_generators', 'hello_close/libevent',
         'hello_close/py_bare_poll', 'hello_keepalive/bare_epoll',
         'hello_keepalive/rondo_threads0', 'hello_keepalive/nginx',
         'upper_10/*', 'select1/*', 'sleep_3/*')
DEFAULT_ROUNDS = 5


class Parser(argparse.ArgumentParser):

  def error(self, message):
    print(f'compare: {message}', file=sys.stderr)
    sys.exit(1)


def rounds(text):
  if not text.isdigit() or not 1 <= int(text) <= 1000:
    raise argparse.ArgumentTypeError(f'{text}: must be from 1 to 1000')
  return int(text)


def parse_flags(arguments):
  parser = Parser(prog='compare', description=__doc__, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
  add = parser.add_argument
  add('--only', default='', metavar='NAME,...',
      help='workloads, rows, or workload/row with * for any; see --list')
  add('--quick', action='store_true',
      help='some rows, short runs, one round: no difference is believed')
  add('--rounds', type=rounds, help=f'default {DEFAULT_ROUNDS}')
  add('--list', action='store_true', help='workloads and rows, then end')
  add('--output', default='compare_report', metavar='DIR',
      help='default compare_report; taken from where bazel was called')
  add('--redraw', action='store_true',
      help="measure nothing: tables and page of --output's report.json")
  add('--no_pin', action='store_true',
      help='clients and servers share all CPUs; else each has a half of them')
  add('--no_profiles', action='store_true',
      help='do not profile the rows that the pool is behind')
  args = parser.parse_args(arguments)
  args.given = arguments
  args.only = [text for text in args.only.split(',') if text]
  if args.redraw and (args.only or args.quick or args.rounds):
    parser.error('--redraw measures nothing: leave out --only, --quick and '
                 '--rounds')
  for text in args.only:
    if not select([text]):
      parser.error(f'--only={text}: no such workload or row; --list shows them')
  args.rounds = args.rounds or (1 if args.quick else DEFAULT_ROUNDS)
  if args.quick and not args.only:
    args.only = QUICK
  # bazel run changes to a folder of its own.
  args.output = os.path.join(os.environ.get('BUILD_WORKING_DIRECTORY', ''),
                             args.output)
  return args


def print_list():
  for workload in WORKLOADS:
    print(f'{workload.name}: {workload.title}')
    for row in ROWS:
      if workload.protocol in row.commands:
        reason = lacks(row, workload)
        print(f'  {row.name}' + (f'  (not run: {reason})' if reason else ''))


def prepare(directory):
  try:
    report_files.prepare(directory)
  except OSError as error:
    print(f'compare: --output={directory}: {error.strerror}; name a folder '
          'that can be written', file=sys.stderr)
    sys.exit(1)


def redraw(directory):
  path = report_files.json_path(directory)
  try:
    saved = SavedReport(path)
    saved.about['settings']['drawn by'] = describe()['commit']
    report_files.draw(directory, saved.results, saved.about)
  except (OSError, ValueError) as error:
    print(f'compare: --redraw of {path}: {error}; --output must name the folder '
          'of an earlier run', file=sys.stderr)
    return 1
  return 0


def settings_of(args, settings):
  return {
      'command': 'bazel run -c opt //tools/compare -- ' + shlex.join(args.given),
      'rounds': args.rounds,
      'quick': args.quick,
      'server CPUs': settings.on_server_cpus(),
      'client CPUs': ','.join(map(str, settings.client_cpus)),
      'ab -n': settings.ab_requests,
  }


def main(arguments):
  args = parse_flags(arguments)
  if args.list:
    print_list()
    return 0
  if args.redraw:
    return redraw(args.output)
  prepare(args.output)
  interrupts.install()
  if compilation_mode() != 'opt':
    print('compare: built without -c opt: the figures say nothing about the '
          'optimised programs', file=sys.stderr)
  pairs = select(args.only)
  progress = Progress(Runner.steps(pairs, args.rounds))
  settings = Settings(args.quick, not args.no_pin)
  about = {'interrupted': False, 'reasons': [], 'machine': describe(),
           'settings': settings_of(args, settings)}
  with Runner(pairs, settings, progress) as runner:
    try:
      runner.run(args.rounds)
      if not args.no_profiles:
        explain(runner, progress, about['reasons'])
    except KeyboardInterrupt:
      about['interrupted'] = True
      progress.line('interrupted; what was measured until now:')
      runner.stop_here()
    finally:
      interrupts.ignore()
      progress.close()
      report_files.save(args.output, runner.results, about)
      report_files.draw(args.output, runner.results, about)
  if about['interrupted']:
    return 128 + signal.SIGINT
  bad = any(result.status == FAILED or result.has_errors()
            for result in runner.results)
  return 2 if bad else 0


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
