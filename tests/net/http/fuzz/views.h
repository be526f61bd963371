#ifndef RONDO_TESTS_NET_HTTP_FUZZ_VIEWS_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_VIEWS_H_

#include <functional>
#include <string_view>

namespace rondo {

// Whether `part` lies in the memory of `whole`; empty ones may lie anywhere.
inline bool IsInside(std::string_view part, std::string_view whole) {
  const std::less_equal<> before;  // also of pointers into different arrays
  return part.empty() ||
         (before(whole.data(), part.data()) &&
          before(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_VIEWS_H_
