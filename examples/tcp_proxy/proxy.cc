#include "examples/tcp_proxy/proxy.h"

#include <atomic>
#include <memory>
#include <unordered_map>
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

// The proxies' dialers of one loop, until its end. Proxies have numbers, for
// another may come to lie where one was.
class LoopDialers final : public LoopLocal {
 public:
  explicit LoopDialers(EventLoop* loop) : loop_(loop) {}

  Dialer& Get(int proxy, const ProxyOptions& options) {
    std::unique_ptr<Dialer>& dialer = dialers_[proxy];
    if (dialer == nullptr) {
      dialer = std::make_unique<Dialer>(
          loop_,
          DialerOptions{.connector = {.timeout = options.connect_timeout},
                        .limits = options.limits},
          RelayCallbacks<BackendSide>());
    }
    return *dialer;
  }

  void OnLoopEnd() override { dialers_.clear(); }

 private:
  EventLoop* const loop_;
  std::unordered_map<int, std::unique_ptr<Dialer>> dialers_;
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
    Dialer& dialer = client.loop()->Local<LoopDialers>().Get(number_, options_);
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
    auto& side =
        backend.EmplaceContext<BackendSide>(Relay(), std::move(choice));
    Relay::Join(client, EndOf<ClientSide>(client), backend, side.end);
    client.ResumeReading();
  }

  static inline std::atomic<int> last_number_{0};

  const int number_ = ++last_number_;
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
