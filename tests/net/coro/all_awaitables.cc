#include <vector>

#include "tests/net/coro/awaitable_fixture.h"

namespace rondo {

std::vector<AwaitableMaker> AllAwaitables() {
  std::vector<AwaitableMaker> all = SimpleAwaitables();
  for (AwaitableMaker& maker : ComposedAwaitables()) all.push_back(maker);
  for (AwaitableMaker& maker : StreamAwaitables()) all.push_back(maker);
  return all;
}

}  // namespace rondo
