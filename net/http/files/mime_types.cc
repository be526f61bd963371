#include "net/http/files/mime_types.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "net/http/http_chars.h"

namespace rondo {
namespace {

constexpr std::string_view kWhitespace = " \t\r";
constexpr std::string_view kText = "text/";
constexpr std::string_view kUtf8 = "; charset=utf-8";

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

// Takes the first word off.
std::string_view NextWord(std::string_view& rest) {
  rest.remove_prefix(
      std::min(rest.find_first_not_of(kWhitespace), rest.size()));
  const size_t bytes = std::min(rest.find_first_of(kWhitespace), rest.size());
  const std::string_view word = rest.substr(0, bytes);
  rest.remove_prefix(bytes);
  return word;
}

// It will stand in the head of an answer.
bool IsMediaType(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == 0 || slash >= text.size() - 1) return false;
  return AreAll(HttpChars::kToken, text.substr(0, slash)) &&
         AreAll(HttpChars::kToken, text.substr(slash + 1));
}

}  // namespace

absl::StatusOr<MimeTypes> MimeTypes::Load(const std::string& path,
                                          TextIs text_is) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content;
  if (file) {
    // One more than is allowed tells that there is more.
    content.resize(kMaxFileBytes + 1);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot read the media types in '", path,
                            "': name another file, or install the system's "
                            "(media-types on Debian)"));
  }
  if (content.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", path, "' is no list of media types: it has more than ",
        kMaxFileBytes, " bytes"));
  }
  return Parse(content, path, text_is);
}

absl::StatusOr<MimeTypes> MimeTypes::Parse(std::string_view content,
                                           const std::string& name,
                                           TextIs text_is) {
  MimeTypes types;
  for (int number = 1; !content.empty(); ++number) {
    const std::string_view line = content.substr(0, content.find('\n'));
    content.remove_prefix(std::min(content.size(), line.size() + 1));
    if (types.AddLine(line, text_is)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", number, " of '", name, "' does not begin with a media type (",
        "type/subtype extension ...): '", std::string(line), "'"));
  }
  return types;
}

bool MimeTypes::AddLine(std::string_view line, TextIs text_is) {
  line = line.substr(0, line.find('#'));
  const std::string_view name = NextWord(line);
  if (name.empty()) return true;
  if (!IsMediaType(name)) return false;
  std::string type(name);
  if (text_is == TextIs::kUtf8 &&
      EqualsIgnoringCase(name.substr(0, kText.size()), kText)) {
    type += kUtf8;
  }
  for (std::string_view word = NextWord(line); !word.empty();
       word = NextWord(line)) {
    types_[ToLower(word)] = type;
  }
  return true;
}

std::string_view MimeTypes::Find(std::string_view file_name) const {
  file_name.remove_prefix(file_name.rfind('/') + 1);  // or from the beginning
  const size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return kUnknown;
  const auto found = types_.find(ToLower(file_name.substr(dot + 1)));
  return found == types_.end() ? kUnknown : std::string_view(found->second);
}

}  // namespace rondo
