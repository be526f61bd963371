#include "net/reactor/stall_watch.h"

#include <glog/logging.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

std::string_view NameOf(StallWatch::Callback kind) {
  switch (kind) {
    case StallWatch::Callback::kChannel:
      return "channel";
    case StallWatch::Callback::kTimer:
      return "timer";
    case StallWatch::Callback::kTask:
      return "task";
    case StallWatch::Callback::kFlush:
      return "flush";
    case StallWatch::Callback::kDestructor:
      return "destructor";
  }
  LOG(FATAL) << "no such kind of callback";
}

std::string AlsoLeftOut(uint64_t lines) {
  return lines == 0 ? "" : absl::StrCat("; ", lines, " more not logged");
}

}  // namespace

StallWatch::StallWatch(std::string name, absl::Duration limit,
                       const Clock& clock)
    : name_(std::move(name)),
      clock_(clock),
      on_(limit > absl::ZeroDuration() && limit < absl::InfiniteDuration()),
      limit_ns_(absl::ToInt64Nanoseconds(limit)) {}

void StallWatch::Report(Callback kind, MonotonicTime now,
                        absl::Duration duration) {
  stalls_.store(stalls_.load(std::memory_order_relaxed) + 1,
                std::memory_order_relaxed);
  if (now < next_log_) {
    ++left_out_;
    return;
  }
  LOG(WARNING) << name_ << ": a " << NameOf(kind) << " callback held the loop"
               << " for " << duration << " (limit "
               << absl::Nanoseconds(limit_ns_) << ")"
               << AlsoLeftOut(std::exchange(left_out_, 0));
  next_log_ = now + kMinLogInterval;
}

}  // namespace rondo
