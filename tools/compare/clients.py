"""The programs that ask the servers: their commands and what they print."""

import json
import re
from collections import namedtuple


class ClientError(Exception):
  """A client failed, or printed what nobody understands."""


# What a client saw. None is what it does not tell. Latencies in microseconds.
# unanswered: of an open loop, when it ended.
Load = namedtuple('Load', 'requests errors requests_per_second p50_us p99_us '
                  'p99_9_us cpu_seconds context_switches unanswered',
                  defaults=(None,) * 6)


def _number(pattern, text, default=None):
  """The first group of `pattern`, which must be there without `default`."""
  found = re.search(pattern, text, re.MULTILINE)
  if found is None and default is None:
    raise ClientError(f'no {pattern!r} in what the client printed:\n{text}')
  return float(found.group(1)) if found else default


# --- ab. ----------------------------------------------------------------------


def ab_command(port, requests, connections):
  return ['ab', '-q', '-n', str(requests), '-c', str(connections),
          f'http://127.0.0.1:{port}/']


def parse_ab(text):
  """ab tells percentiles in whole milliseconds, too coarse to keep."""
  requests = _number(r'^Complete requests:\s+(\d+)', text)
  errors = (_number(r'^Failed requests:\s+(\d+)', text) +
            _number(r'^Non-2xx responses:\s+(\d+)', text, 0))
  return Load(int(requests), int(errors),
              _number(r'^Requests per second:\s+([\d.]+)', text))


# --- wrk. ---------------------------------------------------------------------


def wrk_command(port, seconds, connections, threads):
  return ['wrk', f'-t{threads}', f'-c{connections}', f'-d{max(1, round(seconds))}s',
          '--latency', f'http://127.0.0.1:{port}/']


def _wrk_latency(percent, text):
  found = re.search(rf'^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$', text,
                    re.MULTILINE)
  if found is None:
    return None
  unit = {'us': 1, 'ms': 1e3, 's': 1e6, 'm': 60e6}[found.group(2)]
  return float(found.group(1)) * unit


def parse_wrk(text):
  sockets = re.search(r'Socket errors: (.*)', text)
  errors = sum(map(int, re.findall(r'\d+', sockets.group(1)))) if sockets else 0
  errors += int(_number(r'Non-2xx or 3xx responses: (\d+)', text, 0))
  return Load(int(_number(r'(\d+) requests in ', text)), errors,
              _number(r'^Requests/sec:\s+([\d.]+)', text),
              _wrk_latency(50, text), _wrk_latency(99, text))


# --- echo_load, of this repository. -------------------------------------------


def echo_load_command(program, port, mode, connections, seconds, rate=0,
                      pids=()):
  return [program, f'--port={port}', f'--mode={mode}',
          f'--connections={connections}', f'--seconds={seconds}',
          f'--rate={rate}', '--json',
          '--server_pids=' + ','.join(map(str, pids))]


ECHO_LOAD_CODES = (0, 3)  # 3: some replies were wrong or missing


def parse_echo_load(text):
  try:
    told = json.loads(text.splitlines()[-1])
    return Load(told['requests'], told['errors'],
                told['requests_per_second'], told['p50_us'], told['p99_us'],
                told['p99_9_us'], told.get('server_cpu_seconds'),
                told.get('server_context_switches'), told['unanswered'])
  except (IndexError, KeyError, ValueError) as error:
    raise ClientError(f'echo_load printed no figures ({error}):\n{text}'
                     ) from error
