// The factory, and what every backend does without a loop around it. Through a
// loop: poller_conformance_test.cc.
#include "net/reactor/poller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/thread.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(NewPollerTest, UnknownNameIsRefusedWithTheAllowedOnes) {
  for (const char* name : {"kqueue", "", "EPOLL"}) {
    const auto poller = NewPoller(name);
    ASSERT_EQ(poller.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(poller.status().message());
    EXPECT_THAT(message, HasSubstr("'" + std::string(name) + "'"));
    EXPECT_THAT(message, HasSubstr("epoll, poll or select"));
  }
}

class PollerTest : public ::testing::TestWithParam<const char*> {
 protected:
  using Events = std::vector<std::pair<int, IoEvents>>;

  static std::unique_ptr<Poller> Make(const char* name) {
    auto poller = NewPoller(name);
    EXPECT_TRUE(poller.ok()) << poller.status();
    return *std::move(poller);
  }

  void Update(const UniqueFd& fd, IoEvents from, IoEvents to,
              uint32_t generation = 1) {
    const absl::Status status =
        poller_->Update({fd.get(), generation}, from, to);
    ASSERT_TRUE(status.ok()) << status;
  }

  // What is ready now, by descriptor.
  Events Ready() {
    std::vector<ReadyEvent> ready;
    poller_->Wait(absl::ZeroDuration(), ready);
    Events events;
    for (const ReadyEvent& e : ready) {
      events.push_back({e.watched.fd, e.events});
    }
    return events;
  }

  const std::unique_ptr<Poller> poller_ = Make(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Backends, PollerTest,
                         ::testing::Values("epoll", "poll", "select"),
                         [](const auto& info) { return info.param; });

TEST_P(PollerTest, HasItsName) { EXPECT_EQ(poller_->name(), GetParam()); }

TEST_P(PollerTest, NothingWatchedNothingReady) {
  EXPECT_THAT(Ready(), IsEmpty());
}

TEST_P(PollerTest, ReportsWhatItWasToldToWatch) {
  const FdPair pair = UnixPair();
  const int fd = pair.a.get();
  Update(pair.a, IoEvents::kNone, IoEvents::kReadable);
  EXPECT_THAT(Ready(), IsEmpty());
  Write(pair.b, "x");
  EXPECT_THAT(Ready(), ElementsAre(Pair(fd, IoEvents::kReadable)));
  Update(pair.a, IoEvents::kReadable, kReadAndWrite);
  EXPECT_THAT(Ready(), ElementsAre(Pair(fd, kReadAndWrite)));
  Update(pair.a, kReadAndWrite, IoEvents::kWritable);
  EXPECT_THAT(Ready(), ElementsAre(Pair(fd, IoEvents::kWritable)));
  Update(pair.a, IoEvents::kWritable, IoEvents::kNone);
  EXPECT_THAT(Ready(), IsEmpty());
  Update(pair.a, IoEvents::kNone, IoEvents::kReadable);
  EXPECT_THAT(Ready(), ElementsAre(Pair(fd, IoEvents::kReadable)));
}

TEST_P(PollerTest, ReportsLevelsNotEdges) {
  const FdPair pair = UnixPair();
  Update(pair.a, IoEvents::kNone, IoEvents::kReadable);
  Write(pair.b, "x");
  EXPECT_EQ(Ready().size(), 1u);
  EXPECT_EQ(Ready().size(), 1u);
  Drain(pair.a);
  EXPECT_THAT(Ready(), IsEmpty());
}

TEST_P(PollerTest, AppendsToWhatIsReadyAlready) {
  const FdPair pair = UnixPair();
  Update(pair.a, IoEvents::kNone, IoEvents::kWritable);
  std::vector<ReadyEvent> ready = {{{7, 8}, IoEvents::kError}};
  poller_->Wait(absl::ZeroDuration(), ready);
  ASSERT_EQ(ready.size(), 2u);
  EXPECT_EQ(ready[0].watched.fd, 7);
  EXPECT_EQ(ready[1].watched.fd, pair.a.get());
}

TEST_P(PollerTest, EventsCarryTheGenerationOfTheLastUpdate) {
  const FdPair pair = UnixPair();
  const auto generation = [this] {
    std::vector<ReadyEvent> ready;
    poller_->Wait(absl::ZeroDuration(), ready);
    return ready.empty() ? 0 : ready[0].watched.generation;
  };
  Update(pair.a, IoEvents::kNone, IoEvents::kWritable, 3);
  EXPECT_EQ(generation(), 3u);
  Update(pair.a, IoEvents::kWritable, IoEvents::kNone, 3);
  Update(pair.a, IoEvents::kNone, IoEvents::kWritable, 5);
  EXPECT_EQ(generation(), 5u);
  Update(pair.a, IoEvents::kWritable, kReadAndWrite, 0xfffffffe);
  EXPECT_EQ(generation(), 0xfffffffeu);
}

TEST_P(PollerTest, ForgottenThenClosedIsGoneAndItsNumberCanBeReused) {
  FdPair old = UnixPair();
  const int number = old.a.get();
  Update(old.a, IoEvents::kNone, kReadAndWrite, 1);
  poller_->Forget({number, 1});
  old.a.Reset();
  EXPECT_THAT(Ready(), IsEmpty());
  const FdPair fresh = UnixPair();  // takes the lowest free number
  ASSERT_EQ(fresh.a.get(), number);
  Update(fresh.a, IoEvents::kNone, IoEvents::kReadable, 2);
  EXPECT_THAT(Ready(), IsEmpty());
  Write(fresh.b, "x");
  EXPECT_THAT(Ready(), ElementsAre(Pair(number, IoEvents::kReadable)));
}

TEST_P(PollerTest, ForgettingOneLeavesTheOthers) {
  FdPair pairs[3] = {UnixPair(), UnixPair(), UnixPair()};
  for (const FdPair& pair : pairs) {
    Update(pair.a, IoEvents::kNone, IoEvents::kWritable);
  }
  poller_->Forget({pairs[0].a.get(), 1});
  pairs[0].a.Reset();
  EXPECT_THAT(Ready(), UnorderedElementsAre(
                           Pair(pairs[1].a.get(), IoEvents::kWritable),
                           Pair(pairs[2].a.get(), IoEvents::kWritable)));
  poller_->Forget({pairs[2].a.get(), 1});
  pairs[2].a.Reset();
  EXPECT_THAT(Ready(),
              ElementsAre(Pair(pairs[1].a.get(), IoEvents::kWritable)));
}

// Only lower bounds of the time that has passed: no load can break them.
TEST_P(PollerTest, FiniteTimeoutIsNotCutShort) {
  for (const absl::Duration timeout :
       {absl::Nanoseconds(1), absl::Microseconds(50), absl::Milliseconds(3)}) {
    const MonotonicTime start = Clock::Real().Now();
    std::vector<ReadyEvent> ready;
    poller_->Wait(timeout, ready);
    EXPECT_GE(Clock::Real().Now() - start, timeout);
    EXPECT_THAT(ready, IsEmpty());
  }
}

TEST_P(PollerTest, TimeoutDoesNotDelayWhatIsReady) {
  const FdPair pair = UnixPair();
  Update(pair.a, IoEvents::kNone, IoEvents::kWritable);
  std::vector<ReadyEvent> ready;
  poller_->Wait(absl::Hours(24), ready);
  poller_->Wait(absl::InfiniteDuration(), ready);
  EXPECT_EQ(ready.size(), 2u);
}

// Sends a thread SIGUSR1 until it is destroyed: one of them must meet it
// waiting, whenever that begins.
class SignalStorm {
 public:
  explicit SignalStorm(pthread_t target)
      : thread_(NewThread("storm", [this, target] {
          while (!over_) {
            pthread_kill(target, SIGUSR1);
            sched_yield();
          }
        })) {}
  ~SignalStorm() {
    over_ = true;
    thread_.Join();
  }

