#ifndef RONDO_EXAMPLES_SERVER_FLAGS_H_
#define RONDO_EXAMPLES_SERVER_FLAGS_H_

#include <gflags/gflags_declare.h>

// The flags that all server examples share; server_flags.cc explains them.
DECLARE_string(host);
DECLARE_int32(port);
DECLARE_int32(threads);
DECLARE_string(poller);
DECLARE_string(placement);
DECLARE_int32(backlog);
DECLARE_bool(tcp_nodelay);
DECLARE_string(takeover);
DECLARE_int32(max_accepts_per_turn);
DECLARE_int32(max_timers_per_turn);
DECLARE_int32(max_tasks_per_turn);
DECLARE_string(stall_limit);
DECLARE_bool(pin_cpus);
DECLARE_int32(worker_threads);
DECLARE_int32(worker_queue_limit);

#endif  // RONDO_EXAMPLES_SERVER_FLAGS_H_
