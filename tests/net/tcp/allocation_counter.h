#ifndef RONDO_TESTS_NET_TCP_ALLOCATION_COUNTER_H_
#define RONDO_TESTS_NET_TCP_ALLOCATION_COUNTER_H_

#include <cstddef>

namespace rondo {

// What the calling thread has asked operator new for so far. Linking this
// replaces the global operators.
struct Allocations {
  size_t count = 0;
  size_t bytes = 0;
};
Allocations AllocationsOfThisThread();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_ALLOCATION_COUNTER_H_
