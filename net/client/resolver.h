#ifndef RONDO_NET_CLIENT_RESOLVER_H_
#define RONDO_NET_CLIENT_RESOLVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/client/request.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/inet_address.h"

namespace rondo {

class EventLoop;

enum class AddressFamily { kIpv4, kIpv6 };

struct ResolverOptions {
  // Whom to ask, over UDP and, where an answer is truncated, TCP. Empty: those
  // of `resolv_conf`, which is read again when it has changed.
  std::vector<InetAddress> servers = {};
  std::string resolv_conf = "/etc/resolv.conf";
  // How long one server has to answer at first, and how often each is asked;
  // the time doubles with every round.
  absl::Duration try_timeout = absl::Seconds(2);
  int tries = 3;
  // Answers are kept for as long as their records say, at most this long.
  // Zero: not at all.
  absl::Duration max_ttl = absl::Minutes(5);
  // Beyond these the one that expires first goes.
  size_t max_cached_answers = 1'024;
};

// Looks names up, in /etc/hosts and then in the DNS, without holding the loop.
// Those who ask for the same at the same time share one query. A name is
// complete as it is, with or without a dot at its end: the search list of
// /etc/resolv.conf is for people. localhost is the loopback address.
//
// Threading: the loop's thread only.
// Ownership and lifetime: a loop has one, loop->Local<Resolver>(); who wants
// other options makes another. Borrows the loop. What is asked when it is
// destroyed is answered with Cancelled; what is when the loop ends is
// forgotten. Errors: an answer's message names the host and the reason.
//   NotFound           there is no such name, or it has no such address
//   DeadlineExceeded   no answer in time
//   Unavailable        the servers cannot be reached, or refuse
//   InvalidArgument    this cannot be a name
//   Cancelled          the resolver is gone
// Reference: c-ares; RFC 1035; RFC 6724 for the order of addresses; RFC 6761
// for localhost.
//
// Example:
//   request_ = loop->Local<Resolver>().Resolve(
//       "example.com", AddressFamily::kIpv4, absl::Seconds(5),
//       [](const auto& answer) { … });
class Resolver final : public LoopLocal {
 public:
  // At least one address, the best first, all with port 0.
  using Answer = absl::StatusOr<std::vector<InetAddress>>;
  using Callback = absl::AnyInvocable<void(const Answer&)>;

  explicit Resolver(EventLoop* loop, ResolverOptions options = {});
  ~Resolver() override;

  // Calls `callback` once, unless the loop ends before, from the loop and never
  // from inside this call.
  Request Resolve(std::string_view name, AddressFamily family,
                  absl::Duration timeout, Callback callback);

  // Forgets all answers.
  void ClearCache();

  size_t cached_answers() const;
  // Queries made, that is, not answered from the cache nor shared.
  uint64_t queries() const;

  void OnLoopEnd() override;

 private:
  class Core;  // see resolver.cc

  const std::unique_ptr<Core> core_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_RESOLVER_H_
