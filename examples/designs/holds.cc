#include "examples/designs/holds.h"

#include <glog/logging.h>

#include <cstddef>

namespace rondo::examples {

void Holds::Take(int fd) {
  const auto index = static_cast<size_t>(fd);
  MutexLock lock(&mu_);
  if (index >= holders_.size()) holders_.resize(index + 1);
  if (holders_[index]++ > 0) ++conflicts_;
}

void Holds::Drop(int fd) {
  MutexLock lock(&mu_);
  --holders_[static_cast<size_t>(fd)];
}

int64_t Holds::conflicts() {
  MutexLock lock(&mu_);
  return conflicts_;
}

void Holds::Log() {
  LOG(INFO) << conflicts()
            << " times a worker got a connection that another one had";
}

}  // namespace rondo::examples
