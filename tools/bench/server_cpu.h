#ifndef RONDO_TOOLS_BENCH_SERVER_CPU_H_
#define RONDO_TOOLS_BENCH_SERVER_CPU_H_

#include <cstdint>
#include <optional>

namespace rondo::bench {

// The CPU time in nanoseconds, user and system, that the living threads of
// process `pid` have used: the first field of /proc/PID/task/*/schedstat.
// None if there is no such process, or the kernel keeps no such account.
//
// Reference: https://docs.kernel.org/scheduler/sched-stats.html
std::optional<int64_t> ReadServerCpuNanoseconds(int pid);

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_SERVER_CPU_H_
