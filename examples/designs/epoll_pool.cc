// Epoll pool: one thread waits, and submits each connection that is ready to a
// pool, whose workers read, answer and send.
//
//   bazel run -c opt //examples/designs:epoll_pool -- --threads=4
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// The fifth way of the article that builds an upper-casing echo server five
// ways, made right; epoll_pool_unsafe.cc is as it stands there. By EPOLLONESHOT
// the kernel reports a descriptor once, and no more until its worker arms it
// again when it has finished: so it is always either the kernel's or one
// worker's. The price of each event is an epoll_ctl(2) and two thread switches.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <utility>

#include "base/init.h"
#include "examples/designs/connection_set.h"
#include "examples/designs/design_main.h"
#include "examples/designs/epoll_set.h"
#include "examples/designs/holds.h"
#include "examples/designs/work.h"

DEFINE_int32(threads, 4, "workers that read, answer and send, 1 to 16384");

namespace rondo::examples {
namespace {

// What the workers share.
struct Shared {
  EpollSet epoll;
  ConnectionSet<Connection> connections;
  Holds holds;
};

// Like Connection::Proceed(), with work in between: what to wait for next, or
// 0. The hold orders all this before the next worker's steps. So does the
// kernel, but of that C++ does not know.
uint32_t Proceed(Shared& shared, Connection& connection) {
  using Result = Connection::Result;
  const Holds::Hold hold(shared.holds, connection.holders());
  if (!connection.has_output()) {
    const Result received = connection.Receive();
    if (received == Result::kOver) return 0;
    if (received == Result::kLater) return EPOLLIN;
    Work(connection.output_bytes());
  }
  if (connection.Send() == Result::kOver) return 0;
  return connection.has_output() ? EPOLLOUT : EPOLLIN;
}

void Handle(Shared& shared, Connection& connection) {
  const int fd = connection.fd();
  const uint32_t events = Proceed(shared, connection);
  if (events == 0) return shared.connections.Remove(&connection);
  // From here on it may be another worker's.
  PCHECK(shared.epoll.Change(fd, events | EPOLLONESHOT, &connection));
}

void Accept(Shared& shared, Listener& listener) {
  auto accepted = listener.Accept();
  if (accepted == nullptr) return;
  if (!shared.epoll.Add(accepted->fd(), EPOLLIN | EPOLLONESHOT,
                        accepted.get())) {
    return listener.Refuse(std::move(accepted), kNoWatch);
  }
  shared.connections.Add(std::move(accepted));
}

void Serve(Listener& listener, StopSignal& stop, ThreadPool& pool) {
  Shared shared;
  PCHECK(shared.epoll.Add(listener.fd(), EPOLLIN, &listener));
  shared.epoll.RunUntil(stop, [&](void* tag) {
    if (tag == &listener) return Accept(shared, listener);
    auto& connection = *static_cast<Connection*>(tag);
    const auto submitted =
        pool.Submit([&shared, &connection] { Handle(shared, connection); });
    CHECK(submitted == ThreadPool::SubmitResult::kAccepted);  // all have room
  });
  pool.Stop(ThreadPool::StopMode::kCancel);
  shared.holds.Log();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "epoll_pool: workers behind one epoll(7).");
  return rondo::examples::RunDesign(
      {.name = "epoll_pool", .threads = FLAGS_threads}, rondo::examples::Serve);
}
