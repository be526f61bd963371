#include "examples/tcp_proxy/proxy.h"

#include <memory>
#include <utility>
#include <vector>

#include "net/client/dialer.h"
#include "net/client/relay.h"
#include "net/client/request.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/tcp_connection.h"

namespace rondo::examples {
namespace {

// What a client's connection, and a backend's, has to itself.
struct ClientSide {
  Relay end;
  Request dial;
  std::vector<size_t> tried;
};
struct BackendSide {
  Relay end;
  Backends::Choice choice;
};

// A connection's end of its relay.
template <typename Side>
Relay& EndOf(TcpConnection& connection) {
  return connection.context<Side>()->end;
}

// Callbacks that relay what happens to a connection with a `Side`.
template <typename Side>
ConnectionCallbacks RelayCallbacks() {
  return {.on_message =
              [](TcpConnection& c, Buffer& input) {
                EndOf<Side>(c).HandleMessage(c, input);
              },
          .on_half_close =
              [](TcpConnection& c) { EndOf<Side>(c).HandleHalfClose(); },
          .on_close =
              [](TcpConnection& c, CloseReason reason) {
                if (c.context<Side>() == nullptr) return;  // not yet passed on
                EndOf<Side>(c).HandleClose(reason);
              }};
}

// One loop's way to the backends.
class LoopDialer final : public LoopLocal {
 public:
  explicit LoopDialer(EventLoop* loop) : loop_(loop) {}

  Dialer& Get(const ProxyOptions& options) {
    if (dialer_ == nullptr) {
      dialer_ = std::make_unique<Dialer>(
          loop_,
          DialerOptions{.connector = {.timeout = options.connect_timeout},
                        .limits = options.limits},
          RelayCallbacks<BackendSide>());
    }
    return *dialer_;
  }

  void OnLoopEnd() override { dialer_.reset(); }

 private:
  EventLoop* const loop_;
  std::unique_ptr<Dialer> dialer_;
};

class Proxy {
 public:
  Proxy(Backends* backends, ProxyOptions options)
      : backends_(backends), options_(std::move(options)) {}

  void Accept(TcpConnection& client) const {
    client.PauseReading();
    client.EmplaceContext<ClientSide>();
    DialNext(client);
  }

 private:
  void DialNext(TcpConnection& client) const {
    ClientSide& side = *client.context<ClientSide>();
    if (side.tried.size() == backends_->size()) return client.Reset();
    Backends::Choice choice = backends_->Choose(side.tried);
    side.tried.push_back(choice.index());
    Dialer& dialer = client.loop()->Local<LoopDialer>().Get(options_);
    const Endpoint endpoint = choice.endpoint();
    // The client withdraws it when it goes.
    side.dial = dialer.Dial(endpoint,
                            [this, &client, choice = std::move(choice)](
                                absl::StatusOr<TcpConnection*> dialed) mutable {
                              if (dialed.ok()) {
                                choice.ReportSuccess();
                                Join(client, **dialed, std::move(choice));
                              } else {
                                choice.ReportFailure(dialed.status());
                                DialNext(client);
                              }
                            });
  }

  static void Join(TcpConnection& client, TcpConnection& backend,
                   Backends::Choice choice) {
    // Closed, and alive to the end of the turn.
    if (client.closed()) return backend.ForceClose();
    auto& side =
        backend.EmplaceContext<BackendSide>(Relay(), std::move(choice));
    Relay::Join(client, EndOf<ClientSide>(client), backend, side.end);
    client.ResumeReading();
  }

  Backends* const backends_;
  const ProxyOptions options_;
};

}  // namespace

ConnectionCallbacks ProxyCallbacks(Backends* backends, ProxyOptions options) {
  auto proxy = std::make_shared<const Proxy>(backends, std::move(options));
  ConnectionCallbacks callbacks = RelayCallbacks<ClientSide>();
  callbacks.on_connect = [proxy = std::move(proxy)](TcpConnection& client) {
    proxy->Accept(client);
  };
  return callbacks;
}

}  // namespace rondo::examples
