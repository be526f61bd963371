#ifndef RONDO_TESTS_TESTING_IPV6_H_
#define RONDO_TESTS_TESTING_IPV6_H_

namespace rondo {

// Whether this machine has ::1. Where IPv6 is switched off it has not, and what
// a test has to do with it is skipped:
//
//   if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
bool HasIpv6();

inline constexpr char kNoIpv6[] = "this machine has no ::1: IPv6 is off";

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_IPV6_H_
