#ifndef RONDO_NET_CLIENT_CONNECTOR_H_
#define RONDO_NET_CLIENT_CONNECTOR_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/client/connect_attempt.h"
#include "net/client/endpoint.h"
#include "net/client/request.h"
#include "net/client/resolver.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class EventLoop;

struct ConnectorOptions {
  // For all of it: looking the name up and connecting.
  absl::Duration timeout = absl::Seconds(10);
  // How long one address has before the next is tried beside it.
  absl::Duration attempt_delay = absl::Milliseconds(250);
  // How long IPv4 addresses, if they are known first, wait for IPv6's.
  absl::Duration resolution_delay = absl::Milliseconds(50);
  ConnectOptions socket = {};

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// Connects once: looks the name up, races its addresses, and gives the first
// socket that is connected.
//
//   look up ──► IPv6, IPv4, IPv6, … one attempt after the other, each begun
//               when the one before has failed, or after attempt_delay
//
// Threading: the loop's thread only.
// Ownership and lifetime: owns its attempts; borrows loop and resolver.
// Destroying it ends them and forgets the callback, which may destroy it.
// Errors: the Status names the endpoint and what each attempt failed of. At
// most 16 addresses of each family are tried.
// Reference: RFC 8305, without the sorting by measured round trips and without
// the changes of the addresses while it runs.
class Connector {
 public:
  struct Connected {
    Socket socket;
    InetAddress peer;
  };
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Connected>)>;

  // Begins. Calls `callback` once, from the loop, never from inside this call.
  // `resolver` null: the loop's own.
  Connector(EventLoop* loop, Resolver* resolver, Endpoint endpoint,
            const ConnectorOptions& options, Callback callback);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector();

 private:
  static constexpr size_t kFamilies = 2;

  void LookUp(Resolver& resolver, AddressFamily family);
  void HandleAnswer(AddressFamily family, const Resolver::Answer& answer);
  void HandleAttempt(ConnectAttempt& attempt, absl::StatusOr<Socket> result);
  void HandleTimeout();

  void TryNext();
  void TryNextAfter(absl::Duration delay);
  bool IsWaiting() const;
  InetAddress TakeNext();

  absl::Status WithFailures(absl::StatusCode code, std::string_view what) const;
  void Finish(absl::StatusOr<Connected> result);

  EventLoop* const loop_;
  const Endpoint endpoint_;
  const ConnectorOptions options_;
  Callback callback_;

  Request lookups_[kFamilies];
  size_t lookups_open_ = 0;
  // To be tried, by the family that was looked up; an address that was given
  // is with IPv4's.
  std::deque<InetAddress> waiting_[kFamilies];
  AddressFamily next_family_ = AddressFamily::kIpv6;
  std::vector<std::unique_ptr<ConnectAttempt>> attempts_;
  MonotonicTime last_attempt_;
  std::vector<absl::Status> failures_;  // at most as many as addresses
  TimerId deadline_;
  TimerId next_;
  bool next_armed_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_CONNECTOR_H_
