"""Measures one row under one workload, once."""

import os
import re
import shlex
import signal
import subprocess
import tempfile
import threading

import clients
import interrupts
import usage
from catalog import ECHO_LOAD
from ratios_server import RunError, Server, UsageError, pinned

CLIENT_PATIENCE_SECONDS = 60
MIN_SAMPLES_ABOVE = 5  # a percentile, for it to be one


class Failure(Exception):
  """A design, or the program that asks it, did not do its work."""


class Settings:
  """How long and how much, on which CPUs. Sizes are what one round takes."""

  def __init__(self, quick=False, pin=True):
    cpus = sorted(os.sched_getaffinity(0))
    # Who asks has the upper half of the CPUs, the servers have the others: else
    # a round depends on where the scheduler happens to put the two.
    half = len(cpus) // 2
    self.server_cpus = cpus[:-half] if pin and half else cpus
    self.client_cpus = cpus[-half:] if pin and half else cpus
    self.ab_requests = 1_000 if quick else 10_000  # the articles' -n
    self.seconds = 0.2 if quick else 1.0
    # Enough for a 99.9th percentile, where the rate allows it.
    self.latency_requests = 500 if quick else 6_000
    self.max_latency_seconds = 0.2 if quick else 6.0
    self.counted_seconds = 0.1 if quick else 0.3  # for system calls
    self.counted_ab_requests = 100 if quick else 500

  def on_server_cpus(self):
    return ','.join(map(str, self.server_cpus))

  def latency_seconds(self, rate):
    return min(self.max_latency_seconds, self.latency_requests / rate)


def run_client(command, codes=(0,)):
  """(what it printed, its resource.struct_rusage)."""
  # In a session of its own: Ctrl-C is heard by this program alone.
  with tempfile.TemporaryFile('w+') as out, \
      tempfile.TemporaryFile('w+') as err:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                               stderr=err, start_new_session=True)
    pidfd = os.pidfd_open(process.pid)
    killer = threading.Timer(CLIENT_PATIENCE_SECONDS, interrupts.kill, [pidfd])
    killer.start()
    with interrupts.ends(pidfd):
      # Popen.wait() would not tell what it has used.
      _, status, used = os.wait4(process.pid, 0)
    killer.cancel()
    killer.join()
    os.close(pidfd)
    process.returncode = os.waitstatus_to_exitcode(status)
    texts = []
    for file in (out, err):
      file.seek(0)
      texts.append(file.read())
  if process.returncode not in codes:
    lines = (texts[1] or texts[0]).strip().splitlines() or ['it says nothing']
    why = (f'took more than {CLIENT_PATIENCE_SECONDS} seconds'
           if process.returncode == -signal.SIGKILL else lines[-1])
    raise Failure(f'{_program(command)}: {why}')
  return texts[0], used


def _program(command):
  """Its name, without taskset's."""
  words = command[3:] if os.path.basename(command[0]) == 'taskset' else command
  return os.path.basename(words[0])


class ServerRow:
  """A row that is a server."""

  def __init__(self, workload, row, settings, mysql_socket=None):
    self._workload = workload
    self._settings = settings
    self.command = row.commands[workload.protocol].format(
        size=workload.size, mysql=mysql_socket)
    self.client_command = None  # of the closed loop
    self._server = None
    self._pid = None

  def measure(self):
    """{metric: value} of a new server."""
    with self:
      load = self._load()
      result = {
          'requests_per_second': load.requests_per_second,
          'cpu_us': self._each(load.cpu_seconds * 1e6, load),
          'switches': self._each(load.context_switches, load),
          # How many CPUs the server kept busy meanwhile.
          'cpus': self._each(load.cpu_seconds, load) * load.requests_per_second,
          'memory_mib': usage.peak_memory_mib(self._pid),
          'errors': load.errors,
      }
      latency = self._latency()
    seen = latency.requests + latency.unanswered
    for name, above in (('p50_us', 0.5), ('p99_us', 0.01), ('p99_9_us', 0.001)):
      if seen * above >= MIN_SAMPLES_ABOVE:
        result[name] = getattr(latency, name)
    result['errors'] += latency.errors
    result['late'] = latency.unanswered / seen if seen else None
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
                 str(self._pid), '--', 'sleep', str(seconds)]
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
                          self._settings.on_server_cpus())
    try:
      self._server.start()
      self._pid = self._server.pid()
    except BaseException:
      self._server.stop()
      raise
    return self

  def __exit__(self, *_):
    self._server.stop()

  @staticmethod
  def _each(value, load):
    if not load.requests:
      raise Failure('it answered no request')
    return value / load.requests

  def _run_client(self, command, codes=(0,)):
    cpus = ','.join(map(str, self._settings.client_cpus))
    text, _ = run_client(pinned(cpus, command), codes)
    return text

  def _load(self):
    """The closed loop."""
    workload, settings = self._workload, self._settings
    port = self._server.port
    if workload.client == 'echo_load':
      return self._echo_load(settings.seconds, rate=0)
    if workload.client == 'ab':
      parse = clients.parse_ab
      command = clients.ab_command(port, settings.ab_requests, workload.size)
    else:
      parse = clients.parse_wrk
      command = clients.wrk_command(port, settings.seconds, workload.size,
                                    len(settings.client_cpus))
    self.client_command = shlex.join(command)
    cpu = usage.cpu_seconds(self._pid)
    switches = usage.context_switches(self._pid)
    text = self._run_client(command)
    return parse(text)._replace(
        cpu_seconds=usage.cpu_seconds(self._pid) - cpu,
        context_switches=usage.context_switches(self._pid) - switches)

  def _latency(self):
    """The open loop."""
    rate = self._workload.rate
    return self._echo_load(self._settings.latency_seconds(rate), rate)

  def _echo_load(self, seconds, rate, warmup=None):
    mode = {'keepalive': 'hello', 'select1': 'close'}.get(
        self._workload.protocol, self._workload.protocol)
    # To look at many threads takes time, in which requests would be late.
    pids = () if rate else (self._pid,)
    command = clients.echo_load_command(
        ECHO_LOAD, self._server.port, mode, self._workload.size, seconds, rate,
        pids)
    if warmup is not None:
      command.append(f'--warmup_seconds={warmup}')
    if not rate and self.client_command is None:
      self.client_command = shlex.join(command)
    return clients.parse_echo_load(
        self._run_client(command, clients.ECHO_LOAD_CODES))

  def _counted(self, shortest):
    """(requests, calls)."""
    settings = self._settings
    with usage.SystemCalls(self._pid) as counter:
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
    """Its own account of the time, which leaves out how it started."""
    text, used = run_client(shlex.split(self.command))
    found = re.search(r': ([\d.]+) s\b', text)
    if found is None:
      raise Failure(f'it printed no time: {text.strip()}')
    return {
        'seconds': float(found.group(1)),
        'cpu_us': (used.ru_utime + used.ru_stime) * 1e6 / self._requests,
        'switches': (used.ru_nvcsw + used.ru_nivcsw) / self._requests,
        'errors': 0,  # else it had failed
    }


# What a row may end with; all else is a bug of this tool.
ERRORS = (Failure, clients.ClientError, RunError, UsageError, OSError)
