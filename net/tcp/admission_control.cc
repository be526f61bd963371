#include "net/tcp/admission_control.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/tcp/memory_budget.h"

namespace rondo {
namespace {

// IPv4 addresses count as the IPv6 addresses that stand for them (RFC 4291,
// section 2.5.5.2), by the half that tells them apart.
AddressKey KeyOfIpv4(uint32_t network_order) {
  return uint64_t{0xffff} << 32 | network_order;
}

AddressKey KeyOfIpv6(const in6_addr& address) {
  uint64_t halves[2];
  std::memcpy(halves, &address, sizeof(halves));
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    return KeyOfIpv4(address.s6_addr32[3]);
  }
  return halves[0] == kNobody ? 1 : halves[0];  // the loopback's, for one
}

}  // namespace

absl::StatusOr<OverLimit> ParseOverLimit(std::string_view text) {
  for (OverLimit policy : {OverLimit::kRefuse, OverLimit::kWait}) {
    if (text == ToString(policy)) return policy;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no policy is called '", std::string(text), "': use refuse or wait"));
}

std::string_view ToString(OverLimit policy) {
  return policy == OverLimit::kRefuse ? "refuse" : "wait";
}

AddressKey AddressKeyOf(const InetAddress& address) {
  if (address.is_unix()) return kNobody;
  sockaddr_storage storage;
  address.ToSockaddr(&storage);
  if (storage.ss_family == AF_INET) {
    return KeyOfIpv4(
        reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr.s_addr);
  }
  return KeyOfIpv6(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr);
}

AdmissionControl::Verdict AdmissionControl::Ask(AddressKey key,
                                                const Waker& wake) {
  if (MemoryBudget::Process().low()) {
    CountRefused(Refusal::kMemory);
    return Verdict::kRefuse;
  }
  MutexLock lock(&mu_);
  if (IsFull()) {
    return Over(limits_.over_connections, Refusal::kConnectionLimit, wake);
  }
  if (key != kNobody) {
    size_t& open = open_by_address_[key];
    if (open >= limits_.max_connections_per_address) {
      return Over(limits_.over_address, Refusal::kAddressLimit, wake);
    }
    ++open;
  }
  ++open_;
  return Verdict::kAdmit;
}

AdmissionControl::Verdict AdmissionControl::Over(OverLimit policy, Refusal why,
                                                 const Waker& wake) {
  if (policy == OverLimit::kRefuse) {
    CountRefused(why);
    return Verdict::kRefuse;
  }
  if (wake) wakers_.push_back(wake);
  return Verdict::kWait;
}

void AdmissionControl::Leave(AddressKey key) {
  std::vector<Waker> wakers;
  {
    MutexLock lock(&mu_);
    --open_;
    if (key != kNobody) {
      const auto entry = open_by_address_.find(key);
      if (--entry->second == 0) open_by_address_.erase(entry);
    }
    wakers.swap(wakers_);
  }
  for (Waker& wake : wakers) wake();
}

bool AdmissionControl::MustWait(const Waker& wake) {
  if (limits_.over_connections == OverLimit::kRefuse) return false;
  MutexLock lock(&mu_);
  if (!IsFull()) return false;
  if (wake) wakers_.push_back(wake);
  return true;
}

}  // namespace rondo
