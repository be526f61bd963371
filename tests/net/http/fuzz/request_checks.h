#ifndef RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_CHECKS_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_CHECKS_H_

#include <string_view>
#include <vector>

#include "net/http/http_limits.h"

namespace rondo {

// CHECKs that a connection's bytes are read the same whole and cut at `ends`,
// and that what is taken is what the other parser reads, to the byte.
void CheckRequests(std::string_view input, const std::vector<size_t>& ends,
                   const HttpLimits& limits);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_CHECKS_H_
