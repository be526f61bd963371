// Connections when the process's memory for them runs short.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/memory_budget.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr size_t kLimit = 16 * MemoryShare::kChunkBytes;
constexpr size_t kLow = kLimit / 8 * 7 + 1;  // so much is held when it is low

// The clock is a base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class TcpConnectionMemoryTest : private HasClock, public ConnectionFixture {
 protected:
  TcpConnectionMemoryTest()
      : ConnectionFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {
    MemoryBudget::Process().SetLimit(kLimit);
  }
  ~TcpConnectionMemoryTest() override {
    MemoryBudget::Process().SetLimit(limit_before_);
  }

  // One whose kernel takes nothing.
  Opened OpenFull() {
    Opened opened = OpenWithLimits({});
    opened.script->writes.assign(1'000, {.error = EAGAIN});
    return opened;
  }

  // Lets all of `opened`'s output out, and has its peer read it.
  static void AppendDraining(std::vector<Step>& steps, const Opened& opened) {
    for (int i = 0; i < 20; ++i) {
      steps.push_back([&opened] {
        opened.script->writes.clear();
        ReadAll(opened.peer);
      });
    }
  }

  void AppendRecheck(std::vector<Step>& steps) {
    steps.push_back(
        [this] { clock_.Advance(ConnectionTable::kMemoryRecheck); });
    for (int i = 0; i < 3; ++i) steps.push_back([] {});
  }

  using HasClock::clock_;
  const size_t limit_before_ = MemoryBudget::Process().limit_bytes();
};

