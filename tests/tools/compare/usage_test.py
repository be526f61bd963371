"""What a process uses, and what strace and perf print of it."""

import subprocess
import unittest

import profiles
import usage

# Recorded with strace 6.1 and perf 6.1.
STRACE = '''strace: Process 4242 detached
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 52.10    0.004168           4      1001           recvfrom
 41.22    0.003298           3      1000         7 sendto
  6.68    0.000534          21        25           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.008000           3      2026         7 total
'''
PERF = '''    31.25%  [k] _raw_spin_unlock_irqrestore
    12.50%  [k] __x64_sys_sendto            -      -
     6.25%  [.] rondo::EventLoop::RunTurn()
'''


class ParsersTest(unittest.TestCase):

  def test_strace_calls_by_name_without_the_total(self):
    self.assertEqual(usage.parse_strace(STRACE),
                     {'recvfrom': 1001, 'sendto': 1000, 'epoll_wait': 25})

  def test_strace_that_counted_nothing(self):
    self.assertEqual(usage.parse_strace('strace: Process 1 detached\n'), {})

  def test_perf_functions_in_order(self):
    self.assertEqual(profiles.parse_perf(PERF),
                     [[31.25, '_raw_spin_unlock_irqrestore'],
                      [12.5, '__x64_sys_sendto'],
                      [6.25, 'rondo::EventLoop::RunTurn()']])


class ProcessTest(unittest.TestCase):
  """cat, which reads and writes when told to."""

  def setUp(self):
    self.process = subprocess.Popen(['cat'], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
    self._echo(b'x')  # it is there

  def tearDown(self):
    self.process.communicate()

  def _echo(self, byte):
    self.process.stdin.write(byte)
    self.process.stdin.flush()
    self.assertEqual(self.process.stdout.read(1), byte)

  def test_usage_is_there_and_grows(self):
    pid = self.process.pid
    self.assertGreater(usage.peak_memory_mib(pid), 0.1)
    cpu, switches = usage.cpu_seconds(pid), usage.context_switches(pid)
    for _ in range(100):
      self._echo(b'y')
    self.assertGreater(usage.cpu_seconds(pid), cpu)
    self.assertGreater(usage.context_switches(pid), switches)

  def test_who_has_gone_uses_nothing(self):
    gone = subprocess.Popen(['true'])
    gone.wait()
    self.assertEqual(usage.cpu_seconds(gone.pid), 0)
    self.assertEqual(usage.context_switches(gone.pid), 0)
    self.assertEqual(usage.peak_memory_mib(gone.pid), 0)

  def test_system_calls_of_the_block_are_counted(self):
    with usage.SystemCalls(self.process.pid) as counter:
      for _ in range(5):
        self._echo(b'y')
    # A call is counted when it returns: what the last write wrote is seen
    # before, and so may the read be that was waiting when strace came.
    self.assertIn(counter.calls['read'], (4, 5, 6))
    self.assertIn(counter.calls['write'], (4, 5))

  def test_system_calls_of_nobody_are_an_error(self):
    gone = subprocess.Popen(['true'])
    gone.wait()
    with self.assertRaises(OSError):
      with usage.SystemCalls(gone.pid):
        pass


if __name__ == '__main__':
  unittest.main()
