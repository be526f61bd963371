#include "net/tcp/connection_group.h"

namespace rondo {

size_t ConnectionGroup::open() const {
  size_t sum = 0;
  for (const auto& on_loop : open_) sum += on_loop;
  return sum;
}

}  // namespace rondo
