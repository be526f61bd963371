"""What ab, wrk and echo_load print, and what is made of it."""

import unittest

import clients

# Recorded with ApacheBench 2.3 and wrk 4.1.0.
AB = '''This is ApacheBench, Version 2.3 <$Revision: 1903618 $>

Server Software:
Server Hostname:        127.0.0.1
Server Port:            7301

Document Path:          /
Document Length:        12 bytes

Concurrency Level:      10
Time taken for tests:   0.562 seconds
Complete requests:      10000
Failed requests:        0
Total transferred:      1020000 bytes
HTML transferred:       120000 bytes
Requests per second:    17788.02 [#/sec] (mean)
Time per request:       0.562 [ms] (mean)
Time per request:       0.056 [ms] (mean, across all concurrent requests)
Transfer rate:          1771.86 [Kbytes/sec] received

Percentage of the requests served within a certain time (ms)
  50%      1
  99%      2
 100%      4 (longest request)
'''
WRK = '''Running 1s test @ http://127.0.0.1:7302/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   816.22us    1.05ms  14.30ms   93.52%
    Req/Sec   101.24k     9.82k  117.25k    70.00%
  Latency Distribution
     50%  531.00us
     75%    0.87ms
     90%    1.50ms
     99%    5.34ms
  101083 requests in 1.01s, 9.06MB read
Requests/sec: 100401.92
Transfer/sec:      9.00MB
'''
ECHO_LOAD = '''echo: 20 requests in 0.10 s, 1 errors, 200 requests/s, …
{"mode": "echo", "rate": 0.0, "unanswered": 2, "requests": 20, "errors": 1, \
"seconds": 0.1, "requests_per_second": 200.0, "p50_us": 1.5, "p90_us": 2, \
"p99_us": 3, "p99_9_us": 4.5, "max_us": 5, "server_cpu_seconds": 0.25, \
"server_context_switches": 7}
'''


class AbTest(unittest.TestCase):

  def test_reads_throughput(self):
    load = clients.parse_ab(AB)
    self.assertEqual(load.requests, 10000)
    self.assertEqual(load.errors, 0)
    self.assertEqual(load.requests_per_second, 17788.02)

  def test_errors_are_failed_requests_and_other_statuses(self):
    text = AB.replace(
        'Failed requests:        0',
        'Failed requests:        3\nNon-2xx responses:      4')
    self.assertEqual(clients.parse_ab(text).errors, 7)

  def test_what_is_no_result_is_an_error_that_shows_it(self):
    with self.assertRaisesRegex(clients.ClientError, 'Connection refused'):
      clients.parse_ab('apr_socket_recv: Connection refused (111)')


class WrkTest(unittest.TestCase):

  def test_reads_throughput_and_latency_in_any_unit(self):
    load = clients.parse_wrk(WRK)
    self.assertEqual(load.requests, 101083)
    self.assertEqual(load.requests_per_second, 100401.92)
    self.assertEqual(load.p50_us, 531)
    self.assertEqual(load.p99_us, 5340)
    slow = WRK.replace('99%    5.34ms', '99%    1.20s')
    self.assertEqual(clients.parse_wrk(slow).p99_us, 1_200_000)

  def test_errors_are_socket_errors_and_other_statuses(self):
    text = WRK.replace(
        'Requests/sec', '  Socket errors: connect 1, read 2, write 3, timeout 4'
        '\n  Non-2xx or 3xx responses: 5\nRequests/sec')
    self.assertEqual(clients.parse_wrk(text).errors, 15)

  def test_what_is_no_result_is_an_error_that_shows_it(self):
    with self.assertRaisesRegex(clients.ClientError, 'unable to connect'):
      clients.parse_wrk('unable to connect to 127.0.0.1:1')


class EchoLoadTest(unittest.TestCase):

  def test_reads_its_last_line(self):
    self.assertEqual(
        clients.parse_echo_load(ECHO_LOAD),
        clients.Load(20, 1, 200.0, 1.5, 3, 4.5, 0.25, 7, 2))

  def test_what_is_no_result_is_an_error_that_shows_it(self):
    for text in ('', 'nothing of the kind', '{"requests": 1}'):
      with self.assertRaises(clients.ClientError):
        clients.parse_echo_load(text)


if __name__ == '__main__':
  unittest.main()
