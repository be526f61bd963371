#ifndef RONDO_TESTS_NET_TCP_SCALE_H_
#define RONDO_TESTS_NET_TCP_SCALE_H_

#include <cstddef>

#include "absl/base/config.h"

namespace rondo {

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// How much less a test does where everything takes ten times as long.
inline constexpr size_t kSanitizerDivisor = 4;

constexpr size_t Scaled(size_t count) {
  return kSanitized ? count / kSanitizerDivisor : count;
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_SCALE_H_
