"""What the two clients of sleep_server.py share."""

import time

import common

REQUEST = b'GET / HTTP/1.0\r\n\r\n'
MAX_REQUESTS = 1000000


class NoAnswer(Exception):
  """What came is no answer."""


def check(answer):
  if not answer.startswith(b'HTTP/1.1 200 '):
    raise NoAnswer(f'answers {answer[:40]!r} instead of 200 OK')


def run(doc, how, ask_all):
  """Says how long ask_all(address, requests) takes."""
  parser = common.make_parser(doc)
  parser.add_argument('--requests', default=3,
                      type=common.number_in(int, 1, MAX_REQUESTS),
                      help='how many; default 3')
  args = parser.parse_args()
  common.allow_descriptors()
  begin = time.monotonic()
  try:
    ask_all((args.host, args.port), args.requests)
  except (OSError, NoAnswer) as error:
    why = getattr(error, 'strerror', None) or error
    common.fail(2, f'{args.host}:{args.port}: {why}; '
                'start sleep_server.py there, or name another --port')
  seconds = time.monotonic() - begin
  print(f'{args.requests} requests, {how}: {seconds:.1f} s')
