#include "net/http/http_date.h"

#include <cstdint>

#include "absl/strings/string_view.h"

namespace rondo {
namespace {

constexpr char kPreferred[] = "%a, %d %b %Y %H:%M:%S GMT";
constexpr char kRfc850[] = "%A, %d-%b-%y %H:%M:%S GMT";
constexpr char kAsctime[] = "%a %b %e %H:%M:%S %Y";

// Where a form of fixed width has digits (0), and a digit or a space (_):
// absl::ParseTime() takes fewer and more of them.
constexpr std::string_view kPreferredShape = "aaa, 00 aaa 0000 00:00:00 GMT";
constexpr std::string_view kAsctimeShape = "aaa aaa _0 00:00:00 0000";

bool HasShape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' && !digit) return false;
    if (shape[i] == '_' && !digit && text[i] != ' ') return false;
    if (shape[i] == ' ' && text[i] != ' ') return false;
  }
  return true;
}

std::optional<absl::Time> Parse(const char* format, std::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(format, absl::string_view(text.data(), text.size()),
                       &time, nullptr) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return time;
}

// The latest year with the same last two digits that is not more than 50 years
// after `now`.
absl::Time InRightCentury(absl::Time read, absl::Time now) {
  const auto utc = absl::UTCTimeZone();
  const absl::CivilSecond second = absl::ToCivilSecond(read, utc);
  const absl::CivilSecond present = absl::ToCivilSecond(now, utc);
  const absl::CivilSecond latest(present.year() + 50, present.month(),
                                 present.day(), present.hour(),
                                 present.minute(), present.second());
  const auto in_year = [&second](int64_t year) {
    return absl::CivilSecond(year, second.month(), second.day(), second.hour(),
                             second.minute(), second.second());
  };
  int64_t year = latest.year() / 100 * 100 + second.year() % 100;
  if (in_year(year) > latest) year -= 100;
  return absl::FromCivil(in_year(year), utc);
}

}  // namespace

std::string FormatHttpDate(absl::Time time) {
  return absl::FormatTime(kPreferred, time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseHttpDate(std::string_view text, absl::Time now) {
  if (HasShape(text, kPreferredShape)) return Parse(kPreferred, text);
  if (HasShape(text, kAsctimeShape)) return Parse(kAsctime, text);
  const auto time = Parse(kRfc850, text);
  if (!time.has_value()) return std::nullopt;
  return InRightCentury(*time, now);
}

}  // namespace rondo
