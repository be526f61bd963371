#include "net/client/host_name.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rondo {
namespace {

// Of a name that is far too long, a message shows so much.
constexpr size_t kMaxShownBytes = 2 * kMaxHostNameBytes;

bool IsLabelByte(char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '_';
}

bool IsDigit(char c) { return absl::ascii_isdigit(c); }

absl::Status NotAName(std::string_view name, std::string_view reason) {
  const std::string shown(name.substr(0, kMaxShownBytes));
  return absl::InvalidArgumentError(absl::StrCat("not a host name: \"",
                                                 absl::CEscape(shown), "\" (",
                                                 std::string(reason), ")"));
}

}  // namespace

absl::StatusOr<std::string> CanonicalHostName(std::string_view name) {
  std::string canonical(name.substr(0, name.size() - name.ends_with('.')));
  if (canonical.empty()) return NotAName(name, "it is empty");
  if (canonical.size() > kMaxHostNameBytes) {
    return NotAName(name, "it is longer than 253 bytes");
  }
  absl::AsciiStrToLower(&canonical);
  absl::string_view last;
  for (const absl::string_view label : absl::StrSplit(canonical, '.')) {
    if (label.empty() || label.size() > kMaxLabelBytes) {
      return NotAName(name, "between its dots are 1 to 63 bytes");
    }
    if (!std::all_of(label.begin(), label.end(), IsLabelByte)) {
      return NotAName(name, "it is made of letters, digits, '-', '_' and dots");
    }
    last = label;
  }
  if (std::all_of(last.begin(), last.end(), IsDigit)) {
    return NotAName(name, "it ends in a number and is not an IPv4 address");
  }
  return canonical;
}

}  // namespace rondo
