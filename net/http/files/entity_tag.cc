#include "net/http/files/entity_tag.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "net/http/http_chars.h"

namespace rondo {
namespace {

constexpr std::string_view kWeakPrefix = "W/";

// A tag as it stands in a field.
struct TagText {
  std::string_view opaque;
  EntityTag::Strength strength;
};

// Visible, or above 0x7f, and no quote; a backslash is nothing special.
bool IsTagChar(char c) {
  return Is(HttpChars::kFieldValue, c) && c != ' ' && c != '\t' && c != '"';
}

// Takes a tag off the front; empty, and nothing is taken, if there is none.
std::optional<TagText> NextTag(std::string_view& rest) {
  const bool weak = rest.starts_with(kWeakPrefix);
  const std::string_view quoted = rest.substr(weak ? kWeakPrefix.size() : 0);
  if (!quoted.starts_with('"')) return std::nullopt;
  const size_t end = quoted.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view opaque = quoted.substr(1, end - 1);
  if (!std::ranges::all_of(opaque, IsTagChar)) return std::nullopt;
  rest = quoted.substr(end + 1);
  return TagText{
      opaque, weak ? EntityTag::Strength::kWeak : EntityTag::Strength::kStrong};
}

std::string_view SkipEmptyMembers(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t,"), text.size()));
  return text;
}

}  // namespace

EntityTag EntityTag::OfFile(uint64_t inode, uint64_t bytes, absl::Time modified,
                            Strength strength) {
  return EntityTag(absl::StrCat(absl::Hex(inode), "-", absl::Hex(bytes), "-",
                                absl::Hex(absl::ToUnixNanos(modified))),
                   strength);
}

std::optional<EntityTag> EntityTag::Parse(std::string_view text) {
  const auto tag = NextTag(text);
  if (!tag.has_value() || !text.empty()) return std::nullopt;
  return EntityTag(std::string(tag->opaque), tag->strength);
}

std::string EntityTag::ToString() const {
  return absl::StrCat(strength_ == Strength::kWeak ? "W/" : "", "\"", opaque_,
                      "\"");
}

bool EntityTag::Matches(const EntityTag& other, Comparison comparison) const {
  return Matches(other.opaque_, other.strength_, comparison);
}

bool EntityTag::Matches(std::string_view opaque, Strength strength,
                        Comparison comparison) const {
  const bool both_strong =
      strength_ == Strength::kStrong && strength == Strength::kStrong;
  return (both_strong || comparison == Comparison::kWeak) && opaque_ == opaque;
}

bool EntityTag::IsIn(std::string_view list, Comparison comparison) const {
  if (TrimOws(list) == "*") return true;
  bool found = false;
  for (list = SkipEmptyMembers(list); !list.empty();
       list = SkipEmptyMembers(list)) {
    const auto tag = NextTag(list);
    if (!tag.has_value()) return false;
    found |= Matches(tag->opaque, tag->strength, comparison);
    list = TrimOws(list);
    if (!list.empty() && !list.starts_with(',')) return false;
  }
  return found;
}

}  // namespace rondo
