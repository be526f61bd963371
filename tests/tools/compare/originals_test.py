#!/usr/bin/python3 -B
"""What clients get from the originals, in tools/compare/originals."""

import importlib.util
import tempfile
import unittest

import checks
import processes

FOLDER = 'tools/compare/originals/'
MARIADB = '/usr/sbin/mariadbd'

SERVERS = ['bare_poll', 'bare_epoll', 'bare_selectors', 'bare_select',
           'generator_loop', 'generator_events', 'thread_pool_blocking',
           'thread_pool_busy_polling', 'thread_pool_epoll', 'asyncio_protocol',
           'asyncio_streams', 'tornado_hello']

SEVERAL_WORKERS = 'it hands one descriptor to several workers'
NO_LINGER = 'it closes at once, which may reset the connection'
WITHOUT = {
    ('thread_pool_epoll', 'hello'): {
        'answers_byte_by_byte': SEVERAL_WORKERS,
        'answers_who_has_ended': SEVERAL_WORKERS,
        'answers_who_says_more': NO_LINGER,
    },
    ('thread_pool_epoll', 'upper'): {
        'answers_byte_by_byte': SEVERAL_WORKERS,
        'answers_who_has_ended': SEVERAL_WORKERS,
        'keeps_what_is_read_late': SEVERAL_WORKERS,
    },
    ('tornado_hello', 'hello'): {'answers_who_says_more': NO_LINGER},
}


def missing_for(name):
  """Why a server cannot run here; None if it can."""
  for word, package in ('tornado', 'python3-tornado'), (
      'aiomysql', 'python3-aiomysql'):
    if word in name and importlib.util.find_spec(word) is None:
      return f'{package} is not installed: tools/setup --compare'
  if 'mysql' in name and not processes.debian_has(MARIADB):
    return 'mariadb-server-core is not installed: tools/setup --compare'
  return None


def add_test(name, what, base, **values):
  """A test class of that server, as if it were written here."""
  title = ''.join(word.capitalize() for word in [*name.split('_'), what])
  values |= dict(missing=missing_for(name), __module__=__name__,
                 # Tornado's streams may know of the end before they have sent.
                 half_closes='tornado' not in name)
  globals()[title + 'Test'] = type(title + 'Test', (base, unittest.TestCase),
                                   values)


for server in SERVERS:
  for protocol, base in (('hello', checks.HelloChecks),
                         ('upper', checks.UpperChecks)):
    add_test(server, protocol, base,
             command=[f'{FOLDER}{server}.py', f'--protocol={protocol}'],
             without=WITHOUT.get((server, protocol), {}))
  add_test(server, 'flags', checks.FlagChecks, command=[f'{FOLDER}{server}.py'])


class MysqlChecks(checks.HelloChecks):
  """HTTP servers that ask a database, which is started here."""

  @classmethod
  def setUpClass(cls):
    if cls.missing:
      return
    directory = tempfile.TemporaryDirectory(prefix='mysql-')
    cls.addClassCleanup(directory.cleanup)
    cls.database = Database(directory.name)
    cls.addClassCleanup(cls.database.stop)
    cls.command = cls.command + [f'--mysql_socket={cls.database.socket}']

  def check_answer(self, answer):
    self.assertTrue(answer.startswith(b'HTTP/1.1 200 OK\r\n'), answer)
    self.assertTrue(answer.endswith(b'\r\n\r\n1\n'), answer)

  def test_says_that_the_database_is_gone(self):
    self.quiet = False  # Tornado logs it.
    self.database.stop()
    client = self.connect()
    client.sendall(checks.REQUEST)
    self.assertTrue(processes.read_to_end(client).startswith(
        b'HTTP/1.1 503 Service Unavailable\r\n'))
    self.database.start()
    self.ask_until_answered()


class Database:
  """A MariaDB of its own, with no tables, that asks for no password."""

  def __init__(self, directory):
    self.socket = f'{directory}/socket'
    self._directory = directory
    self._process = None
    self.start()

  def start(self):
    self._process = processes.start_until(
        [MARIADB, '--no-defaults', f'--datadir={self._directory}',
         f'--socket={self.socket}', f'--pid-file={self._directory}/pid',
         '--skip-networking', '--skip-grant-tables', '--skip-log-bin',
         '--innodb-log-file-size=8M', '--user=root'],
        'ready for connections')

  def stop(self):
    self._process.terminate()
    self._process.wait(processes.BOUND_SECONDS)


for server in 'asyncio_aiomysql', 'tornado_aiomysql':
  add_test(server, 'hello', MysqlChecks, command=[f'{FOLDER}{server}.py'],
           without={'answers_who_says_more': NO_LINGER})


class MysqlFlagsTest(unittest.TestCase):

  def test_names_a_socket_without_a_database(self):
    for server in 'asyncio_aiomysql', 'tornado_aiomysql':
      if missing_for(server):
        self.skipTest(missing_for(server))
      done = processes.run([f'{FOLDER}{server}.py', '--port=0',
                            '--mysql_socket=/nowhere'])
      self.assertEqual(done.returncode, 2, done.stderr)
      self.assertIn('--mysql_socket=/nowhere', done.stderr)
      self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


class SleepServerTest(unittest.TestCase):

  def ask(self, name, *flags):
    done = processes.run([f'{FOLDER}{name}.py', *flags])
    return done.returncode, done.stdout + done.stderr

  def test_answers_both_clients(self):
    server = processes.Server([f'{FOLDER}sleep_server.py', '--port=0',
                               '--delay=0.01'])
    self.addCleanup(server.close)
    port = f'--port={server.port}'
    code, text = self.ask('blocking_client', port)
    self.assertEqual(code, 0, text)
    self.assertRegex(text, r'^3 requests, one after the other: \d+\.\d s\n$')
    code, text = self.ask('multiplexed_client', port, '--requests=1000')
    self.assertEqual(code, 0, text)
    self.assertRegex(text, r'^1000 requests, all at once: \d+\.\d s\n$')
    self.assertEqual(server.stop(), 0)
    self.assertEqual(server.errors(), '')

  def test_clients_name_a_server_that_is_not_there(self):
    with processes.free_port() as port:
      for name in 'blocking_client', 'multiplexed_client':
        code, text = self.ask(name, f'--port={port}')
        self.assertEqual(code, 2, text)
        self.assertIn(f'127.0.0.1:{port}: Connection refused; ', text)

  def test_clients_refuse_what_is_no_answer(self):
    server = processes.Server([f'{FOLDER}bare_poll.py', '--protocol=upper',
                               '--port=0'])
    self.addCleanup(server.close)
    for name in 'blocking_client', 'multiplexed_client':
      code, text = self.ask(name, f'--port={server.port}')
      self.assertEqual(code, 2, text)
      self.assertIn('instead of 200 OK', text)


if __name__ == '__main__':
  unittest.main()
