#ifndef RONDO_TOOLS_BENCH_SERVER_USAGE_H_
#define RONDO_TOOLS_BENCH_SERVER_USAGE_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace rondo::bench {

// What processes have used since they began, in all their living threads.
struct ServerUsage {
  int64_t cpu_ns = 0;            // User and system time.
  int64_t context_switches = 0;  // Voluntary and not.
};

// None if there is no such process, or none is asked for.
// Reference: proc(5), task/TID/schedstat and task/TID/status.
std::optional<ServerUsage> ReadServerUsage(const std::vector<int>& pids);

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_SERVER_USAGE_H_
