#include "examples/server_flags.h"

#include <gflags/gflags.h>

DEFINE_string(host, "127.0.0.1",
              "where to listen: an IPv4 or IPv6 address of this machine, "
              "0.0.0.0 or :: for all, or unix:/path");
DEFINE_int32(port, 8080, "TCP port, 0 to 65535; 0 lets the system choose one");
DEFINE_int32(threads, 2,
             "event loops that serve connections, each with a thread, 0 to "
             "1024; 0: the acceptor's own loop serves them");
DEFINE_string(poller, "epoll",
              "how loops wait: epoll, poll or select (which cannot watch "
              "descriptors above 1023)");
DEFINE_string(placement, "round-robin",
              "which loop gets a new connection: round-robin, "
              "least-connections, or reuseport (each loop listens)");
DEFINE_int32(backlog, 4096,
             "connections that may wait to be accepted, 1 or more; the kernel "
             "caps it at net.core.somaxconn");
DEFINE_bool(tcp_nodelay, true, "send small writes at once (TCP_NODELAY)");
DEFINE_bool(pin_cpus, false, "bind loop i to CPU i, modulo the CPUs there are");
DEFINE_string(takeover, "",
              "path of a unix socket: takes the listening sockets over from a "
              "process that waits there, which then finishes what is open and "
              "ends; then waits there itself");
DEFINE_int32(max_accepts_per_turn, 128,
             "connections accepted before others have their turn, 1 or more");
DEFINE_int32(max_timers_per_turn, 1024, "the same for timers, 1 or more");
DEFINE_int32(max_tasks_per_turn, 1024, "the same for tasks, 1 or more");
DEFINE_string(stall_limit, "100ms",
              "a callback that holds its loop for longer is logged; inf: none "
              "is");
DEFINE_int32(worker_threads, 2,
             "threads for offloaded work, 1 to 1024; only servers that offload "
             "have any");
DEFINE_int32(worker_queue_limit, 1024,
             "offloaded work that may wait for a thread, 1 or more; beyond it "
             "the server answers that it is busy");
