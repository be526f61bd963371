#!/usr/bin/env python3
"""Measures the user memory that a server spends on an idle connection.

Starts a server, opens connections that have each had one message echoed, or
with --http one request answered, and then idle, and divides the growth of the server's private memory (Private_Dirty in
/proc/PID/smaps_rollup; the kernel's own memory is not in it) by their number.

  bazel build -c opt //examples/echo
  tools/bench/idle_memory.py --connections=10000
  bazel build -c opt //examples/hello
  tools/bench/idle_memory.py --http

Expect one line: bytes per idle connection. Needs an open file limit of a little
more than --connections in both processes.

Exit code: 0; 1 for wrong flags or a missing program; 2 if the server failed.
"""

import argparse
import re
import resource
import socket
import subprocess
import sys

import ratios_server

SERVER = "examples/echo/echo"  # as `bazel build` calls it
HTTP_SERVER = "examples/hello/hello"
SERVER_FLAGS = ["--port=0", "--threads=0", "--max_connections_per_ip=20000"]
PORT = re.compile(r":(\d+)\b")
MESSAGE = b"ping"
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LENGTH = re.compile(rb"Content-Length: (\d+)\r\n")


def private_bytes(pid):
  with open(f"/proc/{pid}/smaps_rollup") as rollup:
    for line in rollup:
      if line.startswith("Private_Dirty:"):
        return int(line.split()[1]) * 1024
  raise RuntimeError("smaps_rollup has no Private_Dirty")


def is_whole(http, answer):
  if not http:
    return len(answer) >= len(MESSAGE)
  head, blank_line, body = answer.partition(b"\r\n\r\n")
  length = LENGTH.search(head + b"\r\n")
  return blank_line and length and len(body) >= int(length.group(1))


def open_idle_connection(port, http):
  """Connects and has one message answered, so that the server knows it."""
  client = socket.create_connection(("127.0.0.1", port))
  client.sendall(REQUEST if http else MESSAGE)
  answer = b""
  while not is_whole(http, answer):
    more = client.recv(4096)
    if not more:
      raise ConnectionError("the server closed a connection")
    answer += more
  return client


def measure(server, args):
  port = int(PORT.search(server.stdout.readline()).group(1))
  open_idle_connection(port, args.http).close()  # makes what is made once
  before = private_bytes(server.pid)
  clients = [open_idle_connection(port, args.http)
             for _ in range(args.connections)]
  grown = private_bytes(server.pid) - before
  print(f"{len(clients)} idle connections: {grown / len(clients):.0f} bytes each "
     f"({grown} in all)")


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--connections", type=int, default=10_000)
  parser.add_argument("--http", action="store_true",
                      help=f"request, with {HTTP_SERVER} as the default server")
  parser.add_argument("--server",
                      help=f"a command; default: {SERVER} "
                           f"{' '.join(SERVER_FLAGS)}")
  args = parser.parse_args()
  hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
  if not 1 <= args.connections <= hard - 64:
    print(f"ERROR: --connections={args.connections}: allowed is 1 to "
       f"{hard - 64} (the open file limit)", file=sys.stderr)
    return 1
  resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
  try:
    command = (args.server.split() if args.server else
               [ratios_server.built(HTTP_SERVER if args.http else SERVER)] +
               SERVER_FLAGS)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
  except (ratios_server.UsageError, FileNotFoundError) as error:
    print(f"ERROR: {error}", file=sys.stderr)
    return 1
  try:
    measure(server, args)
  except (AttributeError, OSError) as error:
    print(f"ERROR: {error}", file=sys.stderr)
    return 2
  finally:
    server.terminate()
    server.wait()
  return 0


if __name__ == "__main__":
  sys.exit(main())
