#ifndef RONDO_NET_HTTP_PATH_PARAMETERS_H_
#define RONDO_NET_HTTP_PATH_PARAMETERS_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http/path_segments.h"

namespace rondo {

// What stood for the {names} of a route's pattern, decoded.
//
// Threading: one thread at a time.
// Lifetime: names are the router's; values live until the next look-up, and no
// longer than the path.
class PathParameters {
 public:
  PathParameters() = default;
  PathParameters(const PathParameters&) = delete;
  PathParameters& operator=(const PathParameters&) = delete;

  std::optional<std::string_view> Find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return entry.value;
    }
    return std::nullopt;
  }

  size_t size() const { return entries_.size(); }

  struct Entry {
    std::string_view name;
    std::string_view value;
  };
  const std::vector<Entry>& entries() const { return entries_; }

  // --- For Router. ---

  void Add(std::string_view name, std::string_view value) {
    entries_.push_back({name, value});
  }
  // As new, but for the memory.
  void Clear() { entries_.clear(); }
  // What values are views of.
  PathSegments& segments() { return segments_; }

 private:
  PathSegments segments_;
  std::vector<Entry> entries_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_PATH_PARAMETERS_H_
