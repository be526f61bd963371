#ifndef RONDO_NET_HTTP_FILES_ENTITY_TAG_H_
#define RONDO_NET_HTTP_FILES_ENTITY_TAG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

namespace rondo {

// The name of one version of what a URL gives: "5-1f" or W/"5-1f".
//
// Two that are strong and equal are of the same bytes. A weak one only says
// that one will do for the other, so no ranges are put together by it.
//
// Threading: one thread at a time; const methods are Thread-safe.
// Reference: RFC 9110 §8.8.3, §13.1.1, §13.1.2.
class EntityTag {
 public:
  enum class Strength : uint8_t { kStrong, kWeak };
  // Whether weak tags may be equal, too.
  enum class Comparison : uint8_t { kStrong, kWeak };

  // Of a file. Another file under the same name has another inode; servers that
  // share their clients therefore give different tags to equal copies, which
  // costs them a transfer but is never wrong.
  static EntityTag OfFile(uint64_t inode, uint64_t bytes, absl::Time modified,
                          Strength strength);

  // Empty if `text` is none, or has anything else.
  static std::optional<EntityTag> Parse(std::string_view text);

  // With its quotes, and W/ if it is weak.
  std::string ToString() const;

  Strength strength() const { return strength_; }

  bool Matches(const EntityTag& other, Comparison comparison) const;

  // Whether `list`, the value of an If-Match or If-None-Match, has it: "*" has
  // every one, a malformed list has none.
  bool IsIn(std::string_view list, Comparison comparison) const;

 private:
  EntityTag(std::string opaque, Strength strength)
      : opaque_(std::move(opaque)), strength_(strength) {}

  bool Matches(std::string_view opaque, Strength strength,
               Comparison comparison) const;

  std::string opaque_;  // between the quotes
  Strength strength_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_ENTITY_TAG_H_
