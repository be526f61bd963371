#include "net/http/date_cache.h"

#include "net/http/http_date.h"

namespace rondo {

std::string_view DateCache::Get(MonotonicTime now) {
  Update(now);
  return text_;
}

absl::Time DateCache::Time(MonotonicTime now) {
  Update(now);
  return time_;
}

void DateCache::Update(MonotonicTime now) {
  if (!text_.empty() && now < good_until_) return;
  const absl::Time time = wall_clock_();
  time_ = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  good_until_ = now + (time_ + absl::Seconds(1) - time);
  text_ = FormatHttpDate(time_);
}

}  // namespace rondo
