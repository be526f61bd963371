#include "net/http/request_reader.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <utility>

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
  if (IsWorthKeeping(text)) Keep(text);
  return outcome;
}

// Heads that differ only where their signatures do not look seem to come again:
// the more have been kept in vain, the more are passed over.
bool RequestReader::IsWorthKeeping(std::string_view text) {
  const uint64_t signature = SignatureOf(text);
  if (std::exchange(parsed_signature_, signature) != signature) return false;
  if (text.size() > kMaxKnownBytes) return false;
  if (passed_over_ < must_be_passed_over_) {
    ++passed_over_;
    return false;
  }
  must_be_passed_over_ =
      was_of_use_ ? 0 : std::min(2 * must_be_passed_over_ + 1, kMaxPassedOver);
  passed_over_ = 0;
  return true;
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
  was_of_use_ = false;
  known_text_ = text;
  RequestParser parser;
  CHECK(parser.Parse(known_text_, limits_, known_.head) == Outcome::kComplete);
  Route(known_);
}

}  // namespace rondo
