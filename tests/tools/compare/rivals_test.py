#!/usr/bin/python3 -B
"""What clients get from the rivals, in tools/compare/rivals.

By hand, after `bazel build //tools/compare/rivals/...`.
"""

import os
import unittest

import checks
import processes

FOLDER = 'tools/compare/rivals/'
NGINX = '/usr/sbin/nginx'

SERVERS = ['libevent_server', 'libuv_server', 'asio_server', 'asio_coro_server']
PROTOCOLS = {'hello': checks.HelloChecks, 'keepalive': checks.KeepaliveChecks,
             'upper': checks.UpperChecks}


def built(name):
  path = FOLDER + name
  return path if os.path.exists(path) else f'bazel-bin/{path}'


def add_test(name, what, base, **values):
  """A test class of that server, as if it were written here."""
  title = ''.join(word.capitalize() for word in [*name.split('_'), what])
  values['__module__'] = __name__
  globals()[title + 'Test'] = type(title + 'Test', (base, unittest.TestCase),
                                   values)


for server in SERVERS:
  for protocol, base in PROTOCOLS.items():
    add_test(server, protocol, base,
             command=[built(server), f'--protocol={protocol}'])
  add_test(server, 'flags', checks.FlagChecks, command=[built(server)])


def nginx_answer(connection):
  """As an expression, because the time is in it."""
  return (b'HTTP/1\\.1 200 OK\r\nServer: nginx\r\nDate: [^\r]*\r\n'
          b'Content-Type: text/plain\r\nContent-Length: 12\r\n'
          b'Connection: %s\r\n\r\nhello world\n' % connection)


class Nginx:
  """What its tests have in common."""

  missing = (None if processes.debian_has(NGINX) else
             'nginx-light is not installed: tools/setup')
  without = {
      'drops_connections_without_descriptors': 'it lets them wait',
  }


class NginxHelloTest(Nginx, checks.HelloChecks, unittest.TestCase):
  command = [f'{FOLDER}nginx_server.py', '--protocol=hello']

  def check_answer(self, answer):
    self.assertRegex(answer, b'^%s$' % nginx_answer(b'close'))


class NginxKeepaliveTest(Nginx, checks.KeepaliveChecks, unittest.TestCase):
  command = [f'{FOLDER}nginx_server.py', '--protocol=keepalive']
  answer = nginx_answer(b'keep-alive')


class NginxFlagsTest(Nginx, checks.FlagChecks, unittest.TestCase):
  command = [f'{FOLDER}nginx_server.py']


if __name__ == '__main__':
  unittest.main()
