#include "base/mutex.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/testing/threads.h"

namespace rondo {
namespace {

TEST(MutexTest, OneThreadAtATime) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 10'000;
  Mutex mu;
  int count = 0;
  {
    std::vector<Thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.push_back(NewThread("counter", [&] {
        for (int i = 0; i < kRounds; ++i) {
          MutexLock lock(&mu);
          ++count;
        }
      }));
    }
  }
  EXPECT_EQ(count, kThreads * kRounds);
}

TEST(MutexLockTest, UnlocksAtTheEndOfItsScope) {
  Mutex mu;
  { MutexLock lock(&mu); }
  mu.Lock();  // would never return
  mu.Unlock();
}

// Two threads pass a ball: each waits until it has it.
TEST(CondVarTest, WaitReleasesTheMutexAndHoldsItAgain) {
  constexpr int kPasses = 1'000;
  Mutex mu;
  CondVar changed;
  int passes = 0;
  const auto play = [&](int turn) {
    MutexLock lock(&mu);
    while (true) {
      while (passes % 2 != turn && passes < kPasses) changed.Wait(&mu);
      if (passes >= kPasses) return;
      ++passes;
      changed.NotifyOne();
    }
  };
  {
    Thread even = NewThread("even", [&] { play(0); });
    Thread odd = NewThread("odd", [&] { play(1); });
  }
  EXPECT_EQ(passes, kPasses);
}

TEST(CondVarTest, NotifyAllWakesEveryWaiter) {
  constexpr int kWaiters = 4;
  Mutex mu;
  CondVar changed;
  int waiting = 0;
  bool go = false;
  std::vector<Thread> waiters;
  for (int i = 0; i < kWaiters; ++i) {
    waiters.push_back(NewThread("waiter", [&] {
      MutexLock lock(&mu);
      ++waiting;
      changed.NotifyAll();
      while (!go) changed.Wait(&mu);
    }));
  }
  MutexLock lock(&mu);
  while (waiting < kWaiters) changed.Wait(&mu);
  go = true;
  changed.NotifyAll();
  while (!waiters.empty()) {
    mu.Unlock();
    waiters.pop_back();  // joins
    mu.Lock();
  }
}

}  // namespace
}  // namespace rondo
