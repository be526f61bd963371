#include "tools/bench/server_usage.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace rondo::bench {
namespace {

// Of both kinds; 0 if the thread has just ended.
int64_t ReadContextSwitches(const std::filesystem::path& task) {
  std::ifstream status(task / "status");
  int64_t sum = 0;
  for (std::string line; std::getline(status, line);) {
    const size_t label = line.find("ctxt_switches:");
    if (label == std::string::npos) continue;
    sum += std::stoll(line.substr(line.find(':') + 1));
  }
  return sum;
}

// Adds what a process has used; false if there is no such process.
bool AddUsage(int pid, ServerUsage& sum) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::error_code error;
  std::filesystem::directory_iterator task(tasks, error);
  bool any = false;
  while (!error && task != std::filesystem::directory_iterator()) {
    int64_t ns = 0;
    // A thread that ends while it is looked at is left out.
    if (std::ifstream(task->path() / "schedstat") >> ns) {
      sum.cpu_ns += ns;
      sum.context_switches += ReadContextSwitches(task->path());
      any = true;
    }
    task.increment(error);
  }
  return any;
}

}  // namespace

std::optional<ServerUsage> ReadServerUsage(const std::vector<int>& pids) {
  if (pids.empty()) return std::nullopt;
  ServerUsage sum;
  for (const int pid : pids) {
    if (!AddUsage(pid, sum)) return std::nullopt;
  }
  return sum;
}

}  // namespace rondo::bench
