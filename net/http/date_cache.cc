#include "net/http/date_cache.h"

#include "net/http/http_date.h"

namespace rondo {

std::string_view DateCache::Get(MonotonicTime now) {
  if (text_.empty() || now >= good_until_) {
    const absl::Time time = wall_clock_();
    const absl::Time next_second =
        absl::FromUnixSeconds(absl::ToUnixSeconds(time) + 1);
    good_until_ = now + (next_second - time);
    text_ = FormatHttpDate(time);
  }
  return text_;
}

}  // namespace rondo
