// Connections that take too long, each in its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kNever = absl::InfiniteDuration();
constexpr size_t kMuchBytes = 4 << 20;  // more than the kernel takes

// The clock is a base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class TcpConnectionDeadlineTest : private HasClock, public ConnectionFixture {
 protected:
  TcpConnectionDeadlineTest()
      : ConnectionFixture({.clock = &clock_, .stall_limit = kNever}) {
    limits_ = {.max_output_bytes = 4 * kMuchBytes,
               .first_byte_timeout = kNever,
               .idle_timeout = kNever,
               .write_stall_timeout = kNever,
               .max_lifetime = kNever,
               .linger_timeout = absl::ZeroDuration()};
  }

  // Runs the steps, each `gap` after the one before.
  template <typename... Steps>
  void RunEvery(absl::Duration gap, Steps... steps) {
    std::vector<Step> all;
    (
        [&] {
          all.push_back(std::move(steps));
          all.push_back([this, gap] { clock_.Advance(gap); });
          all.push_back([] {});  // in this turn what ends is destroyed
        }(),
        ...);
    RunSteps(loop_, std::move(all));
  }

  static void ExpectClosed(const Opened& opened, CloseReason reason) {
    EXPECT_EQ(opened.group->open(), 0u);
    EXPECT_EQ(opened.group->closed(reason), 1u);
  }

  using HasClock::clock_;
  ConnectionLimits limits_;
};

// --- First byte. -------------------------------------------------------------

TEST_F(TcpConnectionDeadlineTest, WhoSendsNothingIsClosed) {
  limits_.first_byte_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [] {}, [&] { EXPECT_EQ(opened.group->open(), 1u); },
      [&] {
        EXPECT_TRUE(AtEnd(opened.peer));
        ExpectClosed(opened, CloseReason::kFirstByteTimeout);
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "timeout first byte timeout",
                                    "close first byte timeout"));
}

TEST_F(TcpConnectionDeadlineTest, OneByteIsEnoughToBegin) {
  limits_.first_byte_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { Write(opened.peer, "x"); }, [] {}, [] {},
      [&] { EXPECT_EQ(opened.group->open(), 1u); });
}

TEST_F(TcpConnectionDeadlineTest, WhatTheServerSendsIsNotAFirstByte) {
  limits_.first_byte_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { opened->Send("welcome"); }, [] {},
      [&] { ExpectClosed(opened, CloseReason::kFirstByteTimeout); });
}

// --- Idle. -------------------------------------------------------------------

TEST_F(TcpConnectionDeadlineTest, WhoIsIdleIsClosed) {
  limits_.idle_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { Write(opened.peer, "x"); }, [] {},
      [&] { ExpectClosed(opened, CloseReason::kIdleTimeout); });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message x", "timeout idle timeout",
                          "close idle timeout"));
}

TEST_F(TcpConnectionDeadlineTest, EitherDirectionKeepsFromBeingIdle) {
  limits_.idle_timeout = absl::Seconds(2);
  const Opened listener = OpenWithLimits(limits_);
  const Opened talker = OpenWithLimits(limits_);
  std::vector<Step> steps;
  for (int second = 0; second < 10; ++second) {
    steps.push_back([&] {
      listener->Send("x");
      Write(talker.peer, "x");
    });
    steps.push_back([&] { clock_.Advance(absl::Seconds(1)); });
  }
  steps.push_back([&] {
    EXPECT_EQ(listener.group->open(), 1u);
    EXPECT_EQ(talker.group->open(), 1u);
  });
  RunSteps(loop_, std::move(steps));
}

// --- Write stall. ------------------------------------------------------------

TEST_F(TcpConnectionDeadlineTest, WhoDoesNotReadIsCutOff) {
  limits_.write_stall_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { opened->Send(std::string(kMuchBytes, 'x')); },
      [&] { Write(opened.peer, "I am alive"); },
      [&] {
        ExpectClosed(opened, CloseReason::kWriteStalled);
        EXPECT_GT(opened.group->unsent_bytes(), 0u);
      });
  // There is no sense in saying more to it.
  EXPECT_THAT(Events(), ElementsAre("connect", "close write stalled"));
}

