#ifndef RONDO_TESTS_EXAMPLES_PROCESS_STATS_H_
#define RONDO_TESTS_EXAMPLES_PROCESS_STATS_H_

#include <sys/types.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace rondo {

// What another process uses, from /proc. Threading: Thread-safe.

size_t CountDescriptors(pid_t pid);
size_t ResidentBytes(pid_t pid);
// The most that it has had.
size_t PeakResidentBytes(pid_t pid);
// Of all threads that it has now.
absl::Duration CpuTime(pid_t pid);

// The threads that it has now whose names begin so.
std::vector<pid_t> ThreadsNamed(pid_t pid, std::string_view begin);

// Looks until `condition` holds, for what no event tells of, such as how many
// descriptors another process has. False if it does not for Process::kBound.
bool Eventually(absl::FunctionRef<bool()> condition);

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_PROCESS_STATS_H_
