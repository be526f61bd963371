// What a connection may hold, and what happens before it holds too much.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/tcp/connection_limits.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

constexpr size_t kLow = 50'000;
constexpr size_t kHigh = 100'000;
constexpr size_t kMost = 1'000'000;

class TcpConnectionFlowTest : public ConnectionFixture {
 protected:
  TcpConnectionFlowTest() {
    on_high_water_ = [this](TcpConnection&) { marks_.push_back("high"); };
    on_low_water_ = [this](TcpConnection&) { marks_.push_back("low"); };
  }

  // One whose kernel takes nothing, until Unplug().
  Opened OpenFull() {
    Opened opened = OpenWithLimits(limits_);
    opened.script->writes.assign(1'000, {.error = EAGAIN});
    return opened;
  }

  // From now on the kernel takes what it has room for.
  static void Unplug(const Opened& opened) { opened.script->writes.clear(); }

  // Steps in each of which the peer reads all that is there.
  static std::vector<Step> Reading(const Opened& opened, std::string* received,
                                   int times) {
    std::vector<Step> steps(times);
    for (Step& step : steps) {
      step = [&opened, received] { *received += ReadAll(opened.peer); };
    }
    return steps;
  }

  std::vector<std::string> Marks() { return std::exchange(marks_, {}); }

  ConnectionLimits limits_ = {.low_water_mark_bytes = kLow,
                              .high_water_mark_bytes = kHigh,
                              .max_output_bytes = kMost};

 private:
  std::vector<std::string> marks_;
};

// --- The water marks. --------------------------------------------------------

TEST_F(TcpConnectionFlowTest, AboveTheHighMarkItIsNotRead) {
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { opened->Send(std::string(kHigh, 'x')); },
      [&] {
        EXPECT_FALSE(opened->above_high_water());
        Write(opened.peer, "at the mark");
      },
      [] {}, [&] { opened->Send("y"); },
      [&] {
        EXPECT_TRUE(opened->above_high_water());
        EXPECT_THAT(Marks(), ElementsAre("high"));
        EXPECT_TRUE(opened->reading()) << "PauseReading() was not called";
        Write(opened.peer, "above");
      },
      [] {}, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "message at the mark",
                                    "close loop ended"));
}

