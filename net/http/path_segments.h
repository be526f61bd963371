#ifndef RONDO_NET_HTTP_PATH_SEGMENTS_H_
#define RONDO_NET_HTTP_PATH_SEGMENTS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

// A path, cut at its slashes and decoded once, in that order: %2F is a slash
// inside of a segment, and %2541 is %41.
//
//   /a%20b/%2F/     "a b", "/", ""
//
// A path without escapes is not copied; the memory for one with them is used
// again.
//
// Threading: one thread at a time.
// Lifetime: what it gives out lives until the next Set(), and no longer than
// the path.
class PathSegments {
 public:
  // More of them are not told apart: the last has the slashes of its own.
  static constexpr size_t kMax = 65;

  PathSegments() = default;
  PathSegments(const PathSegments&) = delete;
  PathSegments& operator=(const PathSegments&) = delete;

  // False if a percent sign is not followed by two hex digits.
  // Requires: `path` begins with a slash.
  bool Set(std::string_view path);

  size_t size() const { return begins_.size(); }
  // Requires: i < size().
  std::string_view operator[](size_t i) const {
    const size_t end =
        i + 1 < begins_.size() ? begins_[i + 1] - 1 : text_.size();
    return text_.substr(begins_[i], end - begins_[i]);
  }
  // That one and all behind it, with the slashes between them.
  std::string_view From(size_t i) const { return text_.substr(begins_[i]); }

 private:
  std::string decoded_;
  std::string_view text_;  // the path, or decoded_
  std::vector<size_t> begins_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_PATH_SEGMENTS_H_