TEST_F(TcpConnectionDeadlineTest, WhoReadsSlowlyIsServed) {
  limits_.write_stall_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  size_t received = 0;
  std::vector<Step> steps;
  steps.push_back([&] { opened->Send(std::string(kMuchBytes, 'x')); });
  for (int i = 0; i < 200; ++i) {
    steps.push_back([&] {
      clock_.Advance(absl::Seconds(1));
      received += ReadAll(opened.peer).size();
    });
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(received, kMuchBytes);
  EXPECT_EQ(opened.group->closed(CloseReason::kWriteStalled), 0u);
}

TEST_F(TcpConnectionDeadlineTest, CloseDoesNotWaitForeverForWhoDoesNotRead) {
  limits_.write_stall_timeout = absl::Seconds(2);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1),
      [&] {
        opened->Send(std::string(kMuchBytes, 'x'));
        opened->Close();
      },
      [&] { EXPECT_EQ(opened.group->open(), 1u); },
      [&] { ExpectClosed(opened, CloseReason::kWriteStalled); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close write stalled"));
}

TEST_F(TcpConnectionDeadlineTest, WhatIsQueuedFinishesAfterAnIdleTimeout) {
  limits_.first_byte_timeout = absl::Seconds(1);
  limits_.write_stall_timeout = absl::Seconds(60);
  const Opened opened = OpenWithLimits(limits_);
  size_t received = 0;
  std::vector<Step> steps;
  steps.push_back([&] { opened->Send(std::string(kMuchBytes, 'x')); });
  steps.push_back([&] { clock_.Advance(absl::Seconds(1)); });
  for (int i = 0; i < 200; ++i) {
    steps.push_back([&] { received += ReadAll(opened.peer).size(); });
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(received, kMuchBytes);
  ExpectClosed(opened, CloseReason::kFirstByteTimeout);
  EXPECT_EQ(opened.group->unsent_bytes(), 0u);
}

// --- Lifetime. ---------------------------------------------------------------

TEST_F(TcpConnectionDeadlineTest, ALifetimeEndsHoweverBusyTheConnection) {
  limits_.max_lifetime = absl::Seconds(3);
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { Write(opened.peer, "1"); },
      [&] { Write(opened.peer, "2"); }, [&] { Write(opened.peer, "3"); },
      [&] { ExpectClosed(opened, CloseReason::kLifetimeEnded); });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message 1", "message 2", "message 3",
                          "timeout lifetime ended", "close lifetime ended"));
}

TEST_F(TcpConnectionDeadlineTest, AtTheEndOfALifetimeWhatIsQueuedHasItsTime) {
  limits_.max_lifetime = absl::Seconds(3);
  limits_.write_stall_timeout = absl::Seconds(4);
  const Opened opened = OpenWithLimits(limits_);
  const auto read_some = [&] { EXPECT_NE(ReadAll(opened.peer), ""); };
  RunEvery(
      absl::Seconds(1), [&] { opened->Send(std::string(kMuchBytes, 'x')); },
      read_some, read_some, read_some,
      [&] { EXPECT_EQ(opened.group->open(), 1u); }, read_some, read_some,
      [&] {
        ExpectClosed(opened, CloseReason::kLifetimeEnded);
        EXPECT_GT(opened.group->unsent_bytes(), 0u);
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "timeout lifetime ended",
                                    "close lifetime ended"));
}

// --- Expectations. -----------------------------------------------------------

class TcpConnectionExpectTest : public TcpConnectionDeadlineTest {
 protected:
  // One that expects its peer's request within 3 seconds of the beginning.
  Opened OpenExpecting() {
    on_connect_ = [](TcpConnection& c) { c.ExpectWithin(absl::Seconds(3)); };
    on_message_ = [](TcpConnection&, Buffer&) {};  // never a whole request
    return OpenWithLimits(limits_);
  }
};

TEST_F(TcpConnectionExpectTest, TrickledBytesDoNotDefeatIt) {
  const Opened opened = OpenExpecting();
  const auto trickle = [&] { Write(opened.peer, "x"); };
  RunEvery(absl::Seconds(1), trickle, trickle, trickle,
           [&] { ExpectClosed(opened, CloseReason::kExpectationTimeout); });
  EXPECT_THAT(
      Events(),
      ElementsAre("connect", "message x", "message xx", "message xxx",
                  "timeout expectation timeout", "close expectation timeout"));
}

