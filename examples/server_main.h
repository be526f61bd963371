#ifndef RONDO_EXAMPLES_SERVER_MAIN_H_
#define RONDO_EXAMPLES_SERVER_MAIN_H_

#include <functional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/thread_pool.h"
#include "net/tcp/tcp_server.h"

namespace rondo::examples {

// What every server example does around its one idea.

// Serves with the shared flags (server_flags.cc, limit_flags.cc) until SIGINT
// or SIGTERM, then finishes what is open, see serving.h. Prints one line when
// it listens:
//
//   echo listening on 127.0.0.1:8080 threads=2 poller=epoll
//   placement=round-robin                                  (all in one line)
//
// Returns main()'s exit code: kExitOk, kExitForced if connections had to be cut
// off, or kExitBadAddress if it cannot listen.
// A flag that makes no sense ends the program with kExitBadFlags.
int ServeUntilSignal(std::string_view name, ConnectionCallbacks callbacks);

// What may have threads, and so is made once signals are taken.
struct ServerParts {
  ConnectionCallbacks callbacks;
  std::function<void()> on_hangup = nullptr;  // SIGHUP, on the first loop
};

// The same for such a server. If its parts cannot be made, says why and returns
// kExitBadAddress.
int ServeUntilSignal(
    std::string_view name,
    absl::FunctionRef<absl::StatusOr<ServerParts>()> make_parts);

// The same for a server that offloads work: makes the pool that
// --worker_threads and --worker_queue_limit describe, and asks for parts that
// use it. Work that nobody waits for any more is dropped.
int ServeUntilSignal(
    std::string_view name,
    absl::FunctionRef<absl::StatusOr<ServerParts>(ThreadPool&)> make_parts);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_SERVER_MAIN_H_
