#include "net/tcp/tcp_server_options.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/descriptors.h"
#include "net/reactor/event_loop_thread_pool.h"

namespace rondo {
namespace {

// A poller, a wakeup and a listener.
constexpr size_t kDescriptorsPerLoop = 3;

size_t DefaultMaxConnections(size_t loops) {
  const size_t left = DescriptorsLeft();
  const size_t for_loops = std::min(left, loops * kDescriptorsPerLoop);
  return std::max<size_t>(1, static_cast<double>(left - for_loops) *
                                 TcpServerOptions::kDescriptorShare);
}

}  // namespace

absl::Status TcpServerOptions::Check() const {
  if (threads < 0 || threads > EventLoopThreadPool::kMaxThreads) {
    return absl::InvalidArgumentError(
        absl::StrCat(threads, " threads: allowed are 0 to ",
                     EventLoopThreadPool::kMaxThreads));
  }
  const std::pair<const char*, int> counts[] = {
      {"backlog", backlog},
      {"max_accepts_per_turn", max_accepts_per_turn},
      {"loop.max_timers_per_turn", loop.max_timers_per_turn},
      {"loop.max_tasks_per_turn", loop.max_tasks_per_turn}};
  for (const auto& [name, value] : counts) {
    if (value >= 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of ", value, ": must be at least 1"));
  }
  if (absl::Status status = limits.Check(); !status.ok()) return status;
  if (placement != Placement::kReusePort) return absl::OkStatus();
  for (const InetAddress& address : listen) {
    if (!address.is_unix()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(address.ToString(),
                     ": a unix socket has no reuseport placement; use "
                     "round-robin or least-connections"));
  }
  return absl::OkStatus();
}

AdmissionLimits TcpServerOptions::Admission() const {
  size_t all = max_connections;
  if (all == 0) all = DefaultMaxConnections(std::max(threads, 1));
  size_t per_address = max_connections_per_address;
  if (per_address == 0) per_address = std::max<size_t>(all / 2, 1);
  return {.max_connections = all,
          .max_connections_per_address = per_address,
          .over_connections = over_connections,
          .over_address = over_address};
}

}  // namespace rondo
