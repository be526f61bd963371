#include "tools/bench/server_cpu.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace rondo::bench {

std::optional<int64_t> ReadServerCpuNanoseconds(int pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::error_code error;
  std::filesystem::directory_iterator task(tasks, error);
  if (error) return std::nullopt;
  int64_t sum = 0;
  bool any = false;
  while (!error && task != std::filesystem::directory_iterator()) {
    int64_t ns = 0;
    // A thread that ends while it is looked at is left out.
    if (std::ifstream(task->path() / "schedstat") >> ns) {
      sum += ns;
      any = true;
    }
    task.increment(error);
  }
  if (!any) return std::nullopt;
  return sum;
}

}  // namespace rondo::bench
