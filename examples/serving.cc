#include "examples/serving.h"

#include <glog/logging.h>
#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log_file.h"
#include "net/tcp/inherited_sockets.h"

namespace rondo::examples {
namespace {

// Within which the older process must answer.
constexpr absl::Duration kTakeoverTimeout = absl::Seconds(10);

}  // namespace

absl::StatusOr<Serving::Sockets> Serving::FindSockets(
    const std::string& takeover_path) {
  auto inherited = TakeInheritedSockets();
  if (!inherited.ok()) return inherited.status();
  Sockets sockets;
  sockets.inherited = *std::move(inherited);
  if (!sockets.inherited.empty() || takeover_path.empty()) return sockets;
  auto request = TakeoverRequest::Send(takeover_path, kTakeoverTimeout);
  if (absl::IsNotFound(request.status())) return sockets;  // the first process
  if (!request.ok()) return request.status();
  sockets.request = *std::move(request);
  return sockets;
}

Serving::Serving(EventLoop* loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

absl::Status Serving::TakeSignals() {
  auto signals =
      SignalWatcher::Create(loop_, {SIGINT, SIGTERM, SIGHUP},
                            [this](int signal) { HandleSignal(signal); });
  if (!signals.ok()) return signals.status();
  signals_ = *std::move(signals);
  return absl::OkStatus();
}

absl::Status Serving::Start(ConnectionCallbacks callbacks, Sockets sockets) {
  // Their maker has chosen the addresses.
  if (!sockets.inherited.empty()) options_.server.listen.clear();
  server_ =
      std::make_unique<TcpServer>(loop_, options_.server, std::move(callbacks));
  if (sockets.request.has_value()) {
    return TakeOver(*std::move(sockets.request));
  }
  absl::Status started = server_->Start(std::move(sockets.inherited));
  if (!started.ok() || options_.takeover_path.empty()) return started;
  return ListenForSuccessor(Socket());
}

absl::Status Serving::TakeOver(TakeoverRequest request) {
  absl::Status started = server_->Start(request.TakeListeners());
  if (!started.ok()) {
    return absl::Status(
        started.code(),
        absl::StrCat(started.message(),
                     "; the process at --takeover=", options_.takeover_path,
                     " serves on: does it listen where this one is to?"));
  }
  const absl::Status confirmed = request.Confirm();
  // It serves on.
  if (absl::IsFailedPrecondition(confirmed)) return confirmed;
  LOG_IF(WARNING, !confirmed.ok()) << confirmed.message();
  // The older one has gone: without this one nobody would serve.
  const absl::Status listens = ListenForSuccessor(request.TakeControl());
  LOG_IF(ERROR, !listens.ok())
      << "no later process can take over from this one: " << listens.message();
  return absl::OkStatus();
}

absl::Status Serving::ListenForSuccessor(Socket control) {
  auto successor = TakeoverListener::Create(
      loop_, options_.takeover_path, std::move(control),
      {.listeners = [this] { return server_->listening_fds(); },
       .on_taken =
           [this] {
             LOG(INFO) << options_.name << ": a new process has taken over";
             server_->LeaveListening();
             Drain();
           }});
  if (!successor.ok()) return successor.status();
  successor_ = *std::move(successor);
  return absl::OkStatus();
}

StopReport Serving::Run() {
  loop_->Run();
  successor_.reset();
  const StopReport report = server_->Stop();
  LOG(INFO) << options_.name << " stopped: " << report.drained
            << " connections drained, " << report.forced << " forced, "
            << report.bytes_unsent << " bytes unsent";
  return report;
}

void Serving::HandleSignal(int signal) {
  if (signal == SIGHUP) {
    ReopenLogFile();
    if (on_hangup_ != nullptr) on_hangup_();
    return;
  }
  cut_short_ = std::exchange(told_to_end_, true);
  if (cut_short_) return loop_->Stop();  // and Run() forces the rest
  // Whoever has been given the sockets is to have what waits in them, and goes
  // on alone, not waiting for this one.
  if (successor_ != nullptr && successor_->offered()) {
    server_->LeaveListening();
    successor_.reset();
  }
  Drain();
}

void Serving::Drain() {
  if (options_.drain_timeout == absl::ZeroDuration()) return loop_->Stop();
  server_->Drain(options_.drain_timeout,
                 [this](const StopReport&) { loop_->Stop(); });
}

}  // namespace rondo::examples
