#include "base/descriptors.h"

#include <sys/resource.h>

#include <filesystem>
#include <iterator>
#include <system_error>

namespace rondo {

size_t DescriptorsLeft() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/self/fd", error);
  if (error) return 0;  // none left to look with
  const size_t in_use = std::distance(begin(open), end(open)) - 1;  // itself
  return limit.rlim_cur > in_use ? limit.rlim_cur - in_use : 0;
}

}  // namespace rondo
