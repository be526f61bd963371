"""What is compared: the rows, the workloads, and what the articles say."""

import os
import sys
from collections import namedtuple

# Bazel puts the root of what it has built on the path.
TOP = next(path for path in sys.path
           if os.path.exists(os.path.join(path, 'tools/compare/catalog.py')))


def built(path):
  """A program of this repository, as it was built with this tool."""
  return os.path.join(TOP, path)


# --- Workloads. ---------------------------------------------------------------

# protocol: what servers must speak: close (HTTP, a connection for each
# request), keepalive, upper, select1 (close with a query in each request), or
# sleep, for which the rows are clients.
# client: who loads: ab, wrk, echo_load, or the row itself.
# size: connections at the same time, or the client's requests.
# rate: requests per second of the open loop that measures latency.
Workload = namedtuple('Workload', 'name title protocol client size rate')

UPPER_CONNECTIONS = (1, 10, 100, 1_000, 10_000)
SLEEP_REQUESTS = (3, 100, 10_000)

WORKLOADS = [
    Workload('hello_close', 'hello world, a connection for each request '
             '(ab -c 10)', 'close', 'ab', 10, 2_000),
    Workload('hello_keepalive', 'hello world, 64 kept connections (wrk)',
             'keepalive', 'wrk', 64, 10_000),
] + [
    Workload(f'upper_{size}', f'upper-casing echo of 64 bytes, {size:,} '
             f'connection{"s" if size > 1 else ""}', 'upper', 'echo_load',
             size, 5_000) for size in UPPER_CONNECTIONS
] + [
    Workload('select1', 'hello world with SELECT 1 in each request '
             '(ab -c 10)', 'select1', 'ab', 10, 1_000),
] + [
    Workload(f'sleep_{size}', f'{size:,} requests to the server that answers '
             'after one second', 'sleep', 'row', size, None)
    for size in SLEEP_REQUESTS
]

# --- Articles. ----------------------------------------------------------------

# figures: the article's own, with what it calls them; ranks: theirs, among the
# `of` that it has of the workload.
Article = namedtuple('Article', 'figures ranks of')

_HELLO = ['7,700 poll', '7,200 kqueue', '6,100 selectors', '5,300 generators',
          '4,000 Tornado', '3,000 asyncio protocol', '2,200 asyncio streams']
_SELECT1 = ['1,250 asyncio + aiomysql', '680 Tornado']
_SLEEP_3 = ['1.0 s multiplexed', '3.0 s blocking']


def _article(figures, names):
  ranks = [next(i for i, figure in enumerate(figures) if name in figure)
           for name in names]
  return Article([figures[rank] for rank in ranks],
                 [rank + 1 for rank in ranks], len(figures))


def _hello(*names):
  return {'hello_close': _article(_HELLO, names)}


def _select1(*names):
  return {'select1': _article(_SELECT1, names)}


def _sleep(*names):
  return {'sleep_3': _article(_SLEEP_3, names)}


# --- Rows. --------------------------------------------------------------------

BARE, POOL, CORO, DESIGN, ORIGINAL, RIVAL = (
    'bare loop', 'Rondo, callbacks', 'Rondo, coroutines', "article's design",
    "article's original", 'rival')

# commands: by protocol; {size} stands for the workload's, {mysql} for the
# database's socket, {port} for the one-second server's port.
# needs: what must be installed: a program, or python:MODULE; see PACKAGES.
# articles: Article by workload.
# most: the largest workload that it can take, and why it cannot take more.
Row = namedtuple('Row', 'name group commands needs articles most',
                 defaults=((), {}, None))

BASELINE = 'bare_epoll'
# The pool with one loop, under each workload, and the same in coroutines.
SINGLE_LOOP_ROWS = {
    'rondo_threads0': 'rondo_coro_threads0',
    'rondo_mysql': 'rondo_mysql_coro',
    'multiplexed_client': 'multiplexed_client_coro',
}


