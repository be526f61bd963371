#ifndef RONDO_NET_TCP_ADMISSION_CONTROL_H_
#define RONDO_NET_TCP_ADMISSION_CONTROL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// What happens to a connection that comes when there is no room for it.
enum class OverLimit {
  kRefuse,  // it is reset at once
  kWait,    // it waits, as in the backlog, until there is room
};

// "refuse", "wait"; other text gives an InvalidArgument that lists these.
absl::StatusOr<OverLimit> ParseOverLimit(std::string_view text);
std::string_view ToString(OverLimit policy);

// Why a connection was refused.
enum class Refusal : uint8_t { kConnectionLimit, kAddressLimit, kMemory };
inline constexpr size_t kRefusals = 3;

// Whom a connection counts for: an IPv4 address, or the /64 that an IPv6
// address lies in, as every IPv6 host has all of one. Unix sockets count for
// nobody.
using AddressKey = uint64_t;
inline constexpr AddressKey kNobody = 0;
AddressKey AddressKeyOf(const InetAddress& address);

struct AdmissionLimits {
  size_t max_connections = SIZE_MAX;
  size_t max_connections_per_address = SIZE_MAX;
  OverLimit over_connections = OverLimit::kRefuse;
  OverLimit over_address = OverLimit::kRefuse;
};

// How many connections a server has, in all and by address, and whether there
// is room for one more.
//
// Threading: all methods are Thread-safe.
class AdmissionControl {
 public:
  enum class Verdict { kAdmit, kRefuse, kWait };
  // Copied only where somebody must wait.
  using Waker = std::function<void()>;

  explicit AdmissionControl(AdmissionLimits limits) : limits_(limits) {}

  // Decides on one connection. After kAdmit it counts until Leave(). After
  // kWait, `wake` (or nothing, if it is null) is called once somebody has left,
  // by that thread, and may only post: then ask again.
  Verdict Ask(AddressKey key, const Waker& wake) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(AddressKey key) ABSL_LOCKS_EXCLUDED(mu_);

  // Whether the next one would have to wait for others to leave, whoever it
  // is, so that it need not be accepted. If so, `wake` as above.
  bool MustWait(const Waker& wake) ABSL_LOCKS_EXCLUDED(mu_);

  void CountRefused(Refusal why) { ++refused_[static_cast<size_t>(why)]; }
  uint64_t refused(Refusal why) const {
    return refused_[static_cast<size_t>(why)];
  }

 private:
  bool IsFull() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return open_ >= limits_.max_connections;
  }
  Verdict Over(OverLimit policy, Refusal why, const Waker& wake)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const AdmissionLimits limits_;
  Mutex mu_;
  size_t open_ ABSL_GUARDED_BY(mu_) = 0;
  std::unordered_map<AddressKey, size_t> open_by_address_ ABSL_GUARDED_BY(mu_);
  std::vector<Waker> wakers_ ABSL_GUARDED_BY(mu_);
  std::atomic<uint64_t> refused_[kRefusals] = {};
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_ADMISSION_CONTROL_H_
