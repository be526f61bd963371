#include "net/http/route_pattern.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "net/http/http_chars.h"
#include "net/http/percent_decoding.h"

namespace rondo {
namespace {

using Kind = RoutePattern::Kind;
using Part = RoutePattern::Part;

constexpr std::string_view kRestSuffix = "...";

Part ParseLiteral(std::string_view segment, std::string_view pattern) {
  CHECK(segment.find_first_of("{}") == std::string_view::npos)
      << "route " << pattern << ": a parameter is a whole segment, not "
      << segment;
  CHECK(segment.find_first_of("?#") == std::string_view::npos)
      << "route " << pattern << ": a path ends before " << segment;
  std::optional<std::string> text = PercentDecode(segment);
  CHECK(text.has_value()) << "route " << pattern
                          << ": two hex digits must follow each percent sign";
  return {Kind::kLiteral, *std::move(text)};
}

Part ParseSegment(std::string_view segment, std::string_view pattern) {
  if (!segment.starts_with('{') || !segment.ends_with('}')) {
    return ParseLiteral(segment, pattern);
  }
  std::string_view name = segment.substr(1, segment.size() - 2);
  const bool is_rest = name.ends_with(kRestSuffix);
  if (is_rest) name.remove_suffix(kRestSuffix.size());
  CHECK(!name.empty() && AreAll(HttpChars::kToken, name))
      << "route " << pattern << ": " << segment << " has no name";
  return {is_rest ? Kind::kRest : Kind::kParameter, std::string(name)};
}

// Whether a part before the last has its name, too.
bool RepeatsName(const std::vector<Part>& parts) {
  const Part& last = parts.back();
  return last.kind != Kind::kLiteral &&
         std::any_of(parts.begin(), parts.end() - 1, [&last](const Part& part) {
           return part.kind != Kind::kLiteral && part.text == last.text;
         });
}

}  // namespace

RoutePattern RoutePattern::Parse(std::string_view pattern) {
  CHECK(pattern.starts_with('/'))
      << "route " << pattern << ": it must begin with a slash";
  RoutePattern parsed;
  for (std::string_view rest = pattern; !rest.empty();) {
    CHECK(parsed.parts.empty() || parsed.parts.back().kind != Kind::kRest)
        << "route " << pattern << ": nothing can follow the rest";
    CHECK(parsed.parts.size() < kMaxSegments)
        << "route " << pattern << ": more than " << kMaxSegments << " segments";
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    parsed.parts.push_back(ParseSegment(segment, pattern));
    CHECK(!RepeatsName(parsed.parts))
        << "route " << pattern << ": " << segment << " comes twice";
  }
  return parsed;
}

}  // namespace rondo
