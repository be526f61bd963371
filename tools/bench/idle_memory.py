#!/usr/bin/env python3
"""Measures the user memory that a server spends on an idle connection.

Starts a server, opens connections that have each echoed one message and then
idle, and divides the growth of the server's private memory (Private_Dirty in
/proc/PID/smaps_rollup; the kernel's own memory is not in it) by their number.

  bazel build -c opt //examples/echo
  tools/bench/idle_memory.py --connections=10000

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
SERVER_FLAGS = ["--port=0", "--threads=0", "--max_connections_per_ip=20000"]
PORT = re.compile(r":(\d+)\b")
MESSAGE = b"ping"


def private_bytes(pid):
  with open(f"/proc/{pid}/smaps_rollup") as rollup:
    for line in rollup:
      if line.startswith("Private_Dirty:"):
        return int(line.split()[1]) * 1024
  raise RuntimeError("smaps_rollup has no Private_Dirty")


def open_idle_connection(port):
  """Connects and has one message echoed, so that the server knows it."""
  client = socket.create_connection(("127.0.0.1", port))
  client.sendall(MESSAGE)
  answer = b""
  while len(answer) < len(MESSAGE):
    more = client.recv(len(MESSAGE))
    if not more:
      raise ConnectionError("the server closed a connection")
    answer += more
  return client


def measure(server, count):
  port = int(PORT.search(server.stdout.readline()).group(1))
  open_idle_connection(port).close()  # makes what is made only once
  before = private_bytes(server.pid)
  clients = [open_idle_connection(port) for _ in range(count)]
  grown = private_bytes(server.pid) - before
  print(f"{len(clients)} idle connections: {grown / count:.0f} bytes each "
     f"({grown} in all)")


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--connections", type=int, default=10_000)
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
               [ratios_server.built(SERVER)] + SERVER_FLAGS)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
  except (ratios_server.UsageError, FileNotFoundError) as error:
    print(f"ERROR: {error}", file=sys.stderr)
    return 1
  try:
    measure(server, args.connections)
  except (AttributeError, OSError) as error:
    print(f"ERROR: {error}", file=sys.stderr)
    return 2
  finally:
    server.terminate()
    server.wait()
  return 0


if __name__ == "__main__":
  sys.exit(main())