 private:
  std::atomic<bool> over_{false};
  Thread thread_;
};

TEST_P(PollerTest, SignalEndsTheWaitWithNothing) {
  struct sigaction action = {};
  struct sigaction before;
  action.sa_handler = [](int) {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  for (const absl::Duration timeout :
       {absl::InfiniteDuration(), absl::Hours(24)}) {
    std::vector<ReadyEvent> ready;
    SignalStorm storm(pthread_self());
    poller_->Wait(timeout, ready);
    EXPECT_THAT(ready, IsEmpty());
  }
  sigaction(SIGUSR1, &before, nullptr);
}

// Random changes to many descriptors; what is ready must be what poll(2) says
// of each by itself.
class PollerModelTest : public PollerTest {
 protected:
  static constexpr int kPairs = 40;
  static constexpr int kRounds = 1'000;

  struct Watched {
    FdPair pair = UnixPair();
    IoEvents interest = IoEvents::kNone;
    bool full = false;
  };

  int Random(int below) {
    return std::uniform_int_distribution<int>(0, below - 1)(random_);
  }

  void ChangeOne() {
    Watched& w = watched_[Random(kPairs)];
    switch (Random(6)) {
      case 0:
        Write(w.pair.b, "x");
        break;
      case 1:
        Drain(w.pair.a);
        break;
      case 2:
        if (!w.full) FillOutput(w.pair.a);
        w.full = true;
        break;
      case 3:
        Drain(w.pair.b);
        w.full = false;
        break;
      default:
        SetInterest(w, static_cast<IoEvents>(Random(4)));
    }
  }

  void SetInterest(Watched& w, IoEvents interest) {
    if (w.interest == interest) return;
    if (interest == IoEvents::kNone && Random(2) == 0) {
      // Forgotten, closed, and another takes its number.
      poller_->Forget({w.pair.a.get(), 1});
      w = {};
      return;
    }
    Update(w.pair.a, w.interest, interest);
    w.interest = interest;
  }

  std::map<int, IoEvents> Expected() const {
    std::map<int, IoEvents> expected;
    for (const Watched& w : watched_) {
      pollfd one = {w.pair.a.get(), POLLIN | POLLOUT, 0};
      poll(&one, 1, 0);
      IoEvents events = IoEvents::kNone;
      if (one.revents & POLLIN) events = events | IoEvents::kReadable;
      if (one.revents & POLLOUT) events = events | IoEvents::kWritable;
      events = events & w.interest;
      if (events != IoEvents::kNone) expected[one.fd] = events;
    }
    return expected;
  }

  const unsigned seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  std::vector<Watched> watched_{kPairs};
};

INSTANTIATE_TEST_SUITE_P(Backends, PollerModelTest,
                         ::testing::Values("epoll", "poll", "select"),
                         [](const auto& info) { return info.param; });

TEST_P(PollerModelTest, RandomChangesAgainstPollOneByOne) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int round = 0; round < kRounds; ++round) {
    for (int i = Random(8); i >= 0; --i) ChangeOne();
    const Events ready = Ready();
    const std::map<int, IoEvents> by_fd(ready.begin(), ready.end());
    ASSERT_EQ(by_fd.size(), ready.size()) << "reported twice";
    ASSERT_EQ(by_fd, Expected()) << "in round " << round;
  }
}

}  // namespace
}  // namespace rondo
