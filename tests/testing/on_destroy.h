#ifndef RONDO_TESTS_TESTING_ON_DESTROY_H_
#define RONDO_TESTS_TESTING_ON_DESTROY_H_

#include <memory>
#include <utility>

namespace rondo {

// Something to capture: calls `f` when its last copy is destroyed.
template <typename F>
std::shared_ptr<void> OnDestroy(F f) {
  return {nullptr, [f = std::move(f)](void*) mutable { f(); }};
}

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_ON_DESTROY_H_