def _rondo():
  """(name, group, commands) of the reactor pool's rows."""
  flags = [(f'threads{n}', f'--threads={n}') for n in (0, 1, 2, 4)]
  flags += [(f'{placement}{n}', f'--threads={n} --placement={placement}')
            for placement in ('least-connections', 'reuseport')
            for n in (2, 4)]
  for name, flag in flags:
    callbacks = {'close': f'hello/hello --close {flag}',
                 'keepalive': f'hello/hello {flag}',
                 'upper': f'upper/upper {flag}'}
    yield Row(f'rondo_{name}', POOL, _examples(callbacks))
    coroutines = {'close': f'hello_coro/hello_coro --close {flag}',
                  'keepalive': f'hello_coro/hello_coro {flag}',
                  'upper': f'upper_coro/upper_coro {flag}'}
    yield Row(f'rondo_coro_{name}', CORO, _examples(coroutines))


# The test of many connections comes from one address.
_ONE_CLIENT = '--port=0 --max_connections_per_ip=1000000'


def _examples(commands):
  return {protocol: built('examples/' + command) + ' ' + _ONE_CLIENT
          for protocol, command in commands.items()}


def _bare():
  modes = {'close': 'close', 'keepalive': 'hello', 'upper': 'upper'}
  return Row(BASELINE, BARE, {
      protocol: f'{built("tools/bench/bare_epoll")} --port=0 --mode={mode}'
      for protocol, mode in modes.items()})


def _design(program, flags='', name=None, articles=None, most=None):
  name = name or program
  program = built('examples/designs/' + program)
  commands = {'close': f'{program} --port=0 --protocol=hello {flags}',
              'upper': f'{program} --port=0 --protocol=upper {flags}'}
  return Row(name, DESIGN, commands, (), articles or {}, most)


def _designs():
  return [
      _design('blocking_pool', '--threads={size}'),
      # Here those beyond 64 wait for ever: nobody ever ends.
      _design('blocking_pool', '--threads=64', name='blocking_pool_64'),
      _design('busy_polling', '--threads=2'),
      _design('select_loop', most=(1_000, 'select(2) knows 1,024 descriptors')),
      _design('poll_loop', articles=_hello('poll')),
      _design('epoll_loop', articles=_hello('kqueue', 'selectors')),
      _design('epoll_pool_unsafe', '--threads=2'),
      _design('epoll_pool', '--threads=2'),
      _design('poll_generators', articles=_hello('generators')),
      _design('event_generators'),
  ]


def _original_file(name):
  return built(f'tools/compare/originals/{name}.py')


def _original(name, protocols=('close', 'upper'), flags='', needs=(),
              articles=None, most=None):
  program = f'{_original_file(name)} --port=0'
  commands = {}
  for protocol in protocols:
    spoken = {'close': '--protocol=hello', 'upper': '--protocol=upper',
              'select1': '--mysql_socket={mysql}'}[protocol]
    commands[protocol] = f'{program} {spoken} {flags}'
  return Row('py_' + name, ORIGINAL, commands, needs, articles or {}, most)


def _originals():
  return [
      _original('tornado_hello', needs=('python:tornado',),
                articles=_hello('Tornado')),
      _original('asyncio_protocol', articles=_hello('protocol')),
      _original('asyncio_streams', articles=_hello('streams')),
      _original('bare_poll', articles=_hello('poll')),
      _original('bare_epoll', articles=_hello('kqueue')),
      _original('bare_selectors', articles=_hello('selectors')),
      _original('bare_select',
                most=(1_000, 'select(2) knows 1,024 descriptors')),
      _original('generator_loop', articles=_hello('generators')),
      _original('generator_events'),
      _original('thread_pool_blocking', flags='--threads={size}',
                most=(1_000, 'it has a thread for each connection')),
      _original('thread_pool_busy_polling', flags='--threads=2'),
      _original('thread_pool_epoll', flags='--threads=2'),
      _original('tornado_aiomysql', ('select1',),
                needs=('python:tornado', 'python:aiomysql'),
                articles=_select1('Tornado')),
      _original('asyncio_aiomysql', ('select1',), needs=('python:aiomysql',),
                articles=_select1('asyncio')),
  ]


