#!/usr/bin/env python3
"""Compares servers by ratios that noise cancels out of.

Each round loads every server once, one after the other, in an order that
rotates; what a server did in a round is divided by what the first server (the
baseline) did in the same round; the median of the rounds is printed, with the
lowest and the highest. So what slows the whole machine down for a while slows
numerator and denominator alike. Many short rounds are better than few long
ones: a machine's clock rate, or its neighbours, change every few seconds.

One claim in one command, from the top of the source tree:

  bazel build -c opt //tools/bench/... //examples/...
  tools/bench/ratios.py --preset=echo64
  tools/bench/ratios.py --preset=echo64 --loops=1,2,4,8

Other servers, for as long as they print `... 127.0.0.1:PORT ...` first:

  tools/bench/ratios.py --mode=echo --connections=64 --message_bytes=64 \\
      bare='.../bare_epoll --port=0' other='./my_server --port=0 --threads=1'

Expect a table: requests per second and its ratio (more is better), server CPU
time per request and its ratio (less is better), the 99th percentile of latency.
CPU time is user and system time of all the server's threads, from
/proc/PID/task/*/schedstat. A server's ratio to itself comes out within one or
two percent of 1 on a quiet machine; try it before believing less than that.

Exit code: 0; 1 for wrong flags or a missing program; 2 if a server or client
failed; 3 if any reply was wrong or missing.
"""

import argparse
import json
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
from collections import namedtuple

sys.dont_write_bytecode = True  # No __pycache__ in the source tree.

from ratios_server import (RunError, Server, UsageError, built, pinned,
                           program)  # pylint: disable=wrong-import-position

PRESETS = {
    'echo64': dict(mode='echo', connections=64, message_bytes=64),
    'echo5000': dict(mode='echo', connections=5000, message_bytes=64),
    'hello': dict(mode='hello', connections=64),
    'hello_varied': dict(mode='hello', connections=64, varied=True),
    'pipelined': dict(mode='hello', connections=64, pipeline=16),
    'pipelined_varied': dict(mode='hello', connections=64, pipeline=16,
                             varied=True),
    'close': dict(mode='close', connections=64),
    'ab_close': dict(mode='close', connections=10, client='ab'),
}
DEFAULTS = dict(mode='echo', connections=64, message_bytes=64, pipeline=1,
                varied=False, client='echo_load')
RONDO = {
    'echo': ('examples/echo/echo', '--port=0 --threads=0'),
    'hello': ('examples/hello/hello', '--port=0 --threads=0'),
    'close': ('examples/hello/hello', '--port=0 --threads=0 --close'),
}

Sample = namedtuple('Sample', 'throughput cpu_us p99_us errors')
Run = namedtuple('Run', 'requests errors throughput p99_us cpu_ns')


# --- Clients. -----------------------------------------------------------------


def run_client(command, args, accepted=(0,)):
  """What the client printed."""
  done = subprocess.run(pinned(args.cpu_client, command), text=True,
                        capture_output=True, stdin=subprocess.DEVNULL)
  if done.returncode not in accepted:
    raise RunError(f'{shlex.join(command)} ended with code {done.returncode}\n'
                   f'{(done.stderr or done.stdout).strip()}')
  return done.stdout


def number(pattern, text, default=None):
  """The first group of `pattern`, which must be there without `default`."""
  found = re.search(pattern, text, re.MULTILINE)
  if found is None and default is None:
    raise RunError(f'no {pattern!r} in what the client printed:\n{text}')
  return float(found.group(1)) if found else default


def run_echo_load(server, args):
  """The client reads the CPU time itself, where its measurement starts and
  ends, so that connecting and warming up count on neither side."""
  text = run_client(
      [built('tools/bench/echo_load'), f'--port={server.port}',
       f'--mode={args.mode}', f'--connections={args.connections}',
       f'--message_bytes={args.message_bytes}',
       f'--pipeline={args.pipeline}', f'--varied={str(args.varied).lower()}',
       f'--seconds={args.seconds}',
       f'--warmup_seconds={args.warmup_seconds}', '--json',
       f'--server_pids={server.pid()}'], args, accepted=(0, 3))
  told = json.loads(text.splitlines()[-1])
  return Run(told['requests'], told['errors'], told['requests_per_second'],
             told['p99_us'], told['server_cpu_seconds'] * 1e9)


def run_ab(server, args):
  before = server.cpu_ns()
  text = run_client(
      [program('ab'), '-q', '-n', str(args.requests), '-c',
       str(args.connections), f'http://127.0.0.1:{server.port}/'], args)
  cpu_ns = server.cpu_ns() - before
  errors = (number(r'^Failed requests:\s+(\d+)', text) +
            number(r'^Non-2xx responses:\s+(\d+)', text, 0))
  return Run(number(r'^Complete requests:\s+(\d+)', text), errors,
             number(r'^Requests per second:\s+([\d.]+)', text),
             number(r'^\s+99%\s+(\d+)', text) * 1000, cpu_ns)


