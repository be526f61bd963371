#ifndef RONDO_EXAMPLES_DESIGNS_DESIGN_MAIN_H_
#define RONDO_EXAMPLES_DESIGNS_DESIGN_MAIN_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "base/thread_pool.h"              // IWYU pragma: export
#include "examples/designs/connection.h"   // IWYU pragma: export
#include "examples/designs/listener.h"     // IWYU pragma: export
#include "examples/designs/stop_signal.h"  // IWYU pragma: export

namespace rondo::examples {

struct Design {
  std::string name;
  int threads = 0;        // of its pool; the design's flag --threads
  bool blocking = false;  // its sockets are
  std::string note = {};  // ends the line that it prints
};

// What every design does around its one idea. This header brings all that each
// of them uses.
//
// Calls `serve`, which returns soon after SIGINT or SIGTERM and leaves nothing
// running. Before that it prints one line, which tells that it listens:
//
//   epoll_pool listening on 127.0.0.1:8080 protocol=upper threads=4
//
// Returns main()'s exit code: kExitOk, or kExitBadAddress if it cannot listen.
// Flags that make no sense end the program with kExitBadFlags.
int RunDesign(const Design& design,
              absl::FunctionRef<void(Listener&, StopSignal&)> serve);

// The same for one with a pool, on which `serve` calls Stop() before it
// returns. The pool's queue has room for as many tasks as there can be
// descriptors.
int RunDesign(
    const Design& design,
    absl::FunctionRef<void(Listener&, StopSignal&, ThreadPool&)> serve);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_DESIGN_MAIN_H_
