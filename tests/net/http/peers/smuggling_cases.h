#ifndef RONDO_TESTS_NET_HTTP_PEERS_SMUGGLING_CASES_H_
#define RONDO_TESTS_NET_HTTP_PEERS_SMUGGLING_CASES_H_

#include <string>
#include <vector>

namespace rondo {

// A request for kOuterToken that has another one in what is its body for some,
// and a request of its own for others. Whoever reads it gets
// at least one whole request, or refuses it.
struct SmugglingCase {
  static constexpr char kOuterToken[] = "outer";

  std::string name;
  std::string bytes;
  // By every reading: there is nothing to be fooled by.
  bool is_two_requests = false;
};

std::vector<SmugglingCase> SmugglingCases();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_PEERS_SMUGGLING_CASES_H_
