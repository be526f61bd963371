#include "tests/examples/process_stats.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

std::string Proc(pid_t pid, const char* name) {
  return absl::StrCat("/proc/", pid, "/", name);
}

}  // namespace

size_t CountDescriptors(pid_t pid) {
  size_t count = 0;
  std::error_code error;  // it may end meanwhile
  fs::directory_iterator entry(Proc(pid, "fd"), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return count;
}

// proc(5), statm: the second field, in pages.
size_t ResidentBytes(pid_t pid) {
  size_t size = 0;
  size_t resident = 0;
  std::ifstream(Proc(pid, "statm")) >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// proc(5), status: in kibibytes.
size_t PeakResidentBytes(pid_t pid) {
  std::ifstream status(Proc(pid, "status"));
  std::string word;
  while (status >> word && word != "VmHWM:") {
  }
  size_t kibibytes = 0;
  status >> kibibytes;
  return kibibytes * 1'024;
}

std::vector<pid_t> ThreadsNamed(pid_t pid, std::string_view begin) {
  std::vector<pid_t> threads;
  for (const auto& task : fs::directory_iterator(Proc(pid, "task"))) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    int thread = 0;
    const bool numeric =
        absl::SimpleAtoi(task.path().filename().string(), &thread);
    if (numeric && name.starts_with(begin)) threads.push_back(thread);
  }
  return threads;
}

// Documentation/scheduler/sched-stats.rst: the first field, in nanoseconds.
absl::Duration CpuTime(pid_t pid) {
  absl::Duration sum;
  for (const auto& task : fs::directory_iterator(Proc(pid, "task"))) {
    int64_t nanoseconds = 0;
    std::ifstream(task.path() / "schedstat") >> nanoseconds;
    sum += absl::Nanoseconds(nanoseconds);
  }
  return sum;
}

bool Eventually(absl::FunctionRef<bool()> condition) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline =
      Clock::now() + absl::ToChronoSeconds(Process::kBound);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace rondo
