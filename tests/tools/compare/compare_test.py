"""The tool as its user sees it, with two rows of one workload."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

from catalog import TOP

COMPARE = os.path.join(TOP, 'tools/compare/compare')
TWO = '--only=hello_close/bare_epoll,hello_close/rondo_threads0'


def command(*flags):
  return [sys.executable, COMPARE + '.py', *flags]


def run(*flags):
  return subprocess.run(command(*flags), capture_output=True, text=True,
                        check=False)


class TwoRowsTest(unittest.TestCase):

  @classmethod
  def setUpClass(cls):
    cls.folder = tempfile.TemporaryDirectory()
    cls.done = run('--quick', TWO, '--rounds=3', '--output=' + cls.folder.name)
    with open(os.path.join(cls.folder.name, 'report.json'),
              encoding='utf-8') as file:
      cls.report = json.load(file)
    cls.rows = {row['name']: row for row in cls.report['workloads'][0]['rows']}

  @classmethod
  def tearDownClass(cls):
    cls.folder.cleanup()

  def test_ends_well(self):
    self.assertEqual(self.done.returncode, 0, self.done.stderr)

  def test_figures_make_sense(self):
    self.assertEqual(set(self.rows), {'bare_epoll', 'rondo_threads0'})
    for name, row in self.rows.items():
      with self.subTest(name):
        self.assertEqual(row['status'], 'ok')
        self.assertEqual(len(row['runs']), 3)
        figures = {metric: values['median']
                   for metric, values in row['figures'].items()}
        self.assertEqual(figures['errors'], 0)
        self.assertGreater(figures['requests_per_second'], 100)
        self.assertGreater(figures['cpu_us'], 1)
        self.assertGreater(figures['p50_us'], 1)
        # Too few requests for one of these: see MIN_SAMPLES_ABOVE.
        self.assertNotIn('p99_9_us', figures)
        self.assertLessEqual(figures['cpus'], 1.1)
        self.assertGreater(figures['memory_mib'], 0.5)
        # At least accept, read, write and close.
        self.assertGreaterEqual(figures['calls'], 4)
        for metric in row['figures'].values():
          self.assertLessEqual(metric['low'], metric['median'])
          self.assertLessEqual(metric['median'], metric['high'])

  def test_ratio_to_the_bare_loop_is_of_the_same_rounds(self):
    self.assertEqual(self.rows['bare_epoll']['ratio_to_bare']['cpu_us'],
                     {'median': 1.0, 'low': 1.0, 'high': 1.0})
    ours = [run['cpu_us'] for run in self.rows['rondo_threads0']['runs']]
    bare = [run['cpu_us'] for run in self.rows['bare_epoll']['runs']]
    self.assertEqual(
        self.rows['rondo_threads0']['ratio_to_bare']['cpu_us']['high'],
        max(a / b for a, b in zip(ours, bare)))

  def test_table_and_page_have_the_rows(self):
    with open(os.path.join(self.folder.name, 'report.html'),
              encoding='utf-8') as file:
      page = file.read()
    for text in (self.done.stdout, page):
      for part in ('bare_epoll', 'rondo_threads0', '--mode=close' if text is page
                   else 'CPUs kept busy'):
        self.assertIn(part, text)
    self.assertNotIn('src="http', page)  # it needs nothing else
    for fact in ('kernel', 'commit', 'compilation mode'):
      self.assertIn(self.report['machine'][fact], page)

  def test_slow_programs_are_warned_of(self):
    mode = self.report['machine']['compilation mode']
    self.assertIn(mode, ('opt', 'fastbuild', 'dbg'))
    self.assertEqual('built without -c opt' in self.done.stderr, mode != 'opt')

  def test_tables_and_page_can_be_made_again(self):
    path = os.path.join(self.folder.name, 'report.html')
    with open(path, encoding='utf-8') as file:
      page = file.read()
    os.remove(path)
    done = run('--redraw', '--output=' + self.folder.name)
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertEqual(done.stdout, self.done.stdout)
    with open(path, encoding='utf-8') as file:
      again = re.sub('<tr><td>drawn by.*?</tr>\\n', '', file.read())
    self.assertEqual(again, page)
    with open(os.path.join(self.folder.name, 'report.json'),
              encoding='utf-8') as file:
      self.assertEqual(json.load(file), self.report)

  def test_progress_is_a_line_a_run(self):
    lines = self.done.stderr.splitlines()
    self.assertEqual(len([line for line in lines if '/8 ' in line]), 8)


class ChartTest(unittest.TestCase):

  def test_is_a_file_of_its_own_that_another_run_removes(self):
    with tempfile.TemporaryDirectory() as folder:
      chart = os.path.join(folder, 'chart.svg')
      only = '--only=upper_1/bare_epoll,upper_10/bare_epoll'
      done = run('--quick', only, '--output=' + folder)
      self.assertEqual(done.returncode, 0, done.stderr)
      if 'There are no charts' in _read(os.path.join(folder, 'report.html')):
        self.skipTest('python3-matplotlib is not installed')
      root = ElementTree.parse(chart).getroot()
      self.assertTrue(root.tag.endswith('svg'))
      self.assertIn('bare_epoll', _read(chart))
      run('--quick', '--only=upper_1/bare_epoll', '--output=' + folder)
      self.assertFalse(os.path.exists(chart))
      self.assertTrue(os.path.exists(os.path.join(folder, 'report.json.old')))


def _read(path):
  with open(path, encoding='utf-8') as file:
    return file.read()


class InterruptTest(unittest.TestCase):

  def _interrupt(self, number):
    """The report of a run that is stopped when both rows were measured once."""
    with tempfile.TemporaryDirectory() as folder:
      with subprocess.Popen(
          command(TWO, '--quick', '--rounds=1000', '--output=' + folder),
          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while '2/' not in (line := process.stderr.readline()):
          self.assertTrue(line, 'it ended before both were measured')
        process.send_signal(number)
        told, _ = process.communicate()
      self.assertEqual(process.returncode, 130)
      self.assertIn('rondo_threads0', told)
      with open(os.path.join(folder, 'report.json'), encoding='utf-8') as file:
        return json.load(file)

  def test_stop_signals_end_all_children_and_write_what_was_measured(self):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
      with self.subTest(number.name):
        report = self._interrupt(number)
        self.assertTrue(report['interrupted'])
        for row in report['workloads'][0]['rows']:
          self.assertEqual(row['status'], 'ok')
          self.assertGreaterEqual(len(row['runs']), 1)
        self.assertEqual(_running_servers(), [])


def _running_servers():
  """Command lines of this test's servers."""
  found = []
  for pid in filter(str.isdigit, os.listdir('/proc')):
    try:
      with open(f'/proc/{pid}/cmdline', 'rb') as file:
        line = file.read().decode(errors='replace').replace('\0', ' ')
    except OSError:
      continue
    if line.startswith(TOP):
      found.append(line)
  return found


