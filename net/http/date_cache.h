#ifndef RONDO_NET_HTTP_DATE_CACHE_H_
#define RONDO_NET_HTTP_DATE_CACHE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace rondo {

// What Date says, made anew once a second.
//
// Threading: one thread at a time. A loop has its own.
// Reference: RFC 9110 §6.6.1.
class DateCache {
 public:
  // `wall_clock` is asked once a second; a test gives one of its own.
  explicit DateCache(absl::AnyInvocable<absl::Time()> wall_clock = &absl::Now)
      : wall_clock_(std::move(wall_clock)) {}

  // As FormatHttpDate(). `now` is the loop's: until the second in which it was
  // asked is over by that clock, no other is. So where somebody sets the wall
  // clock, it shows within a second. Lives until the next call.
  std::string_view Get(MonotonicTime now);

  // The same as a time, in whole seconds.
  absl::Time Time(MonotonicTime now);

 private:
  void Update(MonotonicTime now);

  absl::AnyInvocable<absl::Time()> wall_clock_;
  MonotonicTime good_until_;
  absl::Time time_;
  std::string text_;  // empty before the first call
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_DATE_CACHE_H_
