// Blocking pool: each connection has a thread of a pool for as long as it
// lasts, and the thread's calls simply wait.
//
//   bazel run -c opt //examples/designs:blocking_pool -- --threads=64
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// The first way of the article that builds an upper-casing echo server five
// ways. Its code is the shortest, see Talk(). But a connection keeps its thread
// even while it is silent: with as many as there are threads, the next waits
// until one ends. The program says so when that happens first, and at its end
// how many had to wait, and how long.
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <utility>

#include "base/init.h"
#include "examples/designs/connection_set.h"
#include "examples/designs/design_main.h"
#include "examples/designs/queue_waits.h"

DEFINE_int32(threads, 64,
             "connections that are served at a time, 1 to 16384; more wait");

namespace rondo::examples {
namespace {

void Talk(Connection& connection) {
  using Result = Connection::Result;
  while (connection.Receive() == Result::kDone &&
         connection.Send() == Result::kDone) {
  }
}

class BlockingPool {
 public:
  BlockingPool(Listener& listener, ThreadPool& pool)
      : listener_(listener), pool_(pool), waits_(pool.threads()) {}

  void AcceptAll() {
    while (!stopping_) {
      auto accepted = listener_.Accept();
      if (accepted != nullptr) Submit(connections_.Add(std::move(accepted)));
    }
  }

  // What waits in a call is woken by the shutdown of its socket.
  void StopAccepting() {
    stopping_ = true;
    shutdown(listener_.fd(), SHUT_RDWR);
  }
  void StopTalking() {
    connections_.ShutdownAll();
    pool_.Stop(ThreadPool::StopMode::kCancel);
    waits_.Log();
  }

 private:
  void Submit(Connection* connection) {
    const auto result =
        pool_.Submit([this, connection, ticket = waits_.Enter()] {
          waits_.Begin(ticket);
          Talk(*connection);
          waits_.End();
          connections_.Remove(connection);
        });
    CHECK(result == ThreadPool::SubmitResult::kAccepted);  // there is room
  }

  Listener& listener_;
  ThreadPool& pool_;
  QueueWaits waits_;
  ConnectionSet<Connection> connections_;
  std::atomic<bool> stopping_ = false;
};

void Serve(Listener& listener, StopSignal& stop, ThreadPool& pool) {
  BlockingPool server(listener, pool);
  std::thread acceptor([&server] { server.AcceptAll(); });
  stop.Await();
  server.StopAccepting();
  acceptor.join();
  server.StopTalking();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "blocking_pool: a thread each.");
  return rondo::examples::RunDesign({.name = "blocking_pool",
                                     .threads = FLAGS_threads,
                                     .blocking = true,
                                     .note = " (more connections wait)"},
                                    rondo::examples::Serve);
}
