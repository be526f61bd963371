#include "tests/net/http/fuzz/known_differences.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "net/http/http_chars.h"
#include "tests/net/http/fuzz/other_parser.h"

namespace rondo {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

bool AnyValue(const NamesAndValues& fields, std::string_view name,
              bool (*is)(std::string_view)) {
  bool any = false;
  ForEachValue(fields, name, [&](std::string_view v) { any |= is(v); });
  return any;
}

bool HasTab(std::string_view value) {
  return value.find('\t') != std::string_view::npos;
}

bool AnyMember(std::string_view list, bool (*is)(std::string_view)) {
  while (true) {
    const size_t end = std::min(list.find(','), list.size());
    if (is(TrimOws(list.substr(0, end)))) return true;
    if (end == list.size()) return false;
    list.remove_prefix(end + 1);
  }
}

bool HasOddMember(std::string_view list) {
  return AnyMember(list, [](std::string_view member) {
    return member.empty() || !AreAll(HttpChars::kToken, member);
  });
}

// A list of options one of which is the beginning of a known one.
bool HasHalfOption(std::string_view list) {
  return AnyMember(list, [](std::string_view member) {
    for (const std::string_view option : {"close", "keep-alive", "upgrade"}) {
      if (member.size() < option.size() &&
          EqualsIgnoringCase(member, option.substr(0, member.size()))) {
        return true;
      }
    }
    return false;
  });
}

// RFC 9110 §9.1: a method is any token. It has a list.
bool RareMethod(const OtherRefusal& r) {
  return !IsMethodOfOther(r.ours.head.method);
}

// RFC 9112 §6.3: a list of equal lengths is one of them. It wants digits.
bool ListOfLengths(const OtherRefusal& r) {
  return AnyValue(r.ours.head.fields, "Content-Length", [](std::string_view v) {
    return !AreAll(HttpChars::kDigit, v);
  });
}

// RFC 9112 §6.3: so are equal ones in several fields. It wants one.
bool SeveralLengths(const OtherRefusal& r) {
  int lengths = 0;
  ForEachValue(r.ours.head.fields, "Content-Length",
               [&lengths](std::string_view) { ++lengths; });
  return lengths > 1;
}

// RFC 9110 §8.6: any number. It wants room for another digit in 64 bits.
bool HugeLength(const OtherRefusal& r) {
  return r.ours.head.content_length >= (kMax - 10) / 10;
}

// RFC 9112 §7.1: any number, here too. No such chunk is ever complete.
bool HugeChunk(const OtherRefusal& r) {
  return r.ours.head.framing == BodyFraming::kChunked && !r.ours.complete;
}

// RFC 9110 §5.6.3: a tab is whitespace, behind a number and before an
// extension. Not to it.
bool TabBehindNumber(const OtherRefusal& r) { return r.byte == '\t'; }

// RFC 9110 §5.6.3: a tab is whitespace, around codings, too.
bool TabAroundCoding(const OtherRefusal& r) {
  return AnyValue(r.theirs.head.fields, "Transfer-Encoding", HasTab);
}

// RFC 9110 §5.6.1.2: empty members of lists do not count.
bool EmptyCoding(const OtherRefusal& r) {
  return AnyValue(r.ours.head.fields, "Transfer-Encoding", HasOddMember);
}

// RFC 9110 §5.1: a name that only begins like another is not that. To it such a
// field announces a transfer coding, which then is none.
bool LongerName(const OtherRefusal& r) {
  return MayDifferInFraming(r.ours.head);
}

// RFC 9110 §6.5.1: a length in a trailer is dropped unread.
bool LengthInTrailer(const OtherRefusal& r) {
  return Has(r.theirs.trailers, "Content-Length");
}

struct KnownRefusal {
  std::string_view error;
  bool (*is)(const OtherRefusal&);
};

constexpr KnownRefusal kRefusals[] = {
    {"HPE_INVALID_METHOD", RareMethod},
    {"HPE_INVALID_CONTENT_LENGTH", ListOfLengths},
    {"HPE_INVALID_CONTENT_LENGTH", HugeLength},
    {"HPE_INVALID_CONTENT_LENGTH", HugeChunk},
    {"HPE_INVALID_CONTENT_LENGTH", TabBehindNumber},
    {"HPE_INVALID_CONTENT_LENGTH", LengthInTrailer},
    {"HPE_UNEXPECTED_CONTENT_LENGTH", SeveralLengths},
    {"HPE_UNEXPECTED_CONTENT_LENGTH", LengthInTrailer},
    {"HPE_UNEXPECTED_CONTENT_LENGTH", LongerName},
    {"HPE_INVALID_CHUNK_SIZE", TabBehindNumber},
    {"HPE_INVALID_TRANSFER_ENCODING", TabAroundCoding},
    {"HPE_INVALID_TRANSFER_ENCODING", EmptyCoding},
    {"HPE_INVALID_TRANSFER_ENCODING", LongerName},
};

}  // namespace

bool IsKnown(const OtherRefusal& refusal) {
  return std::ranges::any_of(kRefusals, [&](const KnownRefusal& known) {
    return known.error == refusal.error && known.is(refusal);
  });
}

// See LongerName(). What that field says takes the place of the real one's.
bool MayDifferInFraming(const WireHead& ours) {
  constexpr std::string_view kName = "Transfer-Encoding";
  return std::ranges::any_of(ours.fields, [&](const auto& field) {
    const std::string_view name = field.first;
    return name.size() > kName.size() &&
           EqualsIgnoringCase(name.substr(0, kName.size()), kName);
  });
}

bool MayDifferInKeepAlive(const WireHead& ours, const WireHead& theirs) {
  // RFC 9112 §9.3: close goes before keep-alive. In HTTP/1.0 not to it.
  if (ours.minor_version == 0 && !ours.keep_alive) return true;
  // RFC 9112 §C.2.2: Proxy-Connection says nothing of a connection. To it, all.
  if (Has(ours.fields, "Proxy-Connection")) return true;
  // RFC 9110 §5.6.1.2: lists have tabs and empty members. It stops at them.
  // §7.6.1: what nobody knows is ignored. It loses the comma behind "clo".
  return AnyValue(theirs.fields, "Connection", HasTab) ||
         AnyValue(ours.fields, "Connection", HasOddMember) ||
         AnyValue(ours.fields, "Connection", HasHalfOption);
}

// RFC 9110 §6.5.1: in a trailer connection options come too late.
bool MayCloseBehind(const WireRequest& theirs) {
  return Has(theirs.trailers, "Connection") ||
         Has(theirs.trailers, "Proxy-Connection");
}

}  // namespace rondo
