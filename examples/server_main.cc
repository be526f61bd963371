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

int ServeUntilSignal(std::string_view name, ConnectionCallbacks callbacks) {
  TcpServerOptions options = ServerOptionsFromFlags();
  auto created = EventLoop::Create(options.loop);
  if (!created.ok()) return Fail(created.status());
  EventLoop* const loop = created->get();
  // Before the server's threads, which inherit that the signals are blocked.
  auto signals = SignalWatcher::Create(loop, {SIGINT, SIGTERM},
                                       [loop](int) { loop->Stop(); });
  if (!signals.ok()) return Fail(signals.status());
  TcpServer server(loop, options, std::move(callbacks));
  const absl::Status started = server.Start();
  if (!started.ok()) return Fail(started);
  std::cout << name << " listening on " << server.addresses()[0].ToString()
            << " threads=" << options.threads
            << " poller=" << loop->poller_name()
            << " placement=" << ToString(options.placement) << std::endl;
  loop->Run();
  return kExitOk;
}

std::unique_ptr<ThreadPool> WorkerPoolFromFlags() {
  CheckRange("worker_threads", FLAGS_worker_threads, 1, kMaxWorkerThreads);
  CheckRange("worker_queue_limit", FLAGS_worker_queue_limit, 1, kUnlimited);
  const size_t limit = FLAGS_worker_queue_limit;
  return std::make_unique<ThreadPool>(ThreadPoolOptions{
      .threads = FLAGS_worker_threads, .max_queued_tasks = limit});
}

}  // namespace rondo::examples
