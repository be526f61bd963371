#include "net/coro/connect.h"

#include <memory>

#include "net/coro/stream_callbacks.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"

namespace rondo {
namespace {

// A loop's dialer, until its end.
class LoopDialer final : public LoopLocal {
 public:
  explicit LoopDialer(EventLoop* loop)
      : dialer_(std::make_unique<Dialer>(loop, DialerOptions{},
                                         StreamCallbacks())) {}

  Dialer* dialer() const { return dialer_.get(); }
  void OnLoopEnd() override { dialer_.reset(); }

 private:
  std::unique_ptr<Dialer> dialer_;
};

}  // namespace

StreamDialer::StreamDialer(EventLoop* loop, DialerOptions options)
    : dialer_(loop, std::move(options), StreamCallbacks()) {}

StreamDialer::Awaiter StreamDialer::Connect(Endpoint server) {
  return Awaiter(&dialer_, std::move(server));
}

StreamDialer::Awaiter Connect(Endpoint server) {
  return StreamDialer::Awaiter(nullptr, std::move(server));
}

void StreamDialer::Awaiter::Begin() {
  if (dialer_ == nullptr) dialer_ = loop()->Local<LoopDialer>().dialer();
  request_ = dialer_->Dial(std::move(server_),
                           [this](absl::StatusOr<TcpConnection*> dialed) {
                             dialed_ = std::move(dialed);
                             Resume();
                           });
}

absl::StatusOr<Stream> StreamDialer::Awaiter::await_resume() {
  if (!dialed_.ok()) return dialed_.status();
  return Stream(**dialed_);
}

}  // namespace rondo
