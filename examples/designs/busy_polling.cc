// Busy polling: nothing ever waits. Each thread of a pool accepts on the shared
// listening socket, and tries its own connections in turn, without end.
//
//   bazel run -c opt //examples/designs:busy_polling -- --threads=2
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// The second way of the article that builds an upper-casing echo server five
// ways. A thread has any number of connections, unlike blocking_pool's, but it
// asks the kernel about each of them again and again: it takes a whole CPU even
// where nobody connects, and the more connections there are the longer is each
// round, whether they have anything to say or not.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "base/init.h"
#include "examples/designs/design_main.h"

DEFINE_int32(threads, 2,
             "threads that try, 1 to 16384; more than CPUs are in each "
             "other's way");

namespace rondo::examples {
namespace {

void TryInTurn(Listener& listener, const std::atomic<bool>& stopping) {
  std::vector<std::unique_ptr<Connection>> connections;
  while (!stopping) {
    if (auto accepted = listener.Accept()) {
      connections.push_back(std::move(accepted));
    }
    std::erase_if(connections, [](const auto& connection) {
      return !connection->Proceed();
    });
  }
}

void Serve(Listener& listener, StopSignal& stop, ThreadPool& pool) {
  std::atomic<bool> stopping = false;
  for (int i = 0; i < pool.threads(); ++i) {
    CHECK(pool.Submit([&] { TryInTurn(listener, stopping); }) ==
          ThreadPool::SubmitResult::kAccepted);
  }
  stop.Await();
  stopping = true;
  pool.Stop(ThreadPool::StopMode::kDrain);
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "busy_polling: non-blocking, without waiting.");
  return rondo::examples::RunDesign(
      {.name = "busy_polling", .threads = FLAGS_threads},
      rondo::examples::Serve);
}
