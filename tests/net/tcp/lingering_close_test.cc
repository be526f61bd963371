#include "net/tcp/lingering_close.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kTimeout = absl::Seconds(2);

// The clock is a base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class LingeringCloseTest : private HasClock, public ConnectionFixture {
 protected:
  LingeringCloseTest()
      : ConnectionFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {}

  // One that has closed with input unread, in the first step.
  Opened OpenToLinger() {
    Opened opened = OpenWithLimits(limits_);
    opened->PauseReading();
    Write(opened.peer, "unread");
    opened->Send("reply");
    opened->Close();
    return opened;
  }

  using HasClock::clock_;
  ConnectionLimits limits_ = {.linger_timeout = kTimeout};
};

// --- Who lingers. ------------------------------------------------------------

TEST_F(LingeringCloseTest, WithUnreadInputItLingersAfterTheReplyAndFin) {
  const Opened opened = OpenToLinger();
  RunSteps(
      loop_, [] {},
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect", "write complete",
                                          "close local closed"));
        EXPECT_EQ(table().size(), 0u);
        EXPECT_EQ(table().lingering(), 1u);
        EXPECT_EQ(opened.group->open(), 1u);
        EXPECT_EQ(opened.group->closed(CloseReason::kLocalClosed), 1u);
        EXPECT_EQ(Read(opened.peer), "reply");
        EXPECT_TRUE(AtEnd(opened.peer));
      });
}

TEST_F(LingeringCloseTest, WithInputThatItsHandlerLeftItLingers) {
  on_message_ = [](TcpConnection& c, Buffer&) { c.Close(); };
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_, [&] { Write(opened.peer, "left"); }, [] {},
      [&] { EXPECT_EQ(table().lingering(), 1u); });
}

TEST_F(LingeringCloseTest, WithNothingUnreadItDoesNot) {
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_, [&] { opened->Close(); },
      [&] {
        EXPECT_EQ(table().lingering(), 0u);
        EXPECT_EQ(opened.group->open(), 0u);
      });
}

TEST_F(LingeringCloseTest, WithNothingUnreadItDoesIfAskedTo) {
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_,
      [&] {
        opened->LingerOnClose();
        opened->Close();
      },
      [&] { EXPECT_EQ(table().lingering(), 1u); });
}

TEST_F(LingeringCloseTest, AfterThePeersFinItDoesNot) {
  const Opened opened = OpenWithLimits(limits_);
  opened->LingerOnClose();
  shutdown(opened.peer.get(), SHUT_WR);
  RunSteps(
      loop_, [] {}, [] {}, [&] { EXPECT_EQ(table().lingering(), 0u); });
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
}

TEST_F(LingeringCloseTest, ByForceItDoesNot) {
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_,
      [&] {
        opened->PauseReading();
        Write(opened.peer, "unread");
        opened->LingerOnClose();
        opened->ForceClose();
      },
      [&] { EXPECT_EQ(table().lingering(), 0u); });
}

TEST_F(LingeringCloseTest, WithoutATimeoutItDoesNot) {
  limits_.linger_timeout = absl::ZeroDuration();
  const Opened opened = OpenToLinger();
  RunSteps(
      loop_, [] {}, [&] { EXPECT_EQ(table().lingering(), 0u); });
}

TEST_F(LingeringCloseTest, AfterADeadlineItDoes) {
  limits_.first_byte_timeout = absl::Seconds(1);
  on_timeout_ = [](TcpConnection& c, CloseReason) { c.LingerOnClose(); };
  const Opened opened = OpenWithLimits(limits_);
  RunSteps(
      loop_, [&] { clock_.Advance(absl::Seconds(1)); }, [] {},
      [&] { EXPECT_EQ(table().lingering(), 1u); });
}

// --- How it ends. ------------------------------------------------------------

TEST_F(LingeringCloseTest, SwallowsWhatComesAndTheTimeEndsIt) {
  const Opened opened = OpenToLinger();
  const auto send = [&] {
    EXPECT_GT(FillOutput(opened.peer), 0u) << "not swallowed";
    EXPECT_EQ(table().lingering(), 1u);
  };
  RunSteps(
      loop_, [] {}, send, [] {}, [] {}, [] {}, [] {}, [] {}, [] {}, send,
      [&] { clock_.Advance(kTimeout - absl::Nanoseconds(1)); }, [] {},
      [&] {
        EXPECT_EQ(table().lingering(), 1u);
        clock_.Advance(absl::Nanoseconds(1));
      },
      [] {},
      [&] {
        EXPECT_EQ(table().lingering(), 0u);
        EXPECT_EQ(opened.group->open(), 0u);
      });
}

TEST_F(LingeringCloseTest, ThePeersFinEndsIt) {
  const Opened opened = OpenToLinger();
  RunSteps(
      loop_, [] {}, [&] { shutdown(opened.peer.get(), SHUT_WR); }, [] {}, [] {},
      [&] {
        EXPECT_EQ(table().lingering(), 0u);
        EXPECT_EQ(opened.group->open(), 0u);
      });
}