def run_wrk(server, args):
  before = server.cpu_ns()
  text = run_client(
      [program('wrk'), '-t1', f'-c{args.connections}',
       f'-d{max(1, round(args.seconds))}s', '--latency',
       f'http://127.0.0.1:{server.port}/'], args)
  cpu_ns = server.cpu_ns() - before
  sockets = re.search(r'Socket errors: (.*)', text)
  errors = sum(map(int, re.findall(r'\d+', sockets.group(1)))) if sockets else 0
  errors += number(r'Non-2xx or 3xx responses: (\d+)', text, 0)
  unit = re.search(r'^\s+99%\s+[\d.]+(us|ms|s)', text, re.MULTILINE)
  scale = {'us': 1, 'ms': 1e3, 's': 1e6}[unit.group(1)] if unit else 0
  return Run(number(r'(\d+) requests in ', text), errors,
             number(r'^Requests/sec:\s+([\d.]+)', text),
             number(r'^\s+99%\s+([\d.]+)', text, 0) * scale, cpu_ns)


CLIENTS = {'echo_load': run_echo_load, 'ab': run_ab, 'wrk': run_wrk}


# --- Rounds and the table. ----------------------------------------------------


def measure(servers, args):
  for turn in range(args.rounds):
    shift = turn % len(servers)
    for server in servers[shift:] + servers[:shift]:
      server.start()
      run = CLIENTS[args.client](server, args)
      if run.requests == 0:
        server.fail('answered no request')
      server.samples.append(Sample(run.throughput,
                                   run.cpu_ns / 1000 / run.requests,
                                   run.p99_us, int(run.errors)))
      if args.verbose:
        print(f'round {turn + 1} {server.name}: {server.samples[-1]}',
              file=sys.stderr)
      if args.restart:
        server.stop()


def median_of(server, field):
  return statistics.median(getattr(sample, field) for sample in server.samples)


def ratio_of(server, baseline, field):
  ratios = [getattr(ours, field) / max(getattr(theirs, field), 1e-9)
            for ours, theirs in zip(server.samples, baseline.samples)]
  return (f'{statistics.median(ratios):.3f} '
          f'({min(ratios):.3f}-{max(ratios):.3f})')


def print_table(servers):
  row = '{:<12} {:>9}  {:<22} {:>11}  {:<22} {:>9} {:>7}'.format
  print(row('server', 'req/s', 'ratio (min-max)', 'CPU us/req',
            'ratio (min-max)', 'p99 us', 'errors'))
  for server in servers:
    print(row(server.name, f'{median_of(server, "throughput"):.0f}',
              ratio_of(server, servers[0], 'throughput'),
              f'{median_of(server, "cpu_us"):.3f}',
              ratio_of(server, servers[0], 'cpu_us'),
              f'{median_of(server, "p99_us"):.0f}',
              sum(sample.errors for sample in server.samples)))


def print_heading(servers, args):
  load = f'{args.client} mode={args.mode} connections={args.connections}'
  if args.mode == 'echo':
    load += f' message_bytes={args.message_bytes}'
  if args.pipeline > 1:
    load += f' pipeline={args.pipeline}'
  if args.varied:
    load += ' varied'
  amount = (f'{args.requests} requests' if args.client == 'ab' else
            f'{args.seconds:g} s')
  print(f'{load}, {args.rounds} rounds of {amount}, '
        f'CPUs: server {args.cpu_server or "any"}, '
        f'client {args.cpu_client or "any"}')
  for server in servers:
    print(f'  {server.name}: {shlex.join(server.command)}', flush=True)


# --- Flags. -------------------------------------------------------------------


class Parser(argparse.ArgumentParser):

  def error(self, message):
    raise UsageError(message)


def positive(kind):
  def parse(text):
    value = kind(text)
    if not 0 < value < float('inf'):
      raise argparse.ArgumentTypeError(f'{text}: must be above 0')
    return value
  parse.__name__ = kind.__name__
  return parse


