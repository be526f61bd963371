#ifndef RONDO_NET_HTTP_FILES_FILE_PATH_H_
#define RONDO_NET_HTTP_FILES_FILE_PATH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

// A URL's path as the name of what is beneath some root.
//
//   /                "."             the root
//   /a%20b/c.html    "a b/c.html"    a file
//   /a%20b/          "a b/"          a folder, and nothing else
//
// Each name has one path. So what could be a second one is none at all: an
// empty segment, as in //a, and the segments . and .. however they are written.
// Nor is one that no file can have: with NUL, or with an encoded slash. Names
// that begin with a dot are hidden; but /.well-known is not, for it is there to
// be asked for.
//
// Threading: one thread at a time; const methods are Thread-safe.
// Reference: RFC 3986 §3.3; RFC 8615 (.well-known).
class FilePath {
 public:
  enum class Hidden : uint8_t { kRefused, kTaken };

  // Of a path as it came, still encoded: it is decoded here, once. Empty if it
  // cannot be one of a file.
  static std::optional<FilePath> Parse(std::string_view path, Hidden hidden);

  // Relative to the root, for system calls.
  const char* c_str() const { return text_.empty() ? "." : text_.c_str(); }

  // Whether it names a folder by a slash at its end.
  bool is_directory() const { return text_.empty() || text_.ends_with('/'); }

  // Its last segment, without a slash; empty of the root.
  std::string_view name() const;

  // Decoded, with the slash that it begins with: to be read, not to be asked.
  std::string ToString() const { return "/" + text_; }

  // What has that name in this folder. Requires: is_directory().
  FilePath Child(std::string_view name) const;

  // What has the same name with more behind it. Requires: !is_directory().
  FilePath WithSuffix(std::string_view suffix) const;

 private:
  explicit FilePath(std::string text) : text_(std::move(text)) {}

  std::string text_;  // without the first slash
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_PATH_H_
