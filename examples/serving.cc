#include "examples/serving.h"

#include <glog/logging.h>
#include <signal.h>

#include <utility>

#include "base/log_file.h"
#include "net/tcp/inherited_sockets.h"
#include "net/tcp/takeover_request.h"

namespace rondo::examples {
namespace {

// Within which the older process must answer.
constexpr absl::Duration kTakeoverTimeout = absl::Seconds(10);

}  // namespace

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

absl::Status Serving::Start(ConnectionCallbacks callbacks) {
  server_ =
      std::make_unique<TcpServer>(loop_, options_.server, std::move(callbacks));
  auto inherited = TakeInheritedSockets();
  if (!inherited.ok()) return inherited.status();
  if (inherited->empty() && !options_.takeover_path.empty()) return TakeOver();
  return server_->Start(*std::move(inherited));
}

absl::Status Serving::TakeOver() {
  auto request =
      TakeoverRequest::Send(options_.takeover_path, kTakeoverTimeout);
  if (absl::IsNotFound(request.status())) {  // this is the first process
    absl::Status started = server_->Start();
    return started.ok() ? ListenForSuccessor(Socket()) : started;
  }
  if (!request.ok()) return request.status();
  absl::Status started = server_->Start(request->TakeListeners());
  if (!started.ok()) return started;
  // If the older one does not say that it has stopped, both accept; whichever
  // it was, this one serves.
  const absl::Status confirmed = request->Confirm();
  LOG_IF(WARNING, !confirmed.ok()) << confirmed.message();
  return ListenForSuccessor(request->TakeControl());
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
  if (signal == SIGHUP) return ReopenLogFile();
  if (draining_) return loop_->Stop();  // and Run() forces the rest
  Drain();
}

void Serving::Drain() {
  draining_ = true;
  if (options_.drain_timeout == absl::ZeroDuration()) return loop_->Stop();
  server_->Drain(options_.drain_timeout,
                 [this](const StopReport&) { loop_->Stop(); });
}

}  // namespace rondo::examples