TEST_F(TcpConnectionMemoryTest, WhatIsQueuedCountsUntilItIsSent) {
  const Opened opened = OpenFull();
  std::vector<Step> steps;
  steps.push_back([&] { opened->Send(std::string(300'000, 'x')); });
  steps.push_back([&] { EXPECT_EQ(table().memory().held_bytes(), 300'000u); });
  AppendDraining(steps, opened);
  steps.push_back([&] { EXPECT_EQ(table().memory().held_bytes(), 0u); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionMemoryTest, WhatAHandlerLeavesCountsUntilItIsTaken) {
  on_message_ = [](TcpConnection&, Buffer&) {};
  const Opened opened = OpenWithLimits({});
  RunSteps(
      loop_, [&] { Write(opened.peer, std::string(30'000, 'x')); }, [] {},
      [&] {
        EXPECT_GE(table().memory().held_bytes(), 30'000u);
        on_message_ = nullptr;
        Write(opened.peer, "y");
      },
      [] {}, [&] { EXPECT_EQ(table().memory().held_bytes(), 0u); });
}

TEST_F(TcpConnectionMemoryTest, WhatAClosedOneHeldIsFree) {
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { opened->Send(std::string(300'000, 'x')); },
      [&] { opened->ForceClose(); },
      [&] { EXPECT_EQ(table().memory().held_bytes(), 0u); });
}

TEST_F(TcpConnectionMemoryTest, WhileItIsLowNobodyIsReadAndThenAllAre) {
  const Opened holder = OpenFull();
  const Opened other = OpenWithLimits({});
  std::vector<Step> steps;
  steps.push_back([&] { holder->Send(std::string(kLow, 'x')); });
  steps.push_back([&] {
    EXPECT_TRUE(MemoryBudget::Process().low());
    Write(other.peer, "held back");
  });
  AppendRecheck(steps);
  AppendRecheck(steps);
  steps.push_back([&] {
    EXPECT_TRUE(other->reading());
    EXPECT_THAT(Events(), ElementsAre("connect", "connect"));
    EXPECT_EQ(other.script->read_calls, 0);
  });
  AppendDraining(steps, holder);
  AppendRecheck(steps);
  steps.push_back(
      [&] { EXPECT_THAT(Events(), Contains("message held back")); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionMemoryTest, WhoWaitsForItIsNotReadUntilItHasRecovered) {
  const Opened holder = OpenFull();
  const Opened second = OpenFull();
  const Opened other = OpenWithLimits({});
  std::vector<Step> steps;
  steps.push_back([&] {
    holder->Send(std::string(kLimit / 32 * 26, 'x'));
    second->Send(std::string(kLimit / 32 * 4, 'x'));
  });
  steps.push_back([&] { Write(other.peer, "held back"); });
  steps.push_back([] {});
  AppendDraining(steps, second);
  AppendRecheck(steps);
  steps.push_back([&] {
    EXPECT_FALSE(MemoryBudget::Process().low());
    EXPECT_FALSE(MemoryBudget::Process().recovered());
    EXPECT_THAT(Events(), Not(Contains("message held back")));
    holder->ForceClose();
  });
  AppendRecheck(steps);
  steps.push_back(
      [&] { EXPECT_THAT(Events(), Contains("message held back")); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionMemoryTest, WhileItIsLowThereIsNoBusyLoop) {
  const Opened holder = OpenFull();
  const Opened other = OpenWithLimits({});
  std::vector<Step> steps;
  steps.push_back([&] { holder->Send(std::string(kLow, 'x')); });
  steps.push_back([&] { Write(other.peer, "held back"); });
  for (int i = 0; i < 20; ++i) steps.push_back([] {});
  steps.push_back([&] {
    EXPECT_EQ(other->bytes_received(), 0u);
    other->ResumeReading();  // which was never paused by the user
  });
  for (int i = 0; i < 20; ++i) steps.push_back([] {});
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(other.script->read_calls, 0);
}

TEST_F(TcpConnectionMemoryTest, WhileItIsLowAPeersEndIsStillHeard) {
  const Opened holder = OpenFull();
  Opened other = OpenWithLimits({});
  RunSteps(
      loop_, [&] { holder->Send(std::string(kLow, 'x')); },
      [&] {
        Write(other.peer, "held back");
        EXPECT_EQ(other.group->open(), 1u);
      },
      [] {}, [] {}, [&] { other.peer.Reset(); }, [] {}, [] {},
      [&] { EXPECT_EQ(holder.group->open(), 1u); });
}

TEST_F(TcpConnectionMemoryTest, ExhaustedEndsWhatGrowsAndNobodyElse) {
  const Opened holder = OpenFull();
  const Opened greedy = OpenFull();
  RunSteps(
      loop_, [&] { holder->Send(std::string(kLimit - 100'000, 'x')); },
      [&] { greedy->Send(std::string(200'000, 'x')); },
      [&] {
        EXPECT_EQ(greedy.group->closed(CloseReason::kMemoryLimit), 1u);
        EXPECT_EQ(greedy.group->unsent_bytes(), 200'000u);
        EXPECT_EQ(holder.group->open(), 1u);
        EXPECT_EQ(table().memory().held_bytes(), kLimit - 100'000);
      });
}

TEST_F(TcpConnectionMemoryTest, ExhaustedDoesNotEndWhatShrinks) {
  const Opened holder = OpenFull();
  std::vector<Step> steps;
  steps.push_back([&] { holder->Send(std::string(kLimit / 2, 'x')); });
  steps.push_back([&] { MemoryBudget::Process().SetLimit(kLimit / 4); });
  AppendDraining(steps, holder);
  steps.push_back([&] {
    EXPECT_EQ(holder.group->open(), 1u);
    EXPECT_EQ(holder->output_bytes(), 0u);
  });
  RunSteps(loop_, std::move(steps));
}

// All wait for the rest of a message, which nobody reads.
TEST_F(TcpConnectionMemoryTest, IfNobodyGetsOnWhoHoldsMostIsEnded) {
  on_message_ = [](TcpConnection&, Buffer&) {};
  const Opened most = OpenFull();
  const Opened less = OpenFull();
  const Opened other = OpenWithLimits({});
  std::vector<Step> steps;
  steps.push_back([&] {
    less->Send(std::string(10'000, 'x'));
    most->Send(std::string(kLow, 'x'));
    Write(other.peer, "held back");
  });
  for (int i = 0; i < 3; ++i) steps.push_back([] {});
  steps.push_back([&] {
    EXPECT_THAT(Events(), Not(Contains("message held back")));
    clock_.Advance(ConnectionTable::kMemoryPatience - absl::Nanoseconds(1));
  });
  for (int i = 0; i < 3; ++i) steps.push_back([] {});
  steps.push_back([&] {
    EXPECT_EQ(most.group->open(), 1u);
    clock_.Advance(ConnectionTable::kMemoryRecheck);
  });
  for (int i = 0; i < 3; ++i) steps.push_back([] {});
  AppendRecheck(steps);
  steps.push_back([&] {
    EXPECT_EQ(most.group->closed(CloseReason::kMemoryLimit), 1u);
    EXPECT_EQ(less.group->open(), 1u);
    EXPECT_THAT(Events(), Contains("message held back"));
  });
  RunSteps(loop_, std::move(steps));
}

}  // namespace
}  // namespace rondo
