#include "tests/soak/latency_probe.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "tests/soak/connect_from.h"

namespace rondo {
namespace {

constexpr size_t kMessageBytes = 64;

MonotonicTime Now() { return Clock::Real().Now(); }

void SleepUntil(MonotonicTime when) {
  const timespec time = absl::ToTimespec(absl::Nanoseconds(when.nanoseconds()));
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) ==
         EINTR) {
  }
}

}  // namespace

LatencyProbe::LatencyProbe(uint16_t port) : fd_(ConnectFrom(1, port)) {
  PCHECK(fd_.valid());
}

Histogram::Snapshot LatencyProbe::MeasureFor(absl::Duration duration) {
  const MonotonicTime end = Now() + duration;
  return MeasureWhile([end] { return Now() < end; });
}

Histogram::Snapshot LatencyProbe::MeasureWhile(
    absl::FunctionRef<bool()> go_on) {
  // The kernel's default of 50 us would blur the beat; see prctl(2).
  PCHECK(prctl(PR_SET_TIMERSLACK, 1) == 0);
  Histogram result;
  MonotonicTime due = Now();
  while (go_on()) {
    due = std::max(due + kBeat, Now());
    SleepUntil(due);
    const MonotonicTime begin = Now();
    if (!RoundTrip()) break;
    const absl::Duration took = Now() - begin;
    for (absl::Duration t = took; t > absl::ZeroDuration(); t -= kBeat) {
      result.Record(absl::ToInt64Nanoseconds(t));
    }
  }
  return result.TakeSnapshot();
}

bool LatencyProbe::RoundTrip() {
  char request[kMessageBytes] = {};
  char reply[kMessageBytes];
  ++sequence_;
  std::memcpy(request, &sequence_, sizeof(sequence_));
  const int fd = fd_.get();
  const bool right =
      send(fd, request, sizeof(request), MSG_NOSIGNAL) == sizeof(request) &&
      recv(fd, reply, sizeof(reply), MSG_WAITALL) == sizeof(reply) &&
      std::equal(request, request + sizeof(request), reply);
  EXPECT_TRUE(right) << "of request " << sequence_;
  return right;
}

}  // namespace rondo
