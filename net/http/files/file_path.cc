#include "net/http/files/file_path.h"

#include <glog/logging.h>

#include <cstddef>

#include "net/http/percent_decoding.h"

namespace rondo {
namespace {

// What no name of a file has.
constexpr std::string_view kNoNameHas("/\0", 2);

// Decodes a segment to the end of `to`. False if no file has that name.
bool AppendSegment(std::string_view segment, FilePath::Hidden hidden,
                   std::string& to) {
  const size_t begin = to.size();
  if (!PercentDecode(segment, PlusSign::kItself, to)) return false;
  const std::string_view name = std::string_view(to).substr(begin);
  if (name.empty() || name == "." || name == "..") return false;
  if (name.find_first_of(kNoNameHas) != std::string_view::npos) return false;
  if (!name.starts_with('.') || hidden == FilePath::Hidden::kTaken) return true;
  return begin == 0 && name == ".well-known";
}

}  // namespace

std::optional<FilePath> FilePath::Parse(std::string_view path, Hidden hidden) {
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  std::string text;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (!AppendSegment(path.substr(0, slash), hidden, text)) {
      return std::nullopt;
    }
    if (slash == std::string_view::npos) break;
    text += '/';
    path.remove_prefix(slash + 1);
  }
  return FilePath(std::move(text));
}

std::string_view FilePath::name() const {
  std::string_view text = text_;
  if (text.ends_with('/')) text.remove_suffix(1);
  return text.substr(text.rfind('/') + 1);  // or from the beginning
}

FilePath FilePath::Child(std::string_view name) const {
  CHECK(is_directory()) << text_;
  return FilePath(text_ + std::string(name));
}

FilePath FilePath::WithSuffix(std::string_view suffix) const {
  CHECK(!is_directory()) << text_;
  return FilePath(text_ + std::string(suffix));
}

}  // namespace rondo
