#include "examples/listener_main.h"

#include <gflags/gflags.h>
#include <glog/logging.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/limit_flags.h"
#include "examples/server_flags.h"
#include "examples/server_options.h"
#include "net/coro/spawn.h"
#include "net/reactor/signal_watcher.h"

namespace rondo::examples {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "ERROR: " << status.message() << "\n";
  return kExitBadAddress;
}

// One run, from the flags to the exit code.
class Listening {
 public:
  explicit Listening(absl::Duration drain_timeout)
      : drain_timeout_(drain_timeout) {}

  absl::Status Start(const TcpServerOptions& options);
  int Run(Task<> serve);

  EventLoop* loop() const { return loop_.get(); }
  StreamListener& listener() const { return *listener_; }

 private:
  void HandleSignal();

  const absl::Duration drain_timeout_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<SignalWatcher> signals_;
  std::unique_ptr<StreamListener> listener_;
  bool told_to_end_ = false;
  bool served_ = false;
};

absl::Status Listening::Start(const TcpServerOptions& options) {
  auto loop = EventLoop::Create(options.loop);
  if (!loop.ok()) return loop.status();
  loop_ = *std::move(loop);
  auto signals = SignalWatcher::Create(loop_.get(), {SIGINT, SIGTERM},
                                       [this](int) { HandleSignal(); });
  if (!signals.ok()) return signals.status();
  signals_ = *std::move(signals);
  auto listener = StreamListener::Create(
      loop_.get(), options.listen[0],
      {.acceptor = {.listen = {.backlog = options.backlog,
                               .tcp_no_delay = options.tcp_no_delay},
                    .max_accepts_per_turn = options.max_accepts_per_turn},
       .limits = options.limits});
  if (!listener.ok()) return listener.status();
  listener_ = *std::move(listener);
  return absl::OkStatus();
}

void Listening::HandleSignal() {
  if (told_to_end_) return loop_->Stop();
  told_to_end_ = true;
  listener_->Close();
  loop_->RunAfter(drain_timeout_, [this] { loop_->Stop(); });
}

int Listening::Run(Task<> serve) {
  Spawn(loop_.get(), std::move(serve), {.on_end = [this](std::exception_ptr) {
          served_ = true;
          loop_->Stop();
        }});
  loop_->Run();
  return served_ ? kExitOk : kExitForced;
}

}  // namespace

int ListenUntilSignal(
    std::string_view name,
    absl::FunctionRef<Task<>(EventLoop*, StreamListener&)> serve) {
  google::SetCommandLineOptionWithMode("threads", "0",
                                       google::SET_FLAGS_DEFAULT);
  const TcpServerOptions options = ServerOptionsFromFlags();
  if (options.threads > 0) {
    RejectFlag("threads", absl::StrCat(options.threads),
               "0, as it is one loop");
  }
  if (!FLAGS_takeover.empty()) {
    RejectFlag("takeover", FLAGS_takeover, "none here");
  }
  Listening listening(DrainTimeoutFromFlags());
  const absl::Status status = listening.Start(options);
  if (!status.ok()) return Fail(status);
  std::cout << name << " listening on "
            << listening.listener().address().ToString()
            << " threads=0 poller=" << listening.loop()->poller_name()
            << std::endl;
  const int code = listening.Run(serve(listening.loop(), listening.listener()));
  LOG(INFO) << name << " stopped";
  return code;
}

}  // namespace rondo::examples
