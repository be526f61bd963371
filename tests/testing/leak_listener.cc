#include "tests/testing/leak_listener.h"

#include <dirent.h>
#include <glog/logging.h>
#include <limits.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "absl/time/clock.h"

namespace rondo {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(1);

// Calls `f` with each entry of `path` that is a number, and with the descriptor
// that reads the directory.
void ForEachNumber(const char* path,
                   const std::function<void(int number, int dir_fd)>& f) {
  DIR* const dir = opendir(path);
  PCHECK(dir != nullptr) << path;
  while (const dirent* entry = readdir(dir)) {
    char* end;
    const long number = strtol(entry->d_name, &end, 10);
    if (*end == '\0') f(static_cast<int>(number), dirfd(dir));
  }
  closedir(dir);
}

std::string ReadLink(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t n = readlink(path.c_str(), target, sizeof(target));
  return n < 0 ? "" : std::string(target, n);
}

Threads WaitForThreadsToEnd(const Threads& before, absl::Duration grace) {
  const absl::Time give_up = absl::Now() + grace;
  Threads left = ThreadsLeft(before, RunningThreads());
  while (!left.empty() && absl::Now() < give_up) {
    absl::SleepFor(kPollInterval);
    left = ThreadsLeft(before, RunningThreads());
  }
  return left;
}

}  // namespace

Descriptors OpenDescriptors() {
  Descriptors result;
  ForEachNumber("/proc/self/fd", [&result](int fd, int dir_fd) {
    if (fd == dir_fd) return;
    result[fd] = ReadLink("/proc/self/fd/" + std::to_string(fd));
  });
  return result;
}

Threads RunningThreads() {
  Threads result;
  ForEachNumber("/proc/self/task", [&result](int tid, int) {
    std::ifstream comm("/proc/self/task/" + std::to_string(tid) + "/comm");
    std::string name;
    if (std::getline(comm, name)) result[tid] = name;  // else it ended just now
  });
  return result;
}

Descriptors DescriptorsLeft(const Descriptors& before,
                            const Descriptors& after) {
  Descriptors left;
  for (const auto& [fd, target] : after) {
    const auto known = before.find(fd);
    if (known == before.end() || known->second != target) left[fd] = target;
  }
  return left;
}

Threads ThreadsLeft(const Threads& before, const Threads& after) {
  Threads left;
  for (const auto& [tid, name] : after) {
    if (!before.contains(tid)) left[tid] = name;  // a thread may rename itself
  }
  return left;
}

void LeakListener::OnTestStart(const ::testing::TestInfo&) {
  descriptors_ = OpenDescriptors();
  threads_ = RunningThreads();
}

void LeakListener::OnTestEnd(const ::testing::TestInfo&) {
  // Threads first: one that is about to end may hold descriptors.
  for (const auto& [tid, name] : WaitForThreadsToEnd(threads_, grace_)) {
    ADD_FAILURE() << "left a thread running: " << name << " (" << tid << ")";
  }
  for (const auto& [fd, target] :
       DescriptorsLeft(descriptors_, OpenDescriptors())) {
    ADD_FAILURE() << "left a descriptor open: " << fd << " (" << target << ")";
  }
}

}  // namespace rondo
