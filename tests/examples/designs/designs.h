#ifndef RONDO_TESTS_EXAMPLES_DESIGNS_DESIGNS_H_
#define RONDO_TESTS_EXAMPLES_DESIGNS_DESIGNS_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace rondo {

// What a design of examples/designs is, as far as its tests have to know.
struct Design {
  std::string name;
  std::string pool = "";  // how its start line ends, if it has threads
  // Whether it keeps the order of a stream: all but the one that is there to
  // show how not to.
  bool keeps_order = true;
  bool is_one_thread = false;
};

inline const Design kDesigns[] = {
    {.name = "blocking_pool",
     .pool = " threads=64 \\(more connections wait\\)"},
    {.name = "busy_polling", .pool = " threads=2"},
    {.name = "select_loop", .is_one_thread = true},
    {.name = "poll_loop", .is_one_thread = true},
    {.name = "epoll_loop", .is_one_thread = true},
    {.name = "epoll_pool", .pool = " threads=4"},
    {.name = "epoll_pool_unsafe", .pool = " threads=4", .keeps_order = false},
    {.name = "poll_generators", .is_one_thread = true},
    {.name = "event_generators", .is_one_thread = true},
};

inline void PrintTo(const Design& design, std::ostream* out) {
  *out << design.name;
}

inline std::string NameOf(const testing::TestParamInfo<Design>& info) {
  return info.param.name;
}

// What every one of them does, whichever way it waits. A test of it says
//
//   INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns),
//                            NameOf);
class DesignTest : public testing::TestWithParam<Design> {
 protected:
  const std::string name_ = GetParam().name;
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_DESIGNS_DESIGNS_H_