def _rival(name):
  program = built(f'tools/compare/rivals/{name}_server')
  commands = {'close': 'hello', 'keepalive': 'keepalive', 'upper': 'upper'}
  return Row(name, RIVAL, {
      protocol: f'{program} --port=0 --protocol={spoken}'
      for protocol, spoken in commands.items()})


def _rivals():
  nginx = built('tools/compare/rivals/nginx_server.py') + ' --port=0'
  return [
      _rival('libevent'), _rival('libuv'), _rival('asio'),
      _rival('asio_coro'),
      Row('nginx', RIVAL, {'close': nginx + ' --protocol=hello',
                           'keepalive': nginx + ' --protocol=keepalive'},
          ('nginx',)),
  ]


def _mysql():
  def row(name, group, design, loops, flags=''):
    # As many connections as ab has, like the originals' pools.
    connections = 10 // max(loops, 1)
    return Row(name, group, {
        'select1': f'{built("examples/mysql/mysql")} {_ONE_CLIENT} '
                   f'--design={design} --threads={loops} '
                   f'--mysql_connections={connections} {flags} '
                   '--mysql_socket={mysql}'})
  return [
      row('rondo_mysql', POOL, 'callbacks', 0),
      row('rondo_mysql_coro', CORO, 'coroutines', 0),
      row('rondo_mysql_threads2', POOL, 'callbacks', 2),
      row('rondo_mysql_coro_threads2', CORO, 'coroutines', 2),
      row('rondo_mysql_pool', POOL, 'thread_pool', 0, '--worker_threads=10'),
  ]


def _sleepers():
  def row(name, group, command, articles, most=None):
    flags = ' --port={port} --requests={size}'
    return Row(name, group, {'sleep': command + flags}, (), articles, most)
  one_by_one = (3, 'it would take a second for each request')
  return [
      row('blocking_client', DESIGN,
          built('examples/blocking_client/blocking_client'),
          _sleep('blocking'), one_by_one),
      row('multiplexed_client', POOL,
          built('examples/multiplexed_client/multiplexed_client'),
          _sleep('multiplexed')),
      row('multiplexed_client_coro', CORO,
          built('examples/multiplexed_client_coro/multiplexed_client_coro'),
          _sleep('multiplexed')),
      row('py_blocking_client', ORIGINAL, _original_file('blocking_client'),
          _sleep('blocking'), one_by_one),
      row('py_multiplexed_client', ORIGINAL,
          _original_file('multiplexed_client'), _sleep('multiplexed')),
  ]


ROWS = ([_bare()] + list(_rondo()) + _designs() + _rivals() + _originals() +
        _mysql() + _sleepers())

SLEEP_SERVER = (built('examples/sleep_server/sleep_server') + ' --threads=0 ' +
                _ONE_CLIENT)
ECHO_LOAD = built('tools/bench/echo_load')

# Debian's package of a need, and which call of tools/setup brings it.
PACKAGES = {
    'python:tornado': ('python3-tornado', 'tools/setup --compare'),
    'python:aiomysql': ('python3-aiomysql', 'tools/setup --compare'),
    'nginx': ('nginx-light', 'tools/setup'),
    'mariadbd': ('mariadb-server-core', 'tools/setup'),
    'ab': ('apache2-utils', 'tools/setup'),
    'wrk': ('wrk', 'tools/setup'),
    'strace': ('strace', 'tools/setup'),
    'taskset': ('util-linux', 'apt-get'),
}


def needs(workload, row):
  """Everything that must be installed for the two."""
  found = list(row.needs)
  if workload.client in ('ab', 'wrk'):
    found.append(workload.client)
  if workload.client != 'row':
    found.append('taskset')
  if workload.protocol == 'select1':
    found.append('mariadbd')
  return found
