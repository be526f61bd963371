#include "examples/server_main.h"

#include <glog/logging.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/limit_flags.h"
#include "examples/server_flags.h"
#include "examples/server_options.h"
#include "examples/serving.h"
#include "net/reactor/event_loop.h"

namespace rondo::examples {
namespace {

constexpr int kMaxWorkerThreads = 1'024;

// Also where nothing is offloaded: what makes no sense had better be known.
void CheckWorkerFlags() {
  CheckRange("worker_threads", FLAGS_worker_threads, 1, kMaxWorkerThreads);
  CheckRange("worker_queue_limit", FLAGS_worker_queue_limit, 1, kUnlimited);
}

int Fail(const absl::Status& status) {
  std::cerr << "ERROR: " << status.message() << "\n";
  return kExitBadAddress;
}

}  // namespace

int ServeUntilSignal(
    std::string_view name,
    absl::FunctionRef<absl::StatusOr<ServerParts>()> make_parts) {
  TcpServerOptions options = ServerOptionsFromFlags();
  const absl::Duration drain_timeout = DrainTimeoutFromFlags();
  CheckWorkerFlags();
  auto sockets = Serving::FindSockets(FLAGS_takeover);
  if (!sockets.ok()) return Fail(sockets.status());
  auto loop = EventLoop::Create(options.loop);
  if (!loop.ok()) return Fail(loop.status());
  Serving serving(loop->get(), {.name = std::string(name),
                                .server = options,
                                .drain_timeout = drain_timeout,
                                .takeover_path = FLAGS_takeover});
  absl::Status status = serving.TakeSignals();
  if (!status.ok()) return Fail(status);
  auto parts = make_parts();
  if (!parts.ok()) return Fail(parts.status());
  status = serving.Start(std::move(parts->callbacks), *std::move(sockets));
  if (!status.ok()) return Fail(status);
  serving.OnHangup(std::move(parts->on_hangup));
  std::cout << name << " listening on "
            << serving.server().addresses()[0].ToString()
            << " threads=" << options.threads
            << " poller=" << (*loop)->poller_name()
            << " placement=" << ToString(options.placement) << std::endl;
  const int code = serving.Run().forced == 0 ? kExitOk : kExitForced;
  if (!serving.cut_short()) return code;
  // Offloaded work could keep the process for long.
  google::FlushLogFiles(google::INFO);
  _exit(code);
}

int ServeUntilSignal(std::string_view name, ConnectionCallbacks callbacks) {
  return ServeUntilSignal(name, [&]() -> absl::StatusOr<ServerParts> {
    return ServerParts{std::move(callbacks)};
  });
}

int ServeUntilSignal(
    std::string_view name,
    absl::FunctionRef<absl::StatusOr<ServerParts>(ThreadPool&)> make_parts) {
  std::unique_ptr<ThreadPool> pool;  // outlives the server that uses it
  const auto make_all = [&]() -> absl::StatusOr<ServerParts> {
    const size_t limit = FLAGS_worker_queue_limit;
    auto made = ThreadPool::Create(
        {.threads = FLAGS_worker_threads, .max_queued_tasks = limit});
    if (!made.ok()) return made.status();
    pool = *std::move(made);
    return make_parts(*pool);
  };
  const int code = ServeUntilSignal(name, make_all);
  // Nobody waits for it now.
  if (pool != nullptr) pool->Stop(ThreadPool::StopMode::kCancel);
  return code;
}

}  // namespace rondo::examples