def parse_flags():
  parser = Parser(description=__doc__, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
  add = parser.add_argument
  add('servers', nargs='*', metavar='NAME=COMMAND',
      help='a server; the first one is the baseline')
  add('--preset', choices=PRESETS, help='bare against rondo, ready made')
  add('--mode', choices=RONDO, help='default echo')
  add('--connections', type=positive(int), help='default 64')
  add('--message_bytes', type=positive(int), help='of an echo; default 64')
  add('--pipeline', type=positive(int),
      help='requests of hello that echo_load sends at once; default 1')
  add('--varied', action='store_true', default=None,
      help='each request of hello that echo_load sends differs from the last')
  add('--client', choices=CLIENTS, help='default echo_load')
  add('--rounds', type=positive(int), default=15, help='default 15')
  add('--seconds', type=positive(float), default=1.0,
      help='of each run; default 1; wrk takes whole ones')
  add('--warmup_seconds', type=float, default=0.2, help='echo_load only')
  add('--requests', type=positive(int), default=20000,
      help='of a run of ab; default 20000')
  add('--loops', default='', metavar='N,N,...',
      help='add the server named rondo once more with --threads=N, for each N')
  add('--restart', action='store_true',
      help='start each server anew for each run; else once')
  add('--cpu_server', default='0', metavar='CPUS', help='as for taskset -c')
  add('--cpu_client', default='1', metavar='CPUS', help='as for taskset -c')
  add('--no_pin', action='store_true', help='pin neither to a CPU')
  add('--verbose', action='store_true', help='print each run')
  return parser.parse_args()


def complete(args):
  """Fills in what the preset and the defaults say, and checks the rest."""
  for values in (PRESETS.get(args.preset, {}), DEFAULTS):
    for name, value in values.items():
      if getattr(args, name, None) is None:
        setattr(args, name, value)
  if args.no_pin:
    args.cpu_server = args.cpu_client = None
  if args.warmup_seconds < 0:
    raise UsageError(f'--warmup_seconds={args.warmup_seconds}: must not be '
                     'negative')
  if args.client != 'echo_load' and args.mode == 'echo':
    raise UsageError(f'--client={args.client}: speaks HTTP only; use '
                     '--mode=hello or --mode=close, or --client=echo_load')
  if args.varied and (args.client != 'echo_load' or args.mode != 'hello'):
    raise UsageError('--varied: is for --mode=hello with --client=echo_load')
  if args.client == 'ab' and args.mode == 'hello':
    raise UsageError('--client=ab: waits for the server to close; use '
                     '--mode=close, or --client=wrk or echo_load')
  for name in ('cpu_server', 'cpu_client'):
    check_cpus(name, getattr(args, name))


def check_cpus(name, cpus):
  if cpus is None:
    return
  if not re.fullmatch(r'\d+(-\d+)?(,\d+(-\d+)?)*', cpus):
    raise UsageError(f'--{name}={cpus}: must be a list such as 0 or 0,2 or 0-3')
  done = subprocess.run([program('taskset'), '-c', cpus, 'true'],
                        capture_output=True, text=True)
  if done.returncode != 0:
    allowed = ','.join(map(str, sorted(os.sched_getaffinity(0))))
    raise UsageError(f'--{name}={cpus}: must be among {allowed} on this '
                     'machine, or give --no_pin')


def server_commands(args):
  """(name, command) in the order of the table."""
  commands = {}
  if args.preset:
    path, flags = RONDO[args.mode]
    bare = built('tools/bench/bare_epoll')
    commands['bare'] = f'{bare} --mode={args.mode} --port=0'
    commands['rondo'] = f'{built(path)} {flags}'
  for server in args.servers:
    name, equals, command = server.partition('=')
    if not equals or not re.fullmatch(r'[\w.+-]+', name):
      raise UsageError(f'{server}: must be NAME=COMMAND')
    commands[name] = command
  if not commands:
    raise UsageError('name a --preset or at least one NAME=COMMAND')
  for threads in filter(None, args.loops.split(',')):
    if not threads.isdigit() or 'rondo' not in commands:
      raise UsageError(f'--loops={args.loops}: must be whole numbers, and '
                       'needs a server named rondo')
    plain = re.sub(r'\s--threads=\S+', '', commands['rondo'])
    commands[f'rondo_{threads}'] = f'{plain} --threads={threads}'
  return commands.items()


def main():
  # So that `finally` ends the servers then too.
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
  servers = []
  try:
    args = parse_flags()
    complete(args)
    servers += [Server(name, command, args.cpu_server)
                for name, command in server_commands(args)]
    print_heading(servers, args)
    measure(servers, args)
    print_table(servers)
    return 3 if any(s.errors for x in servers for s in x.samples) else 0
  except (UsageError, RunError) as error:
    print(f'ratios.py: {error}', file=sys.stderr)
    return 1 if isinstance(error, UsageError) else 2
  except KeyboardInterrupt:
    return 128 + signal.SIGINT
  finally:
    for server in servers:
      server.stop()


if __name__ == '__main__':
  sys.exit(main())
