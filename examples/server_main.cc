#include "examples/server_main.h"

#include <signal.h>

#include <iostream>
#include <utility>

#include "absl/status/statusor.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/server_flags.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/signal_watcher.h"

namespace rondo::examples {
namespace {

constexpr int kMaxPort = 65'535;
constexpr int kMaxWorkerThreads = 1'024;

EventLoopOptions LoopOptionsFromFlags() {
  if (FLAGS_poller != "epoll" && FLAGS_poller != "poll" &&
      FLAGS_poller != "select") {
    RejectFlag("poller", FLAGS_poller, "epoll, poll or select");
  }
  return {.poller = FLAGS_poller};
}

TcpServerOptions ServerOptionsFromFlags() {
  CheckRange("port", FLAGS_port, 0, kMaxPort);
  CheckRange("threads", FLAGS_threads, 0, EventLoopThreadPool::kMaxThreads);
  CheckRange("backlog", FLAGS_backlog, 1, kUnlimited);
  CheckRange("worker_threads", FLAGS_worker_threads, 1, kMaxWorkerThreads);
  CheckRange("worker_queue_limit", FLAGS_worker_queue_limit, 1, kUnlimited);
  const auto placement = ParsePlacement(FLAGS_placement);
  if (!placement.ok()) {
    RejectFlag("placement", FLAGS_placement,
               "round-robin, least-connections or reuseport");
  }
  const auto address = InetAddress::FromHostAndPort(FLAGS_host, FLAGS_port);
  if (!address.ok()) {
    RejectFlag("host", FLAGS_host,
               "an IPv4 or IPv6 address in numbers, or unix:/path");
  }
  return {.listen = {*address},
          .threads = FLAGS_threads,
          .placement = *placement,
          .backlog = FLAGS_backlog,
          .tcp_no_delay = FLAGS_tcp_nodelay,
          .pin_cpus = FLAGS_pin_cpus,
          .loop = LoopOptionsFromFlags()};
}

int Fail(const absl::Status& status) {
  std::cerr << "ERROR: " << status.message() << "\n";
  return kExitBadAddress;
}

}  // namespace

namespace {

int Serve(std::string_view name, EventLoop& loop, TcpServerOptions options,
          ConnectionCallbacks callbacks) {
  TcpServer server(&loop, options, std::move(callbacks));
  const absl::Status started = server.Start();
  if (!started.ok()) return Fail(started);
  std::cout << name << " listening on " << server.addresses()[0].ToString()
            << " threads=" << options.threads
            << " poller=" << loop.poller_name()
            << " placement=" << ToString(options.placement) << std::endl;
  loop.Run();
  return kExitOk;
}

// Calls `serve` with a loop that SIGINT and SIGTERM stop. No thread may be
// started before: one that does not inherit that the signals are blocked would
// be killed by them.
int WithStoppableLoop(
    absl::FunctionRef<int(EventLoop&, TcpServerOptions)> serve) {
  TcpServerOptions options = ServerOptionsFromFlags();
  auto loop = EventLoop::Create(options.loop);
  if (!loop.ok()) return Fail(loop.status());
  auto signals = SignalWatcher::Create(loop->get(), {SIGINT, SIGTERM},
                                       [&loop](int) { (*loop)->Stop(); });
  if (!signals.ok()) return Fail(signals.status());
  return serve(**loop, std::move(options));
}

}  // namespace

int ServeUntilSignal(std::string_view name, ConnectionCallbacks callbacks) {
  return WithStoppableLoop([&](EventLoop& loop, TcpServerOptions options) {
    return Serve(name, loop, std::move(options), std::move(callbacks));
  });
}

int ServeUntilSignal(
    std::string_view name,
    absl::FunctionRef<ConnectionCallbacks(ThreadPool&)> make_callbacks) {
  return WithStoppableLoop([&](EventLoop& loop, TcpServerOptions options) {
    const size_t limit = FLAGS_worker_queue_limit;
    auto pool = ThreadPool::Create(
        {.threads = FLAGS_worker_threads, .max_queued_tasks = limit});
    if (!pool.ok()) return Fail(pool.status());
    const int code =
        Serve(name, loop, std::move(options), make_callbacks(**pool));
    (*pool)->Stop(ThreadPool::StopMode::kCancel);  // nobody waits for it now
    return code;
  });
}

}  // namespace rondo::examples
