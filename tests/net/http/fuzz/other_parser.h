#ifndef RONDO_TESTS_NET_HTTP_FUZZ_OTHER_PARSER_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_OTHER_PARSER_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/net/http/fuzz/wire_request.h"

namespace rondo {

// Another parser of HTTP/1.1, http-parser 2.9, to compare with. It takes more
// than the grammar has; it is the one that proxies and servers would run.

// What it makes of a connection's bytes.
struct OtherReading {
  // Values with the whitespace behind them, trailers all of them.
  std::vector<WireRequest> requests;
  // Behind the last request another protocol begins, as it sees it.
  bool upgraded = false;
  // Its name for why it stopped, and before which byte; empty if it did not.
  std::string_view error;
  size_t error_at = 0;

  size_t CountComplete() const;
};

OtherReading ReadByOther(std::string_view input);

// It has a list of methods.
bool IsMethodOfOther(std::string_view method);

// Parts of a target; what did not come is empty.
struct OtherTarget {
  std::string_view host;  // without the brackets
  std::string_view port;
  std::string_view path;
  std::string_view query;
};

// Empty if it refuses that.
std::optional<OtherTarget> ParseTargetByOther(std::string_view text,
                                              bool is_connect);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_OTHER_PARSER_H_
