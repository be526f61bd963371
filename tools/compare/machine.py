"""Where it was measured: machine, kernel, versions."""

import datetime
import os
import platform
import re
import shutil
import subprocess

from catalog import ECHO_LOAD

_PACKAGES = ('gcc', 'libevent-dev', 'libuv1-dev', 'libasio-dev', 'nginx-light',
             'libmariadb-dev', 'mariadb-server-core', 'python3',
             'python3-tornado', 'python3-aiomysql', 'python3-matplotlib',
             'apache2-utils', 'wrk', 'strace', 'linux-perf')


def _first(path, key):
  try:
    with open(path, encoding='utf-8') as file:
      for line in file:
        name, _, value = line.partition(':')
        if name.strip() == key:
          return value.strip()
  except OSError:
    pass
  return 'unknown'


def _output(*command):
  try:
    return subprocess.run(command, capture_output=True, text=True,
                          check=False).stdout.strip()
  except OSError:
    return ''


def _packages():
  if shutil.which('dpkg-query') is None:
    return {}
  told = _output('dpkg-query', '--show',
                 '--showformat=${Package} ${db:Status-Status} ${Version}\n',
                 *_PACKAGES)
  fields = [line.split() for line in told.splitlines()]
  return {name: version for name, status, *rest in fields
          if status == 'installed' for version in rest}


def compilation_mode():
  """Bazel's: opt, fastbuild or dbg; from where the programs are."""
  found = re.search(r'/bazel-out/[^/]*?-(opt|fastbuild|dbg)\b',
                    os.path.realpath(ECHO_LOAD))
  return found.group(1) if found else 'unknown'


def _commit():
  """Of the sources, as `bazel run` tells where they are."""
  sources = os.environ.get('BUILD_WORKSPACE_DIRECTORY')
  if sources is None:
    return 'unknown: not run by bazel'
  return _output('git', '-C', sources, 'describe', '--always', '--dirty',
                 '--exclude=*') or 'unknown: not a clone'


def describe():
  """{what: text}; versions of packages that are not there are left out."""
  return {
      'date': datetime.date.today().isoformat(),
      'commit': _commit(),
      'compilation mode': compilation_mode(),
      'CPU': f'{os.cpu_count()} x {_first("/proc/cpuinfo", "model name")}',
      'memory': _first('/proc/meminfo', 'MemTotal'),
      'kernel': f'{platform.system()} {platform.release()}',
      'system': platform.freedesktop_os_release().get('PRETTY_NAME', ''),
      'versions': ', '.join(f'{name} {version}'
                            for name, version in _packages().items()),
  }
