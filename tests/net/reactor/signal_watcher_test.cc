#include "net/reactor/signal_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// SIGUSR1 and SIGUSR2 would kill the process if they were not watched; the
// watcher leaves them blocked, which this takes back.
class SignalWatcherTest : public ::testing::Test {
 protected:
  SignalWatcherTest() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~SignalWatcherTest() override {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  std::unique_ptr<SignalWatcher> Watch(std::initializer_list<int> signals) {
    auto watcher = SignalWatcher::Create(
        loop_.get(), signals, [this](int signal) { heard_.push_back(signal); });
    EXPECT_TRUE(watcher.ok()) << watcher.status();
    return *std::move(watcher);
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  std::vector<int> heard_;

 private:
  sigset_t before_;
};

TEST_F(SignalWatcherTest, CallsBackOnTheLoopWithTheSignal) {
  const auto watcher = Watch({SIGUSR1});
  RunSteps(
      *loop_, [] { kill(getpid(), SIGUSR1); },
      [this] { EXPECT_THAT(heard_, ElementsAre(SIGUSR1)); });
}

TEST_F(SignalWatcherTest, HearsSeveralSignals) {
  const auto watcher = Watch({SIGUSR1, SIGUSR2});
  RunSteps(
      *loop_,
      [] {
        raise(SIGUSR1);
        raise(SIGUSR2);
      },
      [] {},
      [this] { EXPECT_THAT(heard_, UnorderedElementsAre(SIGUSR1, SIGUSR2)); });
}

TEST_F(SignalWatcherTest, HearsTheSameSignalAgain) {
  const auto watcher = Watch({SIGUSR1});
  RunSteps(
      *loop_, [] { raise(SIGUSR1); }, [] { raise(SIGUSR1); },
      [this] { EXPECT_THAT(heard_, ElementsAre(SIGUSR1, SIGUSR1)); });
}

TEST_F(SignalWatcherTest, SignalBeforeRunIsNotLost) {
  const auto watcher = Watch({SIGUSR1});
  raise(SIGUSR1);
  RunTurns(*loop_, 1);
  EXPECT_THAT(heard_, ElementsAre(SIGUSR1));
}

TEST_F(SignalWatcherTest, DestroyedItHearsNothingMoreAndTheSignalStaysBlocked) {
  auto watcher = Watch({SIGUSR1});
  RunSteps(
      *loop_, [&watcher] { watcher.reset(); }, [] { raise(SIGUSR1); }, [] {});
  EXPECT_TRUE(heard_.empty());
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  int signal = 0;
  EXPECT_EQ(sigwait(&one, &signal), 0);  // takes the pending one away
  EXPECT_EQ(signal, SIGUSR1);
}

}  // namespace
}  // namespace rondo
