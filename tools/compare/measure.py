"""Measures one row under one workload, once."""

import os
import resource
import shlex
import subprocess
import time

import clients
import usage
from catalog import ECHO_LOAD
from ratios_server import RunError, Server, UsageError, pinned

CLIENT_PATIENCE_SECONDS = 60


class Failure(Exception):
  """A design, or the program that asks it, did not do its work."""


class Settings:
  """How long and how much, on which CPUs. Sizes are what one round takes."""

  def __init__(self, quick=False, pin=True):
    # Who asks has the last CPU, the servers have all others: else a round
    # depends on where the scheduler happens to put the two.
    cpus = sorted(os.sched_getaffinity(0))
    pin = pin and len(cpus) > 1
    self.server_cpus = ','.join(map(str, cpus[:-1])) if pin else None
    self.client_cpu = str(cpus[-1]) if pin else None
    self.ab_requests = 1_000 if quick else 10_000
    self.seconds = 0.2 if quick else 1.0
    self.latency_seconds = 0.2 if quick else 1.0
    self.counted_seconds = 0.1 if quick else 0.3  # for system calls
    self.counted_ab_requests = 100 if quick else 500


def run_client(command, codes=(0,)):
  """What it printed."""
  # In a session of its own: Ctrl-C is heard by this program alone.
  with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                        text=True, start_new_session=True) as process:
    try:
      told, errors = process.communicate(timeout=CLIENT_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
      raise Failure(f'{shlex.join(command)} took more than '
                    f'{CLIENT_PATIENCE_SECONDS} seconds') from error
    finally:
      process.kill()
  if process.returncode not in codes:
    lines = (errors or told).strip().splitlines() or ['it says nothing']
    raise Failure(f'{os.path.basename(command[0])}: {lines[-1]}')
  return told


class ServerRow:
  """A row that is a server."""

  def __init__(self, workload, row, settings, mysql_socket=None):
    self._workload = workload
    self._settings = settings
    self.command = row.commands[workload.protocol].format(
        size=workload.size, mysql=mysql_socket)
    self._server = None
    self._pids = []

  def measure(self):
    """{metric: value} of a new server."""
    with self:
      load = self._load()
      result = {
          'requests_per_second': load.requests_per_second,
          'cpu_us': self._each(load.cpu_seconds * 1e6, load),
          'switches': self._each(load.context_switches, load),
          'memory_mib': usage.peak_memory_mib(self._pids),
          'errors': load.errors,
      }
      latency = self._latency()
    for name in ('p50_us', 'p99_us', 'p99_9_us'):
      result[name] = getattr(latency, name)
    result['errors'] += latency.errors
    return result

  def count_system_calls(self):
    """{name: calls for a request} of a new server."""
    with self:
      # Connecting is no part of a request but in the workloads that connect
      # for each, so what the shortest run takes is subtracted.
      few, few_calls = self._counted(shortest=True)
      many, many_calls = self._counted(shortest=False)
    requests = many - few
    if requests <= 0:
      raise Failure('too slow to count its system calls')
    return {name: max(0, count - few_calls.get(name, 0)) / requests
            for name, count in many_calls.items()}

  def profile(self, seconds, path):
    """Has perf write a profile of a new server under load."""
    with self:
      command = ['perf', 'record', '-q', '-e', 'cpu-clock', '-o', path, '-p',
                 ','.join(map(str, self._pids)), '--', 'sleep', str(seconds)]
      with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL,
                            start_new_session=True) as perf:
        try:
          while perf.poll() is None:
            self._load()
        finally:
          perf.terminate()

  # A row is entered while its server runs.
  def __enter__(self):
    self._server = Server(self.command.split()[0], self.command,
                          self._settings.server_cpus)
    try:
      self._server.start()
    except BaseException:
      self._server.stop()
      raise
    self._pids = usage.family(self._server.pid())
    return self

  def __exit__(self, *_):
    self._server.stop()

  @staticmethod
  def _each(value, load):
    if not load.requests:
      raise Failure('it answered no request')
    return value / load.requests

  def _run_client(self, command, codes=(0,)):
    return run_client(pinned(self._settings.client_cpu, command), codes)

  def _load(self):
    """The closed loop."""
    workload = self._workload
    if workload.client == 'echo_load':
      return self._echo_load(self._settings.seconds, rate=0)
    if workload.client == 'ab':
      command = clients.ab_command(self._server.port,
                                   self._settings.ab_requests, workload.size)
    else:
      command = clients.wrk_command(self._server.port, self._settings.seconds,
                                    workload.size)
    cpu = usage.cpu_seconds(self._pids)
    switches = usage.context_switches(self._pids)
    text = self._run_client(command)
    parse = clients.parse_ab if workload.client == 'ab' else clients.parse_wrk
    return parse(text)._replace(
        cpu_seconds=usage.cpu_seconds(self._pids) - cpu,
        context_switches=usage.context_switches(self._pids) - switches)

  def _latency(self):
    """The open loop."""
    return self._echo_load(self._settings.latency_seconds, self._workload.rate)

  def _echo_load(self, seconds, rate, warmup=None):
    mode = {'keepalive': 'hello', 'select1': 'close'}.get(
        self._workload.protocol, self._workload.protocol)
    command = clients.echo_load_command(
        ECHO_LOAD, self._server.port, mode, self._workload.size, seconds, rate,
        self._pids)
    if warmup is not None:
      command.append(f'--warmup_seconds={warmup}')
    return clients.parse_echo_load(
        self._run_client(command, clients.ECHO_LOAD_CODES))

  def _counted(self, shortest):
    """(requests, calls)."""
    settings = self._settings
    with usage.SystemCalls(self._pids) as counter:
      if self._workload.client == 'ab':
        requests = 10 if shortest else settings.counted_ab_requests
        load = clients.parse_ab(self._run_client(
            clients.ab_command(self._server.port, requests, 10)))
      else:
        load = self._echo_load(0.001 if shortest else settings.counted_seconds,
                               rate=0, warmup=0)
    return load.requests, counter.calls


class ClientRow:
  """A row that is a client of the one-second server."""

  def __init__(self, workload, row, port):
    self._requests = workload.size
    self.command = row.commands[workload.protocol].format(
        size=workload.size, port=port)

  def measure(self):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    run_client(shlex.split(self.command))
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    def used(*names):
      return sum(getattr(after, name) - getattr(before, name) for name in names)

    return {
        'seconds': seconds,
        'requests_per_second': self._requests / seconds,
        'cpu_us': used('ru_utime', 'ru_stime') * 1e6 / self._requests,
        'switches': used('ru_nvcsw', 'ru_nivcsw') / self._requests,
        'errors': 0,  # else it had failed
    }


# What a row may end with; all else is a bug of this tool.
ERRORS = (Failure, clients.ClientError, RunError, UsageError, OSError)
