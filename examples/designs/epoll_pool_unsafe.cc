// Epoll pool, unsafe: epoll_pool.cc without EPOLLONESHOT, and so wrong.
//
//   epoll_pool_unsafe --work_us_per_kib=99         by bazel, as epoll_pool.cc
//   seq 50000 | nc -N 127.0.0.1 8080 | sort -cn    finds lines out of order
//
// The fifth way of the article that builds an upper-casing echo server five
// ways, as it stands there. epoll(7) reports a descriptor while there is input,
// and the loop, which does not wait for the worker that will read it, submits
// it again, to another. Each reads a piece, and chance says who sends first.
// While a client waits for each answer this does not show. At its end it says
// how often it happened. (A mutex makes each step whole, as Python's own lock
// does.)
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "base/init.h"
#include "base/mutex.h"
#include "examples/designs/connection_set.h"
#include "examples/designs/design_main.h"
#include "examples/designs/epoll_set.h"
#include "examples/designs/holds.h"
#include "examples/designs/work.h"

DEFINE_int32(threads, 4, "workers that read, answer and send, 1 to 16384");

namespace rondo::examples {
namespace {

// Shared by its tasks: they would find its descriptor closed, or another's.
struct Client {
  Mutex mu;
  std::unique_ptr<Connection> connection;  // guarded but for fd(), holders()
};

struct Shared {
  EpollSet epoll;
  ConnectionSet<Client> clients;
  Holds holds;
};

// False when it is over.
bool Proceed(Shared& shared, Client& client) {
  Connection& connection = *client.connection;
  const Holds::Hold hold(shared.holds, connection.holders());
  char block[Connection::kReadBytes];
  const ssize_t n = recv(connection.fd(), block, sizeof(block), 0);
  if (n == 0 || (n < 0 && errno != EAGAIN)) return false;
  if (n > 0) Work(static_cast<size_t>(n));
  MutexLock lock(&client.mu);  // by now another may have been here
  if (n > 0) connection.Take({block, static_cast<size_t>(n)});
  if (connection.Send() == Connection::Result::kOver) return false;
  const uint32_t events = connection.has_output() ? EPOLLOUT : EPOLLIN;
  return shared.epoll.Change(connection.fd(), events, &client);
}

void Handle(Shared& shared, Client& client) {
  if (Proceed(shared, client)) return;
  shared.epoll.Remove(client.connection->fd());
  shared.clients.Remove(&client);
}

void Accept(Shared& shared, Listener& listener) {
  auto accepted = listener.Accept();
  if (accepted == nullptr) return;
  const auto client = std::make_shared<Client>();
  if (!shared.epoll.Add(accepted->fd(), EPOLLIN, client.get())) {
    return listener.Refuse(std::move(accepted), kNoWatch);
  }
  client->connection = std::move(accepted);
  shared.clients.Add(client);
}

void Serve(Listener& listener, StopSignal& stop, ThreadPool& pool) {
  Shared shared;
  PCHECK(shared.epoll.Add(listener.fd(), EPOLLIN, &listener));
  shared.epoll.RunUntil(stop, [&](void* tag) {
    if (tag == &listener) return Accept(shared, listener);
    auto client = shared.clients.Find(tag);
    if (client == nullptr) return;  // over since it was reported
    (void)pool.Submit([&shared, client] { Handle(shared, *client); });
  });
  pool.Stop(ThreadPool::StopMode::kCancel);
  shared.holds.Log();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "epoll_pool_unsafe: as epoll_pool, wrongly.");
  return rondo::examples::RunDesign(
      {.name = "epoll_pool_unsafe", .threads = FLAGS_threads},
      rondo::examples::Serve);
}
