#ifndef RONDO_TESTS_NET_TCP_EVENT_COUNT_H_
#define RONDO_TESTS_NET_TCP_EVENT_COUNT_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace rondo {

// How long a test waits for what must come. Not a measure of anything: a wait
// this long fails the test.
inline constexpr std::chrono::minutes kPatience{1};

// Events that some threads count and others wait for.
//
// Threading: all methods are Thread-safe.
class EventCount {
 public:
  void Add() {
    std::lock_guard lock(mu_);
    ++count_;
    changed_.notify_all();
  }

  // Returns when there were so many, or fails the test.
  void Await(int count) {
    std::unique_lock lock(mu_);
    const bool came =
        changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
    EXPECT_TRUE(came) << count_ << " of " << count << " events";
  }

  int count() const {
    std::lock_guard lock(mu_);
    return count_;
  }

 private:
  mutable std::mutex mu_;
  std::condition_variable changed_;
  int count_ = 0;
};

// Waits for what nobody reports: a counter that another thread moves.
template <typename Predicate>
void AwaitTrue(Predicate predicate) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > give_up) {
      ADD_FAILURE() << "this has not become true";
      return;
    }
    std::this_thread::yield();
  }
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_EVENT_COUNT_H_