class RedrawTest(unittest.TestCase):

  def test_without_a_report_says_what_is_missing(self):
    with tempfile.TemporaryDirectory() as folder:
      for text in (None, '', '{"settings": 1}'):
        with self.subTest(text):
          if text is not None:
            with open(os.path.join(folder, 'report.json'), 'w',
                      encoding='utf-8') as file:
              file.write(text)
          done = run('--redraw', '--output=' + folder)
          self.assertEqual(done.returncode, 1)
          self.assertIn('the folder of an earlier run', done.stderr)


class FlagsTest(unittest.TestCase):

  def test_list_names_workloads_and_rows(self):
    done = run('--list')
    self.assertEqual(done.returncode, 0)
    for name in ('hello_close', 'upper_10000', 'select1', 'sleep_3',
                 'rondo_threads0', 'epoll_pool_unsafe', 'py_bare_poll'):
      self.assertIn(name, done.stdout)

  def test_wrong_flags_say_what_is_wrong_and_what_to_do(self):
    for flag, part in (('--only=nothing', '--list shows them'),
                       ('--rounds=0', 'must be from 1 to 1000'),
                       ('--output=/proc/x', 'name a folder'),
                       ('--wrong', '--wrong')):
      with self.subTest(flag):
        done = run(flag)
        self.assertEqual(done.returncode, 1)
        self.assertIn(part, done.stderr)
        self.assertIn(flag.split('=')[-1], done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == '__main__':
  unittest.main()
