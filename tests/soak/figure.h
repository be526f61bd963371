#ifndef RONDO_TESTS_SOAK_FIGURE_H_
#define RONDO_TESTS_SOAK_FIGURE_H_

#include <iostream>

#include "absl/strings/str_cat.h"

namespace rondo {

inline constexpr double kMiB = 1'024.0 * 1'024.0;

// Prints a measured figure on a line of its own, to be found and quoted:
//
//   figure: connections held: 18000
template <typename... Parts>
void PrintFigure(const char* name, const Parts&... parts) {
  std::cout << absl::StrCat("figure: ", name, ": ", parts...) << std::endl;
}

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_FIGURE_H_
