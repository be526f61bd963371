#include "net/http/request_reader.h"

#include <glog/logging.h>

#include <cstring>

namespace rondo {
namespace {

// Differs, as a rule, where heads do: cheaper than a hash, and nothing but the
// choice of what is kept depends on it.
uint64_t SignatureOf(std::string_view head) {
  const auto word = [head](size_t at) {
    uint64_t bytes;
    std::memcpy(&bytes, head.data() + at, sizeof(bytes));
    return bytes;
  };
  const size_t last = head.size() - sizeof(uint64_t);
  return word(0) ^ (word(last / 4) << 1) ^ (word(last / 2) << 2) ^ head.size();
}

}  // namespace

RequestReader::Outcome RequestReader::Parse(RequestParser& parser,
                                            std::string_view input) {
  last_ = &parsed_;
  const Outcome outcome = parser.Parse(input, limits_, parsed_.head);
  if (outcome != Outcome::kComplete) return outcome;
  Route(parsed_);
  const std::string_view text = input.substr(0, parsed_.head.bytes);
  const uint64_t signature = SignatureOf(text);
  if (signature != parsed_signature_) {
    parsed_signature_ = signature;
  } else if (text.size() <= kMaxKnownBytes) {
    Keep(text);
  }
  return outcome;
}

void RequestReader::Reread(std::string_view head) {
  last_ = &parsed_;
  RequestParser parser;
  CHECK(parser.Parse(head, limits_, parsed_.head) == Outcome::kComplete);
  Route(parsed_);
}

void RequestReader::Route(RoutedHead& routed) {
  routed.match = router_.Find(routed.head.method, routed.head.target.path,
                              routed.parameters);
}

void RequestReader::Keep(std::string_view text) {
  known_text_ = text;
  RequestParser parser;
  CHECK(parser.Parse(known_text_, limits_, known_.head) == Outcome::kComplete);
  Route(known_);
}

}  // namespace rondo
