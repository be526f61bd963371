#include "tests/net/http/fuzz/request_checks.h"

#include <glog/logging.h>

#include <algorithm>

#include "net/http/http_chars.h"
#include "tests/net/http/fuzz/known_differences.h"
#include "tests/net/http/fuzz/other_parser.h"
#include "tests/net/http/fuzz/request_stream.h"
#include "tests/net/http/fuzz/wire_request.h"

namespace rondo {
namespace {

void CheckSame(const RequestStream& whole, const RequestStream& pieces) {
  CHECK_EQ(whole.requests().size(), pieces.requests().size());
  for (size_t i = 0; i < whole.requests().size(); ++i) {
    CHECK(whole.requests()[i] == pieces.requests()[i])
        << "whole:" << whole.requests()[i]
        << "\nin pieces:" << pieces.requests()[i];
  }
  CHECK_EQ(whole.complete_bytes(), pieces.complete_bytes());
  CHECK_EQ(std::string_view(whole.error().reason), pieces.error().reason);
  CHECK(whole.error().status == pieces.error().status);
}

// Ours has dropped what must not be in a trailer.
bool AreSomeOf(const NamesAndValues& some, const NamesAndValues& all) {
  auto at = all.begin();
  return std::ranges::all_of(some, [&](const auto& trailer) {
    at = std::find(at, all.end(), trailer);
    return at != all.end() && at++ != all.end();
  });
}

void TrimValues(NamesAndValues& fields) {
  for (auto& [name, value] : fields) value = TrimOws(value);
}

// Compares what both took. False if the other may see the rest differently.
bool Compare(const WireRequest& ours, WireRequest theirs, bool upgraded) {
  bool goes_on = !MayCloseBehind(theirs);
  if (ours.head.keep_alive != theirs.head.keep_alive) {
    CHECK(MayDifferInKeepAlive(ours.head, theirs.head))
        << ours << "\nother:" << theirs;
    theirs.head.keep_alive = ours.head.keep_alive;
    goes_on = false;
  }
  // RFC 9110 §9.3.6: a tunnel begins with the answer, not with the request. To
  // the other it does, and whatever body is announced is not looked at.
  const bool same_framing = !MayDifferInFraming(ours.head);
  if (ours.head.method == "CONNECT" || !same_framing) {
    theirs.head.framing = ours.head.framing;
    theirs.head.content_length = ours.head.content_length;
  }
  TrimValues(theirs.head.fields);
  TrimValues(theirs.trailers);
  CHECK(ours.head == theirs.head) << ours << "\nother:" << theirs;
  // RFC 9110 §7.8: an upgrade may be ignored.
  if (upgraded || !same_framing) return false;
  CHECK(theirs.body.starts_with(ours.body)) << ours << "\nother:" << theirs;
  if (!ours.complete) return true;
  CHECK_EQ(ours.body.size(), theirs.body.size());
  CHECK(AreSomeOf(ours.trailers, theirs.trailers))
      << ours << "\nother:" << theirs;
  return goes_on;
}

void CompareWithOther(std::string_view input, const RequestStream& stream) {
  const OtherReading other = ReadByOther(input);
  size_t complete = 0;
  for (size_t i = 0; i < stream.requests().size(); ++i) {
    const WireRequest& ours = stream.requests()[i];
    const bool is_last = i + 1 >= other.requests.size();
    const WireRequest theirs =
        i < other.requests.size() ? other.requests[i] : WireRequest();
    if (is_last && !other.error.empty() && !theirs.complete) {
      const char byte = input[std::min(other.error_at, input.size() - 1)];
      if (IsKnown({ours, theirs, other.error, byte})) return;
      // Of a line that has not come whole ours does not think yet.
      CHECK(!ours.complete) << other.error << ours << "\nother:" << theirs;
    }
    const bool goes_on = Compare(ours, theirs, is_last && other.upgraded);
    if (!ours.complete) break;
    if (!goes_on) return;
    ++complete;
  }
  if (complete == 0) return;
  // Both end the last one with the same byte.
  const std::string_view all = input.substr(0, stream.complete_bytes());
  CHECK_EQ(ReadByOther(all).CountComplete(), complete);
  const std::string_view less = all.substr(0, all.size() - 1);
  CHECK_EQ(ReadByOther(less).CountComplete(), complete - 1);
}

}  // namespace

void CheckRequests(std::string_view input, const std::vector<size_t>& ends,
                   const HttpLimits& limits) {
  RequestStream whole(limits);
  whole.Read(input, input.size());
  RequestStream pieces(limits);
  for (const size_t end : ends) pieces.Read(input, end);
  CheckSame(whole, pieces);
  CompareWithOther(input, whole);
}

}  // namespace rondo
