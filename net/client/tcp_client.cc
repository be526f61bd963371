#include "net/client/tcp_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {
namespace {

// Not by this side's wish.
bool IsLoss(const TcpConnection& connection, CloseReason reason) {
  return !connection.end_requested() && reason != CloseReason::kLoopEnded;
}

}  // namespace

absl::Status TcpClientOptions::Check() const {
  absl::Status status = dialer.Check();
  if (!server.is_name() && server.address() == InetAddress()) {
    status.Update(absl::InvalidArgumentError(
        "server is not set: say where to connect to"));
  }
  status.Update(retry.Check());
  return status;
}

// What of a client is on its loop. All but connection() is for the loop's
// thread.
class TcpClient::Session {
 public:
  Session(EventLoop* loop, TcpClientOptions options, FailureCallback on_failure)
      : loop_(loop),
        options_(std::move(options)),
        options_status_(options_.Check()),
        on_failure_(std::move(on_failure)),
        backoff_(options_.retry) {}

  // First, by whoever owns this as `self`.
  void Init(const std::shared_ptr<Session>& self,
            ConnectionCallbacks callbacks);

  void Connect();
  void Disconnect();
  void End();

  ConnectionHandle connection() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(&mu_);
    return connection_;
  }

 private:
  enum class State {
    kIdle,
    kConnecting,
    kWaiting,  // to connect again
    kConnected,
    kClosing,    // by Disconnect()
    kReopening,  // and Connect() after it
    kEnded,
  };

  void Dial();
  void DialAfter(absl::Duration delay);
  void Abandon();
  void HandleConnect(TcpConnection& connection);
  void HandleFailure(const absl::Status& status);
  void HandleClose(const TcpConnection& connection, CloseReason reason);

  EventLoop* const loop_;
  const TcpClientOptions options_;
  const absl::Status options_status_;
  FailureCallback on_failure_;
  std::weak_ptr<Session> self_;
  State state_ = State::kIdle;
  Backoff backoff_;
  std::optional<Dialer> dialer_;  // none once ended
  Request dial_;
  uint64_t last_dial_ = 0;
  TimerId timer_;  // to connect again

  mutable Mutex mu_;
  ConnectionHandle connection_ ABSL_GUARDED_BY(mu_);
};

// The connection may outlive the client by the rest of the callback in which
// the client was destroyed, and then has nothing to tell any more.
void TcpClient::Session::Init(const std::shared_ptr<Session>& self,
                              ConnectionCallbacks callbacks) {
  self_ = self;
  callbacks.on_connect = [self = self_, user = std::move(callbacks.on_connect)](
                             TcpConnection& connection) {
    const auto session = self.lock();
    if (session == nullptr) return;
    session->HandleConnect(connection);
    if (user) user(connection);
  };
  callbacks.on_close = [self = self_, user = std::move(callbacks.on_close)](
                           TcpConnection& connection, CloseReason reason) {
    const auto session = self.lock();
    if (session == nullptr) return;
    session->HandleClose(connection, reason);
    if (user) user(connection, reason);
  };
  dialer_.emplace(loop_, options_.dialer, std::move(callbacks));
}

void TcpClient::Session::Connect() {
  if (state_ == State::kIdle) Dial();
  if (state_ == State::kClosing) state_ = State::kReopening;
}

void TcpClient::Session::Disconnect() {
  if (state_ == State::kConnecting || state_ == State::kWaiting) {
    Abandon();
    state_ = State::kIdle;
  } else if (state_ == State::kConnected || state_ == State::kReopening) {
    state_ = State::kClosing;
    const ConnectionHandle handle = connection();
    if (handle.local() != nullptr) handle.local()->Close();
  }
}

void TcpClient::Session::End() {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  Abandon();
  dialer_.reset();
}

// Only what is under way.
void TcpClient::Session::Abandon() {
  loop_->Cancel(timer_);
  dial_.Withdraw();
  backoff_.Reset();
}

void TcpClient::Session::Dial() {
  state_ = State::kConnecting;
  if (!options_status_.ok()) {
    timer_ = loop_->RunAfter(absl::ZeroDuration(),
                             [this] { HandleFailure(options_status_); });
    return;
  }
  // Of one that ended in its on_connect HandleClose() knows already, and may
  // have dialed again.
  dial_ = dialer_->Dial(
      options_.server,
      [this, dial = ++last_dial_](absl::StatusOr<TcpConnection*> dialed) {
        if (dialed.ok() || state_ != State::kConnecting) return;
        if (dial == last_dial_) HandleFailure(dialed.status());
      });
}

void TcpClient::Session::DialAfter(absl::Duration delay) {
  state_ = State::kWaiting;
  timer_ = loop_->RunAfter(delay, [this] { Dial(); });
}

void TcpClient::Session::HandleConnect(TcpConnection& connection) {
  state_ = State::kConnected;
  backoff_.Reset();
  MutexLock lock(&mu_);
  connection_ = connection.handle();
}

void TcpClient::Session::HandleFailure(const absl::Status& status) {
  ConnectFailure failure = {.status = status,
                            .retry_after = options_status_.ok()
                                               ? backoff_.Next()
                                               : absl::InfiniteDuration()};
  failure.attempt = std::max(backoff_.failures(), 1);
  if (failure.retry_after == absl::InfiniteDuration()) {
    state_ = State::kIdle;
    backoff_.Reset();
  } else {
    DialAfter(failure.retry_after);
  }
  const auto self = self_.lock();  // if the user destroys the client
  if (on_failure_) on_failure_(failure);
}

void TcpClient::Session::HandleClose(const TcpConnection& connection,
                                     CloseReason reason) {
  if (state_ == State::kReopening) {
    Dial();
  } else if (state_ == State::kConnected && options_.reconnect &&
             IsLoss(connection, reason)) {
    DialAfter(backoff_.First());
  } else if (state_ != State::kEnded) {
    state_ = State::kIdle;
  }
}

TcpClient::TcpClient(EventLoop* loop, TcpClientOptions options,
                     ConnectionCallbacks callbacks, FailureCallback on_failure)
    : loop_(loop),
      session_(std::make_shared<Session>(loop, std::move(options),
                                         std::move(on_failure))) {
  session_->Init(session_, std::move(callbacks));
}

TcpClient::~TcpClient() { Stop(); }

void TcpClient::Connect() {
  loop_->RunInLoop([weak = std::weak_ptr(session_)] {
    if (const auto session = weak.lock()) session->Connect();
  });
}

void TcpClient::Disconnect() {
  loop_->RunInLoop([weak = std::weak_ptr(session_)] {
    if (const auto session = weak.lock()) session->Disconnect();
  });
}

void TcpClient::Stop() {
  loop_->RunAndWait([this] { session_->End(); });
}

ConnectionHandle TcpClient::connection() const {
  return session_->connection();
}

}  // namespace rondo
