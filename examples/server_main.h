#ifndef RONDO_EXAMPLES_SERVER_MAIN_H_
#define RONDO_EXAMPLES_SERVER_MAIN_H_

#include <memory>
#include <string_view>

#include "base/thread_pool.h"
#include "net/tcp/tcp_server.h"

namespace rondo::examples {

// What every server example does around its one idea.

// Serves with the shared flags (server_flags.cc) until SIGINT or SIGTERM.
// Prints one line when it listens:
//
//   echo listening on 127.0.0.1:8080 threads=2 poller=epoll
//   placement=round-robin                                  (all in one line)
//
// Returns main()'s exit code: kExitOk, or kExitBadAddress if it cannot listen.
// A flag that makes no sense ends the program with kExitBadFlags.
int ServeUntilSignal(std::string_view name, ConnectionCallbacks callbacks);

// The pool that --worker_threads and --worker_queue_limit describe.
std::unique_ptr<ThreadPool> WorkerPoolFromFlags();

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_SERVER_MAIN_H_
