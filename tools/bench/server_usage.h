#ifndef RONDO_TOOLS_BENCH_SERVER_USAGE_H_
#define RONDO_TOOLS_BENCH_SERVER_USAGE_H_

#include <cstdint>
#include <optional>

namespace rondo::bench {

// What a process has used since it began, in all its living threads.
struct ServerUsage {
  int64_t cpu_ns = 0;            // User and system time.
  int64_t context_switches = 0;  // Voluntary and not.
};

// None if there is no such process.
// Reference: proc(5), task/TID/schedstat and task/TID/status.
std::optional<ServerUsage> ReadServerUsage(int pid);

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_SERVER_USAGE_H_
