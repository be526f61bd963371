#include "examples/designs/holds.h"

#include <glog/logging.h>

namespace rondo::examples {

void Holds::Log() const {
  LOG(INFO) << conflicts()
            << " times a worker got a connection that another one had";
}

}  // namespace rondo::examples