TEST_F(LingeringCloseTest, AResetEndsIt) {
  Opened opened = OpenWithLimits(limits_, TcpPair());
  opened->LingerOnClose();
  on_close_ = [&](TcpConnection&, CloseReason) {
    CloseWithReset(std::move(opened.peer));
  };
  opened->Close();
  Step await_end = [&] {
    if (table().lingering() == 0) return loop_.Stop();
    loop_.QueueInLoop([&] { await_end(); });
  };
  loop_.QueueInLoop([&] { loop_.QueueInLoop([&] { await_end(); }); });
  loop_.Run();
  EXPECT_EQ(opened.group->open(), 0u);
}

TEST_F(LingeringCloseTest, ThePeersFinAtTheVeryTimeEndsItOnce) {
  const Opened ending = OpenToLinger();
  RunSteps(
      loop_, [] {},
      [&] {
        shutdown(ending.peer.get(), SHUT_WR);
        clock_.Advance(kTimeout);
      },
      [] {},
      [&] {
        EXPECT_EQ(table().lingering(), 0u);
        EXPECT_EQ(ending.group->open(), 0u);
      });
}

TEST_F(LingeringCloseTest, TheEndOfItsGroupEndsIt) {
  const Opened opened = OpenToLinger();
  const Opened other = OpenToLinger();
  RunSteps(
      loop_, [] {},
      [&] {
        table().CloseAll(opened.group.get(), CloseReason::kServerStopped);
        EXPECT_EQ(table().lingering(), 1u);
      },
      [&] {
        EXPECT_EQ(opened.group->open(), 0u);
        EXPECT_EQ(other.group->open(), 1u);
        EXPECT_EQ(opened.group->closed(CloseReason::kServerStopped), 0u);
      });
}

TEST_F(LingeringCloseTest, TheEndOfItsGroupMayComeInTheTurnOfThePeersFin) {
  const Opened opened = OpenToLinger();
  const Opened other = OpenWithLimits(limits_);
  // Whichever of the two descriptors is first in that turn.
  on_message_ = [&](TcpConnection&, Buffer& input) {
    input.Clear();
    table().CloseAll(opened.group.get(), CloseReason::kServerStopped);
  };
  RunSteps(
      loop_, [] {},
      [&] {
        Write(other.peer, "end it");
        shutdown(opened.peer.get(), SHUT_WR);
      },
      [] {},
      [&] {
        EXPECT_EQ(table().lingering(), 0u);
        EXPECT_EQ(opened.group->open(), 0u);
      });
}

TEST_F(LingeringCloseTest, TheEndOfTheLoopEndsIt) {
  const Opened opened = OpenToLinger();
  RunTurns(loop_, 2);
  EXPECT_EQ(table().lingering(), 0u);
  EXPECT_EQ(opened.group->open(), 0u);
}

// --- What it is good for. ----------------------------------------------------

class LingeringServerTest : public ServerFixture {
 protected:
  // A server that refuses the first bytes that come, whatever follows.
  void StartRefusing(absl::Duration linger_timeout) {
    TcpServerOptions options = LoopbackOptions(1);
    options.limits.linger_timeout = linger_timeout;
    Start(options, {.on_message = [](TcpConnection& c, Buffer& input) {
            input.Clear();
            c.Send("413 too much\n");
            c.LingerOnClose();
            c.Close();
          }});
  }
};

TEST_F(LingeringServerTest, WhoSendsMuchAndReadsAfterwardsGetsTheWholeReply) {
  StartRefusing(absl::Hours(1));
  LoopbackClient client = Connect();
  EXPECT_TRUE(client.Send(std::string(16 << 20, 'x')));
  EXPECT_EQ(client.ReceiveAll(), "413 too much\n");
  EXPECT_EQ(server_->open_connections(), 1u);
  client.Close();
  AwaitTrue([&] { return server_->open_connections() == 0; });
}

TEST_F(LingeringServerTest, StoppingDropsWhoLingers) {
  StartRefusing(absl::Hours(1));
  LoopbackClient client = Connect();
  client.Send("x");
  EXPECT_EQ(client.ReceiveAll(), "413 too much\n");
  server_->Stop();
  EXPECT_EQ(server_->open_connections(), 0u);
  EXPECT_EQ(server_->closed_connections(CloseReason::kLocalClosed), 1u);
  EXPECT_EQ(server_->closed_connections(CloseReason::kServerStopped), 0u);
}

TEST_F(LingeringServerTest, DestroyingDropsWhoLingers) {
  StartRefusing(absl::Hours(1));
  LoopbackClient client = Connect();
  client.Send("x");
  EXPECT_EQ(client.ReceiveAll(), "413 too much\n");
  server_.reset();
}

}  // namespace
}  // namespace rondo
