// Timers: one-shot, periodic and cancelled, on one loop and without a thread.
//
//   bazel run -c opt //examples/timers -- --interval_ms=100 --ticks=5
//
// prints five ticks with the time since the start, which does not drift, and a
// farewell; the alarm that is cancelled in time never rings.

#include <gflags/gflags.h>

#include <iostream>

#include "absl/time/time.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "net/reactor/event_loop.h"

DEFINE_int32(interval_ms, 100, "milliseconds between ticks, 1 or more");
DEFINE_int32(ticks, 5, "how many ticks, 1 to 1000000");

namespace {

constexpr int kMaxTicks = 1'000'000;

void RunTimers(rondo::EventLoop& loop) {
  const rondo::MonotonicTime start = loop.now();
  const absl::Duration interval = absl::Milliseconds(FLAGS_interval_ms);
  const rondo::TimerId alarm = loop.RunAt(start + interval * (FLAGS_ticks + 1),
                                          [] { std::cout << "ALARM\n"; });
  int ticks = 0;
  rondo::TimerId ticker = loop.RunEvery(interval, [&] {
    std::cout << "tick " << ++ticks << " at "
              << absl::Trunc(loop.now() - start, absl::Milliseconds(1))
              << std::endl;
    loop.Cancel(alarm);  // again and again does no harm
    if (ticks < FLAGS_ticks) return;
    loop.Cancel(ticker);  // itself
    loop.RunAfter(interval / 2, [&loop] {
      std::cout << "bye\n";
      loop.Stop();
    });
  });
  loop.Run();
}

}  // namespace

int main(int argc, char** argv) {
  using rondo::examples::CheckRange;
  using rondo::examples::kUnlimited;
  rondo::InitProgram(argc, argv, "timers: shows what a loop's timers do.");
  CheckRange("interval_ms", FLAGS_interval_ms, 1, kUnlimited);
  CheckRange("ticks", FLAGS_ticks, 1, kMaxTicks);
  auto loop = rondo::EventLoop::Create();
  if (!loop.ok()) {
    std::cerr << "ERROR: " << loop.status().message() << "\n";
    return rondo::kExitBadAddress;
  }
  RunTimers(**loop);
  return rondo::kExitOk;
}