TEST_F(TcpConnectionFlowTest, AtTheLowMarkItIsReadAgain) {
  const Opened opened = OpenFull();
  std::string received;
  std::vector<Step> steps;
  steps.push_back([&] { opened->Send(std::string(10 * kLow, 'x')); });
  steps.push_back([&] {
    EXPECT_THAT(Marks(), ElementsAre("high"));
    Write(opened.peer, "input");
    Unplug(opened);
  });
  for (Step& step : Reading(opened, &received, 50)) {
    steps.push_back(std::move(step));
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_THAT(Marks(), ElementsAre("low"));
  EXPECT_THAT(Events(), Contains("message input"));
  EXPECT_EQ(received.size(), 10 * kLow);
}

TEST_F(TcpConnectionFlowTest, WhatThereIsRoomForSatesIt) {
  const Opened opened = OpenFull();
  RunSteps(loop_, [&] {
    EXPECT_EQ(opened->room_bytes(), kHigh + 1);
    opened->Send(std::string(kHigh, 'x'));
    EXPECT_EQ(opened->room_bytes(), 1u);
    EXPECT_FALSE(opened->is_sated());
    opened->Send("y");
    EXPECT_EQ(opened->room_bytes(), 0u);
    EXPECT_TRUE(opened->is_sated());
  });
}

TEST_F(TcpConnectionFlowTest, ThereIsNoRoomAboveTheMaximum) {
  limits_.max_output_bytes = kHigh;
  const Opened opened = OpenFull();
  RunSteps(
      loop_,
      [&] {
        EXPECT_EQ(opened->room_bytes(), kHigh);
        opened->Send(std::string(kHigh, 'x'));
        EXPECT_EQ(opened->room_bytes(), 0u);
      },
      [&] { EXPECT_FALSE(opened->closed()); });
}

TEST_F(TcpConnectionFlowTest, BetweenTheMarksItStaysAsItWas) {
  const Opened opened = OpenFull();
  // Two pieces leave: down to 60,000 and then to 40,000 bytes.
  const auto let_out = [&](size_t bytes) {
    opened.script->writes.assign(1'000, {.error = EAGAIN});
    opened.script->writes.push_front({.max_bytes = bytes});
  };
  RunSteps(
      loop_, [&] { opened->Send(std::string(80'000, 'x')); },
      [&] { EXPECT_FALSE(opened->above_high_water()); },
      [&] { opened->Send(std::string(40'000, 'x')); },
      [&] {
        EXPECT_TRUE(opened->above_high_water());
        let_out(60'000);
      },
      [&] { ReadAll(opened.peer); }, [] {},
      [&] {
        EXPECT_EQ(opened->output_bytes(), 60'000u);
        EXPECT_TRUE(opened->above_high_water());
        let_out(20'000);
      },
      [&] { ReadAll(opened.peer); }, [] {},
      [&] {
        EXPECT_EQ(opened->output_bytes(), 40'000u);
        EXPECT_FALSE(opened->above_high_water());
      });
  EXPECT_THAT(Marks(), ElementsAre("high", "low"));
}

TEST_F(TcpConnectionFlowTest, ResumeReadingDoesNotOvercomeTheMark) {
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { opened->Send(std::string(kHigh + 1, 'x')); },
      [&] {
        opened->PauseReading();
        opened->ResumeReading();
        Write(opened.peer, "input");
      },
      [] {}, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "close loop ended"));
}

TEST_F(TcpConnectionFlowTest, WhatItsHandlerLeftIsPassedAgainBelowTheLowMark) {
  const Opened opened = OpenFull();
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    if (c.bytes_sent() == 0) {
      c.Send(std::string(kHigh + 1, 'x'));
    } else {
      input.Clear();
    }
  };
  std::string received;
  std::vector<Step> steps;
  steps.push_back([&] { Write(opened.peer, "kept"); });
  steps.push_back([] {});
  steps.push_back([&] {
    EXPECT_THAT(Events(), ElementsAre("connect", "message kept"));
    Unplug(opened);
  });
  for (Step& step : Reading(opened, &received, 20)) {
    steps.push_back(std::move(step));
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_THAT(Events(), Contains("message kept"));
}

// Nothing is left of it when it is posted, so nothing else would.
TEST_F(TcpConnectionFlowTest, WhatIsSentTooLateDoesNotKeepItFromReading) {
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_,
      [&] {
        EXPECT_TRUE(opened->handle().Send(std::string(kHigh + 1, 'x')));
        opened->Shutdown();
      },
      [] {}, [&] { Write(opened.peer, "input"); }, [] {}, [] {},
      [&] { EXPECT_THAT(Events(), ElementsAre("connect", "message input")); });
}

// --- Fairness. ---------------------------------------------------------------

TEST_F(TcpConnectionFlowTest, WhoAlwaysHasInputHoldsOthersUpByItsBudgetOnly) {
  limits_.max_read_bytes_per_turn = 1'000;
  const Opened greedy = OpenWithLimits(limits_);
  const Opened modest = OpenWithLimits(limits_);
  on_message_ = [](TcpConnection& c, Buffer& input) {
    c.Send(input.view());
    input.Clear();
  };
  Write(greedy.peer, std::string(100'000, 'x'));
  std::vector<Step> steps;
  for (size_t turn = 0; turn < 50; ++turn) {
    steps.push_back([&, turn] {
      EXPECT_EQ(greedy->bytes_received(), (turn + 1) * 1'000);
      EXPECT_EQ(Read(modest.peer), turn == 0 ? "" : "ping");
      Write(modest.peer, "ping");
    });
  }
  RunSteps(loop_, std::move(steps));
}

// --- What is written while a handler runs. -----------------------------------

TEST_F(TcpConnectionFlowTest, AHandlerThatSendsMuchToAPeerThatReadsIsNotCut) {
  limits_ = {.low_water_mark_bytes = 1'000,
             .high_water_mark_bytes = 2'000,
             .max_output_bytes = 4'000};
  const Opened opened = OpenWithLimits(limits_);
  std::string received;
  RunSteps(
      loop_,
      [&] {
        for (int i = 0; i < 100; ++i) {
          EXPECT_TRUE(opened->Send(std::string(1'000, 'x')));
        }
      },
      [&] {
        EXPECT_EQ(ReadAll(opened.peer).size(), 100'000u);
        Write(opened.peer, "go on");
        on_message_ = [](TcpConnection& c, Buffer& input) {
          input.Clear();
          for (int i = 0; i < 100; ++i) c.Send(std::string(1'000, 'y'));
        };
      },
      [] {}, [&] { EXPECT_EQ(ReadAll(opened.peer).size(), 100'000u); });
  EXPECT_EQ(opened.group->closed(CloseReason::kOutputLimit), 0u);
}

TEST_F(TcpConnectionFlowTest, WhatLeavesAtOnceIsReportedAsWritten) {
  limits_ = {.low_water_mark_bytes = 1'000, .high_water_mark_bytes = 2'000};
  const Opened opened = OpenWithLimits(limits_);
  int more = 3;
  on_write_complete_ = [&](TcpConnection& c) {
    if (more-- > 0) c.Send(std::string(10'000, 'x'));
  };
  std::string received;
  std::vector<Step> steps;
  steps.push_back([&] { opened->Send(std::string(10'000, 'x')); });
  for (Step& step : Reading(opened, &received, 10)) {
    steps.push_back(std::move(step));
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(received.size(), 40'000u);
  EXPECT_THAT(Events(), ElementsAre("connect", "write complete",
                                    "write complete", "write complete",
                                    "write complete", "close loop ended"));
}

TEST_F(TcpConnectionFlowTest, AFullKernelIsNotAskedAgainByEachSend) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    for (int i = 0; i < 100; ++i) c.Send(std::string(kHigh / 10, 'x'));
  };
  limits_.max_output_bytes = 100 * kHigh;
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { Write(opened.peer, "question"); }, [] {},
      [&] { EXPECT_LE(opened.script->write_calls.size(), 5u); });
}

// --- The maximum. ------------------------------------------------------------

TEST_F(TcpConnectionFlowTest, OneBigSendAboveTheMaximumEndsIt) {
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { EXPECT_FALSE(opened->Send(std::string(kMost + 1, 'x'))); },
      [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "close output limit"));
  EXPECT_EQ(opened.group->unsent_bytes(), kMost + 1);
}

TEST_F(TcpConnectionFlowTest, TheMaximumItselfIsAllowed) {
  const Opened opened = OpenFull();
  RunSteps(
      loop_, [&] { EXPECT_TRUE(opened->Send(std::string(kMost, 'x'))); }, [] {},
      [&] { EXPECT_EQ(opened->output_bytes(), kMost); });
}

TEST_F(TcpConnectionFlowTest, ManySendsOfOneHandlerAboveTheMaximumEndIt) {
  const Opened opened = OpenFull();
  int accepted = 0;
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    while (c.Send(std::string(10'000, 'x'))) ++accepted;
    EXPECT_FALSE(c.closed());
    EXPECT_LE(c.output_bytes(), kMost + 10'000);
  };
  RunSteps(
      loop_, [&] { Write(opened.peer, "all"); }, [] {}, [] {});
  EXPECT_EQ(accepted, 100);
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message all", "close output limit"));
}

TEST_F(TcpConnectionFlowTest, WhatWaitsInTheMailboxCounts) {
  const Opened opened = OpenFull();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_, [&] { opened->Send(std::string(kMost / 2, 'x')); },
      [&] {
        std::thread([&] {
          EXPECT_TRUE(handle.Send(std::string(kMost / 2, 'x')));
          EXPECT_EQ(handle.bytes_in_mailbox(), kMost / 2);
          EXPECT_EQ(handle.output_bytes(), kMost);
          EXPECT_FALSE(handle.Send("y"));
          EXPECT_EQ(handle.bytes_in_mailbox(), kMost / 2);
        }).join();
      },
      [] {}, [&] { EXPECT_TRUE(handle.closed()); });
  EXPECT_EQ(handle.bytes_in_mailbox(), 0u);
  EXPECT_THAT(Events(), ElementsAre("connect", "close output limit"));
}

TEST_F(TcpConnectionFlowTest, SeveralThreadsTogetherAreHeldToIt) {
  const Opened opened = OpenFull();
  const ConnectionHandle handle = opened->handle();
  std::atomic<size_t> accepted = 0;
  RunSteps(
      loop_,
      [&] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
          threads.emplace_back([&] {
            while (handle.Send(std::string(3'000, 'x'))) accepted += 3'000;
          });
        }
        for (std::thread& thread : threads) thread.join();
        EXPECT_LE(accepted, kMost);
        EXPECT_EQ(handle.bytes_in_mailbox(), accepted);
      },
      [] {}, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "close output limit"));
}

// --- Input. ------------------------------------------------------------------

TEST_F(TcpConnectionFlowTest, InputThatItsHandlerLeavesIsLimited) {
  limits_.max_input_bytes = 10'000;
  on_message_ = [](TcpConnection&, Buffer&) {};
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_, [&] { Write(opened.peer, std::string(10'000, 'x')); }, [] {},
      [&] {
        EXPECT_EQ(opened->input_bytes(), 10'000u);
        Write(opened.peer, "y");
      },
      [] {}, [] {});
  EXPECT_EQ(opened.group->closed(CloseReason::kInputLimit), 1u);
}

TEST_F(TcpConnectionFlowTest, InputThatAPausedHandlerLeavesIsNot) {
  limits_.max_input_bytes = 1'000;
  on_message_ = [](TcpConnection& c, Buffer&) { c.PauseReading(); };
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_, [&] { Write(opened.peer, std::string(30'000, 'x')); }, [] {},
      [] {}, [&] { EXPECT_EQ(opened->input_bytes(), 30'000u); });
}

TEST_F(TcpConnectionFlowTest, OneThatAlwaysHasInputGetsNoMoreThanItsShare) {
  constexpr size_t kShare = 3'000;
  limits_.max_read_bytes_per_turn = kShare;
  const Opened greedy = OpenWithLimits(limits_);
  const Opened modest = OpenWithLimits(limits_);
  size_t before = 0;
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    if (&c != modest.connection) return;
    EXPECT_LE(greedy->bytes_received() - before, kShare);
    EXPECT_GT(greedy->bytes_received(), before);
    before = greedy->bytes_received();
  };
  std::vector<Step> steps(20);
  for (Step& step : steps) {
    step = [&] {
      FillOutput(greedy.peer);
      Write(modest.peer, "x");
    };
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_GE(before, 15 * kShare);
}

}  // namespace
}  // namespace rondo
