#ifndef RONDO_TESTS_NET_HTTP_FUZZ_WIRE_REQUEST_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_WIRE_REQUEST_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_chars.h"
#include "net/http/request_head.h"

namespace rondo {

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

struct WireHead {
  std::string method;
  std::string target;
  int minor_version = 1;
  NamesAndValues fields = {};
  BodyFraming framing = BodyFraming::kNone;
  uint64_t content_length = 0;
  bool keep_alive = true;

  friend bool operator==(const WireHead&, const WireHead&) = default;
};

// A request as a parser has read it, whichever: copies, to be compared.
struct WireRequest {
  WireHead head;
  std::string body = {};  // as much as has come
  NamesAndValues trailers = {};
  bool complete = false;

  friend bool operator==(const WireRequest&, const WireRequest&) = default;
  friend std::ostream& operator<<(std::ostream& out, const WireRequest& r);
};

// Calls `f` with the value of each field of that name.
template <typename F>
void ForEachValue(const NamesAndValues& fields, std::string_view name, F f) {
  for (const auto& [its, value] : fields) {
    if (EqualsIgnoringCase(its, name)) f(std::string_view(value));
  }
}

inline bool Has(const NamesAndValues& fields, std::string_view name) {
  bool has = false;
  ForEachValue(fields, name, [&has](std::string_view) { has = true; });
  return has;
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_WIRE_REQUEST_H_
