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

AB_REQUESTS = 10_000  # the articles' -n
UPPER_CONNECTIONS = (1, 10, 100, 1_000, 10_000)
SLEEP_REQUESTS = (3, 100, 10_000)

WORKLOADS = [
    Workload('hello_close', 'hello world, a connection for each request '
             '(ab -n 10000 -c 10)', 'close', 'ab', 10, 1_000),
    Workload('hello_keepalive', 'hello world, 64 kept connections (wrk)',
             'keepalive', 'wrk', 64, 5_000),
] + [
    Workload(f'upper_{size}', f'upper-casing echo of 64 bytes, {size:,} '
             f'connection{"s" if size > 1 else ""}', 'upper', 'echo_load',
             size, 2_000) for size in UPPER_CONNECTIONS
] + [
    Workload('select1', 'hello world with SELECT 1 in each request '
             '(ab -n 10000 -c 10)', 'select1', 'ab', 10, 300),
] + [
    Workload(f'sleep_{size}', f'{size:,} requests to the server that answers '
             'after one second', 'sleep', 'row', size, None)
    for size in SLEEP_REQUESTS
]

# --- Articles. ----------------------------------------------------------------

# figure: with its unit; rank: among that article's figures of the workload.
Article = namedtuple('Article', 'figure rank of')

_HELLO = ['7,700 poll', '7,200 kqueue', '6,100 selectors', '5,300 generators',
          '4,000 Tornado', '3,000 asyncio protocol', '2,200 asyncio streams']
_SELECT1 = ['1,250 asyncio + aiomysql', '680 Tornado']
_SLEEP_3 = ['1.0 s multiplexed', '3.0 s blocking']


def _article(figures, name):
  rank = next(i for i, figure in enumerate(figures) if name in figure)
  return Article(figures[rank], rank + 1, len(figures))


def _hello(name):
  return {'hello_close': _article(_HELLO, name)}


def _select1(name):
  return {'select1': _article(_SELECT1, name)}


def _sleep(name):
  return {'sleep_3': _article(_SLEEP_3, name)}


# --- Rows. --------------------------------------------------------------------

BARE, POOL, CORO, DESIGN, ORIGINAL, RIVAL = (
    'bare loop', 'Rondo, callbacks', 'Rondo, coroutines', "article's design",
    "article's original", 'rival')

# commands: by protocol; {size} stands for the workload's, {mysql} for the
# database's socket, {port} for the one-second server's port.
# needs: what must be installed: a program, or python:MODULE.
# articles: Article by workload.
# most: the largest workload that it can take, and why it cannot take more.
Row = namedtuple('Row', 'name group commands needs articles most',
                 defaults=((), {}, None))

BASELINE = 'bare_epoll'
# What is asked whether it is first or equal.
POOL_ROW = 'rondo_threads0'
# The pool with one loop, under each workload.
SINGLE_LOOP_ROWS = (POOL_ROW, 'rondo_mysql', 'multiplexed_client')


def _rondo():
  """(name, group, commands) of the reactor pool's rows."""
  flags = [(f'threads{n}', f'--threads={n}') for n in (0, 1, 2, 4)]
  flags += [(f'{placement}', f'--threads=2 --placement={placement}')
            for placement in ('least-connections', 'reuseport')]
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
      for protocol, mode in modes.items()}, articles=_hello('kqueue'))


def _design(name, flags='', articles=None, most=None):
  program = built('examples/designs/' + name)
  commands = {'close': f'{program} --port=0 --protocol=hello {flags}',
              'upper': f'{program} --port=0 --protocol=upper {flags}'}
  return Row(name, DESIGN, commands, (), articles or {}, most)


def _designs():
  return [
      _design('blocking_pool', '--threads={size}',
              most=(1_000, 'it needs a thread for each connection')),
      _design('busy_polling', '--threads=2'),
      _design('select_loop', most=(1_000, 'select(2) knows 1,024 descriptors')),
      _design('poll_loop', articles=_hello('poll')),
      _design('epoll_loop', articles=_hello('selectors')),
      _design('epoll_pool_unsafe', '--threads=2'),
      _design('epoll_pool', '--threads=2'),
      _design('poll_generators', articles=_hello('generators')),
      _design('event_generators', articles=_hello('generators')),
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
      _original('generator_events', articles=_hello('generators')),
      _original('thread_pool_blocking', flags='--threads={size}',
                most=(1_000, 'it needs a thread for each connection')),
      _original('thread_pool_busy_polling'),
      _original('thread_pool_epoll'),
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
  def row(name, group, flags):
    return Row(name, group, {
        'select1': f'{built("examples/mysql/mysql")} {_ONE_CLIENT} {flags} '
                   '--mysql_socket={mysql}'})
  return [
      row('rondo_mysql', POOL, '--threads=0 --design=callbacks'),
      row('rondo_mysql_coro', CORO, '--threads=0 --design=coroutines'),
      row('rondo_mysql_threads2', POOL, '--threads=2 --design=callbacks'),
      row('rondo_mysql_pool', POOL,
          '--threads=0 --design=thread_pool --worker_threads=10'),
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
