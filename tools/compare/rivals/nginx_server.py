#!/usr/bin/python3 -B
"""Nginx: Debian's, as it is configured for nothing but "hello world".

  tools/compare/rivals/nginx_server.py --protocol=keepalive --port=8080
  wrk -t1 -c64 http://127.0.0.1:8080/

Speaks hello (closes after each reply) and keepalive, in its own headers. It
runs in the place of this script, in the foreground and as one process, so that
its pid has all its CPU time (master_process off: not for production, says its
manual), in a directory of its own that is gone when it has ended. SIGTERM,
SIGINT and SIGQUIT end it with code 0.

Exit codes: 1 for wrong flags; 2 for an address that cannot be had, or no nginx.
"""

import argparse
import contextlib
import os
import select
import shutil
import socket
import string
import sys
import tempfile

RETRY_SECONDS = 0.01
KEEP_SECONDS = {'hello': 0, 'keepalive': 75}


def fail(code, message):
  print(f'nginx_server: {message}', file=sys.stderr)
  sys.exit(code)


class Parser(argparse.ArgumentParser):

  def error(self, message):
    fail(1, f'{message}; see --help')


def port_number(text):
  if not text.isdecimal() or int(text) > 65535:
    raise argparse.ArgumentTypeError(f'{text!r}: must be from 0 to 65535')
  return int(text)


def parse_flags():
  parser = Parser(description=__doc__, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--host', default='127.0.0.1',
                      help='IPv4 address; default 127.0.0.1')
  parser.add_argument('--port', type=port_number, default=8080,
                      help='default 8080; 0 lets the system choose')
  parser.add_argument('--protocol', choices=KEEP_SECONDS, default='hello',
                      help='default hello')
  return parser.parse_args()


def hold_port(args):
  """A socket that keeps the port for nginx, which cannot choose one by itself.

  It does not listen, so that another may do so on the same port.
  """
  holder = socket.socket()
  holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  try:
    holder.bind((args.host, args.port))
  except OSError as error:
    fail(2, f'cannot listen on {args.host}:{args.port}: {error.strerror}; '
         'choose another --port (0: any that is free) or --host')
  holder.set_inheritable(True)
  return holder


def attend(directory, address, line):
  """Starts a child to print the line when one can connect to nginx, and to
  remove the directory when this process has ended."""
  watched, held = os.pipe()
  os.set_inheritable(held, True)
  if os.fork() != 0:
    os.close(watched)
    return
  os.setsid()  # Ctrl-C is not for this one.
  os.close(held)

  def ended(seconds=None):
    return select.select([watched], [], [], seconds)[0]

  while line and not ended(RETRY_SECONDS):
    with contextlib.suppress(OSError):
      socket.create_connection(address).close()
      print(line, flush=True)
      line = None
  null = os.open(os.devnull, os.O_RDWR)
  for standard in range(3):
    os.dup2(null, standard)
  ended()
  shutil.rmtree(directory)
  os._exit(0)


def write_config(directory, address, args):
  folder = os.path.dirname(os.path.realpath(__file__))
  with open(os.path.join(folder, 'nginx.conf'), encoding='ascii') as template:
    text = string.Template(template.read()).substitute(
        # Or root's would give its folders to another user.
        user='user root;' if os.geteuid() == 0 else '',
        address=address, keep_seconds=KEEP_SECONDS[args.protocol])
  path = os.path.join(directory, 'nginx.conf')
  with open(path, 'w', encoding='ascii') as config:
    config.write(text)
  return path


def main():
  args = parse_flags()
  program = shutil.which('nginx', path=os.environ.get('PATH', '') +
                         ':/usr/sbin')
  if program is None:
    fail(2, 'nginx is not installed: tools/setup')
  holder = hold_port(args)
  host, port = address = holder.getsockname()
  directory = tempfile.mkdtemp(prefix='nginx-')
  config = write_config(directory, f'{host}:{port}', args)
  attend(directory, address,
         f'nginx_server listening on {host}:{port} protocol={args.protocol}')
  os.execv(program, [program, '-p', directory, '-c', config, '-e', 'stderr'])


if __name__ == '__main__':
  main()