TEST_F(TcpConnectionExpectTest, ExpectNothingTakesItBack) {
  const Opened opened = OpenExpecting();
  RunEvery(
      absl::Seconds(1), [&] { opened->ExpectNothing(); }, [] {}, [] {}, [] {},
      [&] { EXPECT_EQ(opened.group->open(), 1u); });
}

TEST_F(TcpConnectionExpectTest, CanBeRenewedFurtherAway) {
  const Opened opened = OpenExpecting();
  const auto renew = [&] { opened->ExpectWithin(absl::Seconds(3)); };
  RunEvery(
      absl::Seconds(1), renew, renew, renew, renew, [] {},
      [&] { EXPECT_EQ(opened.group->open(), 1u); },
      [&] { ExpectClosed(opened, CloseReason::kExpectationTimeout); });
}

TEST_F(TcpConnectionExpectTest, CanBeRenewedNearer) {
  const Opened opened = OpenExpecting();
  RunEvery(
      absl::Seconds(1), [&] { opened->ExpectWithin(absl::Seconds(1)); },
      [&] { ExpectClosed(opened, CloseReason::kExpectationTimeout); });
}

TEST_F(TcpConnectionExpectTest, AsksForNothingOnceClosing) {
  const Opened opened = OpenExpecting();
  std::string received;
  RunEvery(
      absl::Seconds(4),
      [&] {
        opened->Send(std::string(kMuchBytes, 'x'));
        opened->Close();
      },
      [&] { EXPECT_EQ(opened.group->open(), 1u); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close loop ended"));
}

TEST_F(TcpConnectionExpectTest, OfAClosedConnectionIsForgotten) {
  limits_.max_lifetime = absl::Seconds(1);
  limits_.write_stall_timeout = absl::Seconds(1);
  on_close_ = [](TcpConnection& c, CloseReason) {
    c.ExpectWithin(absl::Seconds(1));
  };
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [&] { opened->ForceClose(); }, [] {}, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "close force closed"));
}

// --- What users can do about it, and what it costs. --------------------------

TEST_F(TcpConnectionDeadlineTest, OnTimeoutMaySendALastReply) {
  limits_.first_byte_timeout = absl::Seconds(1);
  on_timeout_ = [](TcpConnection& c, CloseReason) { c.Send("408\n"); };
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [] {},
      [&] {
        EXPECT_EQ(Read(opened.peer), "408\n");
        EXPECT_TRUE(AtEnd(opened.peer));
        ExpectClosed(opened, CloseReason::kFirstByteTimeout);
      });
}

TEST_F(TcpConnectionDeadlineTest, OnTimeoutMayForceTheEnd) {
  limits_.first_byte_timeout = absl::Seconds(1);
  on_timeout_ = [](TcpConnection& c, CloseReason) { c.ForceClose(); };
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [] {},
      [&] { ExpectClosed(opened, CloseReason::kForceClosed); });
}

TEST_F(TcpConnectionDeadlineTest, OnTimeoutCannotProlongIt) {
  limits_.idle_timeout = absl::Seconds(1);
  on_timeout_ = [](TcpConnection& c, CloseReason) {
    c.ExpectWithin(absl::Hours(1));
    c.ResumeReading();
  };
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [] {},
      [&] { ExpectClosed(opened, CloseReason::kIdleTimeout); });
}

TEST_F(TcpConnectionDeadlineTest, InfiniteSwitchesAllOff) {
  const Opened opened = OpenWithLimits(limits_);
  RunEvery(
      absl::Hours(10'000), [&] { opened->Send(std::string(kMuchBytes, 'x')); },
      [] {}, [&] { EXPECT_EQ(opened.group->open(), 1u); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close loop ended"));
}

TEST_F(TcpConnectionDeadlineTest, OneCutsOffNoOther) {
  limits_.idle_timeout = absl::Seconds(2);
  const Opened idle = OpenWithLimits(limits_);
  const Opened busy = OpenWithLimits(limits_);
  RunEvery(
      absl::Seconds(1), [] {}, [&] { Write(busy.peer, "x"); },
      [&] {
        ExpectClosed(idle, CloseReason::kIdleTimeout);
        EXPECT_EQ(busy.group->open(), 1u);
      });
}

}  // namespace
}  // namespace rondo
