#ifndef RONDO_NET_HTTP_FILES_MIME_TYPES_H_
#define RONDO_NET_HTTP_FILES_MIME_TYPES_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace rondo {

// What a file is, by the end of its name: the system's list.
//
//   text/html    html htm    # a type, extensions, perhaps a comment
//
// The last extension counts, in any case: of a.tar.GZ it is gz. Of two types
// with the same extension the later one does, so that a file of one's own can
// be the system's with lines behind it.
//
// Threading: const methods are Thread-safe.
// Errors: a file that is not there, or has a line that is none, is a Status
// with its path, its line, and what to do.
// Reference: mime.types(5); RFC 9110 §8.3.
//
// Example:
//   const absl::StatusOr<MimeTypes> types = MimeTypes::Load();
//   if (!types.ok()) return types.status();
//   types->Find("index.html");  // "text/html; charset=utf-8"
class MimeTypes {
 public:
  static constexpr char kSystemFile[] = "/etc/mime.types";
  static constexpr std::string_view kUnknown = "application/octet-stream";
  // A larger file is refused.
  static constexpr size_t kMaxFileBytes = 4 << 20;

  // Whether text is said to be UTF-8, or left to the browser's guess.
  enum class TextIs { kUtf8, kUnsaid };

  // Knows no extension.
  MimeTypes() = default;

  static absl::StatusOr<MimeTypes> Load(const std::string& path = kSystemFile,
                                        TextIs text_is = TextIs::kUtf8);

  // The same of a file's content; `name` is for errors.
  static absl::StatusOr<MimeTypes> Parse(std::string_view content,
                                         const std::string& name,
                                         TextIs text_is = TextIs::kUtf8);

  // For Content-Type; kUnknown if it is not known. Lives as long as this.
  std::string_view Find(std::string_view file_name) const;

  // How many extensions are known.
  size_t size() const { return types_.size(); }

 private:
  using ByExtension = std::map<std::string, std::string, std::less<>>;

  bool AddLine(std::string_view line, TextIs text_is);

  ByExtension types_;  // by the extension in lower case, without its dot
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_MIME_TYPES_H_
