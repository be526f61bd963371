// What all awaitables have in common: one result, or none if the task is
// destroyed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/net/coro/awaitable_fixture.h"
#include "tests/net/tcp/event_count.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Ended kCame = Ended::kCame;
constexpr Ended kStopped = Ended::kStopped;

// --- A task that is asked to stop, by either who may. ------------------------

using StopParam = std::tuple<AwaitableMaker, Owner>;

class AwaitableStopTest : public ::testing::TestWithParam<StopParam>,
                          protected AwaitableFixture {
 protected:
  AwaitableStopTest()
      : AwaitableFixture(std::get<0>(GetParam()), std::get<1>(GetParam())) {}
  ~AwaitableStopTest() override { EXPECT_TRUE(frame_.expired()); }

  // A stop from another thread comes when it comes.
  bool stops_at_once() const { return owner_ == Owner::kScope; }
};

TEST_P(AwaitableStopTest, Comes) {
  RunSteps(
      *loop_, Start(), [&] { EXPECT_THAT(results_, IsEmpty()); }, Happen(),
      UntilEnded());
  EXPECT_THAT(results_, ElementsAre(kCame));
}

TEST_P(AwaitableStopTest, StoppedBeforeItAwaitsItEndsAtOnce) {
  RunSteps(*loop_, StartBehindGate(), Stop(), UntilEnded());
  EXPECT_THAT(results_, ElementsAre(kStopped));
}

TEST_P(AwaitableStopTest, StoppedBeforeItAwaitsWhatHasComeItEndsAllTheSame) {
  RunSteps(*loop_, StartBehindGate(), Stop(), UntilEnded(), Happen(), AWhile());
  EXPECT_THAT(results_, ElementsAre(kStopped));
}

TEST_P(AwaitableStopTest, StoppedWhileItWaitsItEnds) {
  RunSteps(
      *loop_, Start(), AWhile(), [&] { EXPECT_THAT(results_, IsEmpty()); },
      Stop(), Until([&] { return !results_.empty(); }));
  EXPECT_THAT(results_, ElementsAre(kStopped));
}

TEST_P(AwaitableStopTest, StoppedTwiceItEndsOnce) {
  RunSteps(*loop_, Start(), Stop(), Stop(),
           Until([&] { return !results_.empty(); }), Stop(), AWhile());
  EXPECT_THAT(results_, ElementsAre(kStopped));
}

TEST_P(AwaitableStopTest, WhatComesAfterTheStopIsNotHeard) {
  RunSteps(*loop_, Start(), Stop(), Until([&] { return !results_.empty(); }),
           Happen(), AWhile());
  EXPECT_THAT(results_, ElementsAre(kStopped));
}

TEST_P(AwaitableStopTest, AStopAndThenTheEventInOneTurnHaveOneResult) {
  RunSteps(
      *loop_, Start(),
      [&] {
        RequestStop();
        case_->Happen();
      },
      UntilEnded(), AWhile());
  EXPECT_THAT(results_, SizeIs(1));
  if (stops_at_once() && !case_->remote()) {
    EXPECT_THAT(results_, ElementsAre(kStopped));
  }
}

TEST_P(AwaitableStopTest, TheEventAndThenAStopInOneTurnHaveOneResult) {
  RunSteps(
      *loop_, Start(),
      [&] {
        case_->Happen();
        RequestStop();
      },
      UntilEnded(), AWhile());
  EXPECT_THAT(results_, SizeIs(1));
  if (case_->comes_at_once()) {
    EXPECT_THAT(results_, ElementsAre(kCame));
  } else if (stops_at_once() && !case_->remote()) {
    EXPECT_THAT(results_, ElementsAre(kStopped));
  }
}

TEST_P(AwaitableStopTest, AStopAfterTheResultIsNotHeard) {
  RunSteps(*loop_, Start(), Happen(), UntilEnded(), Stop(), AWhile());
  EXPECT_THAT(results_, ElementsAre(kCame));
}

INSTANTIATE_TEST_SUITE_P(
    All, AwaitableStopTest,
    ::testing::Combine(::testing::ValuesIn(AllAwaitables()),
                       ::testing::Values(Owner::kScope, Owner::kLoop)),
    [](const auto& info) {
      const bool scope = std::get<1>(info.param) == Owner::kScope;
      return std::get<0>(info.param).name + (scope ? "ByScope" : "ByToken");
    });

