#include "examples/designs/holds.h"

#include <glog/logging.h>
#include <unistd.h>

namespace rondo::examples {

Holds::Holds() : holders_(static_cast<size_t>(sysconf(_SC_OPEN_MAX))) {}

void Holds::Log() const {
  LOG(INFO) << conflicts_
            << " times a worker got a connection that another one had";
}

}  // namespace rondo::examples
