#ifndef RONDO_TESTS_NET_CORO_AWAITABLE_CASE_H_
#define RONDO_TESTS_NET_CORO_AWAITABLE_CASE_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"

namespace rondo {

// How an await came to its end.
enum class Ended { kCame, kStopped };

inline std::ostream& operator<<(std::ostream& out, Ended ended) {
  return out << (ended == Ended::kCame ? "came" : "stopped");
}

// One awaitable, for the conformance suite: something that waits until the test
// makes it happen.
//
// Threading: the loop's thread only.
// Ownership and lifetime: outlives the loop.
class AwaitableCase {
 public:
  virtual ~AwaitableCase() = default;

  // Awaits it. `frame` is held by each frame that this makes. Called once.
  virtual Task<Ended> Await(std::shared_ptr<void> frame) = 0;

  // Makes come what is waited for; harmless if nobody waits any more.
  virtual void Happen() = 0;
  // In each turn after, for what takes several.
  virtual void GoOn() {}

  // What happens has come when Happen() returns: a stop is too late then.
  virtual bool comes_at_once() const { return false; }
  // Another loop has a part in it: only the end is certain.
  virtual bool remote() const { return false; }
};

struct AwaitableMaker {
  std::string name;
  std::unique_ptr<AwaitableCase> (*make)(EventLoop& loop, FakeClock& clock);
};

// Those that wait for a clock, a descriptor or another task; for other tasks or
// threads that do something; for a connection.
std::vector<AwaitableMaker> SimpleAwaitables();
std::vector<AwaitableMaker> ComposedAwaitables();
std::vector<AwaitableMaker> StreamAwaitables();

template <typename Case>
AwaitableMaker MakerOf(std::string name) {
  return {std::move(name), [](EventLoop& loop, FakeClock& clock) {
            return std::unique_ptr<AwaitableCase>(new Case(loop, clock));
          }};
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_AWAITABLE_CASE_H_