// --- A task that is destroyed. -----------------------------------------------

class AwaitableDestroyTest : public ::testing::TestWithParam<AwaitableMaker>,
                             protected AwaitableFixture {
 protected:
  AwaitableDestroyTest() : AwaitableFixture(GetParam(), Owner::kScope) {}

  void Destroy() {
    scope_.reset();
    if (!case_->remote()) {
      EXPECT_TRUE(frame_.expired());
    }
  }
};

TEST_P(AwaitableDestroyTest, DestroyedWhileItWaitsItHearsNothing) {
  RunSteps(
      *loop_, Start(), AWhile(), [&] { Destroy(); }, UntilFramesAreGone(),
      Happen(), AWhile());
  EXPECT_THAT(results_, IsEmpty());
}

TEST_P(AwaitableDestroyTest, DestroyedBeforeItIsResumedItHearsNothing) {
  RunSteps(
      *loop_, Start(),
      [&] {
        case_->Happen();
        Destroy();
      },
      AWhile(), UntilFramesAreGone());
  EXPECT_THAT(results_, IsEmpty());
}

TEST_P(AwaitableDestroyTest, DestroyedWhileItStopsItHearsNothing) {
  RunSteps(
      *loop_, Start(),
      [&] {
        RequestStop();
        Destroy();
      },
      Happen(), AWhile(), UntilFramesAreGone());
  EXPECT_THAT(results_, IsEmpty());
}

// The case where a task that is destroyed takes place in a queue of the turn.
TEST_P(AwaitableDestroyTest, DestroyedBehindTheEventOfTheSameTurn) {
  RunSteps(
      *loop_, Start(),
      [&] {
        loop_->QueueInLoop([&] {
          case_->Happen();
          RequestStop();
        });
        loop_->QueueInLoop([&] { Destroy(); });
      },
      AWhile(), UntilFramesAreGone());
  EXPECT_THAT(results_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, AwaitableDestroyTest,
                         ::testing::ValuesIn(AllAwaitables()),
                         [](const auto& info) { return info.param.name; });

// --- A loop that ends. -------------------------------------------------------

class AwaitableLoopEndTest : public ::testing::TestWithParam<AwaitableMaker>,
                             protected AwaitableFixture {
 protected:
  AwaitableLoopEndTest() : AwaitableFixture(GetParam(), Owner::kLoop) {}

  void ExpectNothingLeft() {
    if (case_->remote()) AwaitTrue([&] { return frame_.expired(); });
    EXPECT_TRUE(frame_.expired());
    EXPECT_THAT(results_, IsEmpty());
  }
};

TEST_P(AwaitableLoopEndTest, TheTaskGoesWithItsLoop) {
  RunSteps(*loop_, Start(), AWhile());
  ExpectNothingLeft();
  case_->Happen();
  loop_.reset();
  ExpectNothingLeft();
}

TEST_P(AwaitableLoopEndTest, TheTaskGoesWithItsLoopBeforeItIsResumed) {
  RunSteps(*loop_, Start(), AWhile(), [&] {
    loop_->Stop();
    case_->Happen();
  });
  if (!case_->comes_at_once()) return;
  ExpectNothingLeft();
}

TEST_P(AwaitableLoopEndTest, TheTaskGoesWithItsLoopBeforeItsStopIsHeard) {
  RunSteps(*loop_, Start(), AWhile(), [&] {
    loop_->Stop();
    RequestStop();
  });
  ExpectNothingLeft();
}

TEST_P(AwaitableLoopEndTest, ATaskOnALoopThatNeverRunsGoesWithItsScope) {
  static constexpr auto kBody = [](Task<Ended> task) -> Task<> {
    (void)co_await std::move(task);
  };
  const auto frame = std::make_shared<int>();
  scope_.emplace(loop_.get());
  scope_->Spawn(kBody(case_->Await(frame)));
  scope_.reset();
  if (!case_->remote()) {
    EXPECT_EQ(frame.use_count(), 1);
  }
  loop_.reset();
}

INSTANTIATE_TEST_SUITE_P(All, AwaitableLoopEndTest,
                         ::testing::ValuesIn(AllAwaitables()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace rondo
