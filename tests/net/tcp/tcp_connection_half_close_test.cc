// One direction ends before the other, noticed by each poller in every state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr size_t kMuchBytes = 8 << 20;  // more than the kernel takes

// Counts turns: one that is woken for nothing has many.
struct TurnCounter final : public LoopLocal {
  explicit TurnCounter(EventLoop*) {}
  void FlushTurn() override { ++turns; }
  int turns = 0;
};

// A step that is repeated, once a turn, until it returns true.
using Stage = absl::AnyInvocable<bool()>;

Stage Do(Step step) {
  return [step = std::move(step)]() mutable {
    step();
    return true;
  };
}

enum class Family { kTcp, kUnix };
using Param = std::tuple<const char*, Family>;

std::string Name(const ::testing::TestParamInfo<Param>& info) {
  const bool tcp = std::get<Family>(info.param) == Family::kTcp;
  return std::get<0>(info.param) + std::string(tcp ? "Tcp" : "Unix");
}

// Each test ends asleep: whatever state the connection was left in, nothing
// must wake the loop any more.
class TcpConnectionHalfCloseTest : public ConnectionFixture,
                                   public ::testing::WithParamInterface<Param> {
 protected:
  TcpConnectionHalfCloseTest()
      : ConnectionFixture({.poller = std::get<0>(GetParam())}) {
    limits_.max_output_bytes = 2 * kMuchBytes;
  }

  // select hears of a peer's end only where it waits to read or write.
  static bool HearsWhilePaused() {
    return std::string_view(std::get<0>(GetParam())) != "select";
  }
  static bool IsTcp() { return std::get<Family>(GetParam()) == Family::kTcp; }

  Opened OpenOne() {
    return OpenWithLimits(limits_, IsTcp() ? TcpPair() : UnixPair());
  }
  Opened OpenPaused() {
    Opened opened = OpenOne();
    opened->PauseReading();
    return opened;
  }

  static void SendFin(const Opened& opened) {
    shutdown(opened.peer.get(), SHUT_WR);
  }

  // Some turns, in which what was done gets to the connection, over TCP too.
  static Stage Turns() {
    return [left = 20]() mutable { return --left == 0; };
  }
  static Stage Closed(const Opened& opened) {
    return [&opened] { return opened.group->open() == 0; };
  }
  Stage Heard(const std::string& event) {
    return [this, event] {
      for (std::string& e : Events()) heard_.push_back(std::move(e));
      return testing::Value(heard_, Contains(event));
    };
  }

  template <typename... Stages>
  void RunThenSleep(Stages... stages) {
    (stages_.push_back(std::move(stages)), ...);
    stages_.push_back(Turns());
    Next(0);
    loop_.Run();
  }

  // All that was heard, before Run() ended the connection if it was open.
  std::vector<std::string> HeardAll() {
    for (std::string& e : Events()) heard_.push_back(std::move(e));
    return heard_;
  }

  ConnectionLimits limits_;

 private:
  void Next(size_t index) {
    loop_.QueueInLoop([this, index] {
      if (index == stages_.size()) return Sleep();
      Next(stages_[index]() ? index + 1 : index);
    });
  }

  void Sleep() {
    const int before = loop_.Local<TurnCounter>().turns;
    loop_.RunAfter(absl::Milliseconds(2), [this, before] {
      EXPECT_LE(loop_.Local<TurnCounter>().turns - before, 3) << "busy";
      loop_.Stop();
    });
  }

  std::vector<Stage> stages_;
  std::vector<std::string> heard_;
};

INSTANTIATE_TEST_SUITE_P(
    Everywhere, TcpConnectionHalfCloseTest,
    ::testing::Combine(::testing::Values("epoll", "poll", "select"),
                       ::testing::Values(Family::kTcp, Family::kUnix)),
    Name);

// --- By default the peer's FIN closes. ---------------------------------------

TEST_P(TcpConnectionHalfCloseTest, WhatIsQueuedIsDeliveredAndThenItCloses) {
  const Opened opened = OpenOne();
  size_t received = 0;
  RunThenSleep(
      Do([&] { opened->Send(std::string(kMuchBytes, 'x')); }),
      Do([&] { SendFin(opened); }), Turns(),
      Do([&] { EXPECT_EQ(opened.group->open(), 1u); }),
      [&] {
        received += ReadAll(opened.peer).size();
        return received == kMuchBytes && opened.group->open() == 0;
      },
      [&] { return AtEnd(opened.peer); });
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
  EXPECT_THAT(HeardAll(), Not(Contains("half close")));
}

TEST_P(TcpConnectionHalfCloseTest, WhoDoesNotReadWhatIsQueuedWakesNobody) {
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] { opened->Send(std::string(kMuchBytes, 'x')); }),
               Do([&] { SendFin(opened); }), Turns());
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 0u);
}

// --- Where half closes are allowed. ------------------------------------------

TEST_P(TcpConnectionHalfCloseTest, AllowedItIsHeardOnceAndWritingGoesOn) {
  limits_.allow_half_close = true;
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "question");
                 SendFin(opened);
               }),
               Heard("half close"), Turns(),
               Do([&] { EXPECT_TRUE(opened->Send("answer")); }),
               [&] { return Read(opened.peer) == "answer"; });
  EXPECT_THAT(HeardAll(),
              ElementsAre("connect", "message question", "half close",
                          "write complete", "close loop ended"));
}

TEST_P(TcpConnectionHalfCloseTest, AllowedTheHandlerMaySendAndClose) {
  limits_.allow_half_close = true;
  on_half_close_ = [](TcpConnection& c) {
    c.Send("bye");
    c.Close();
  };
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] { SendFin(opened); }), Closed(opened), [&] {
    return ReadAll(opened.peer) == "bye" && AtEnd(opened.peer);
  });
  EXPECT_EQ(opened.group->closed(CloseReason::kLocalClosed), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, AllowedItsOwnShutdownEndsIt) {
  limits_.allow_half_close = true;
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] { SendFin(opened); }), Heard("half close"),
               Do([&] { opened->Shutdown(); }), Closed(opened));
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, AllowedWhatWaitsWakesNobody) {
  limits_.allow_half_close = true;
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] { SendFin(opened); }), Heard("half close"),
               Do([&] { opened->Send(std::string(kMuchBytes, 'x')); }));
  EXPECT_THAT(HeardAll(),
              ElementsAre("connect", "half close", "close loop ended"));
}

TEST_P(TcpConnectionHalfCloseTest, AllowedAPeerThatHasGoneWakesNobody) {
  limits_.allow_half_close = true;
  Opened opened = OpenOne();
  RunThenSleep(Do([&] { SendFin(opened); }), Heard("half close"),
               Do([&] { opened.peer.Reset(); }), Turns());
}

TEST_P(TcpConnectionHalfCloseTest, AllowedAResetEndsIt) {
  if (!IsTcp() || !HearsWhilePaused()) {
    GTEST_SKIP() << "unix sockets have no RST; select hears of it by writing";
  }
  limits_.allow_half_close = true;
  Opened opened = OpenOne();
  RunThenSleep(Do([&] { SendFin(opened); }), Heard("half close"),
               Do([&] { CloseWithReset(std::move(opened.peer)); }),
               Closed(opened));
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerReset), 1u);
}

// --- While reading is paused. ------------------------------------------------

TEST_P(TcpConnectionHalfCloseTest, PausedItHearsTheEnd) {
  const Opened opened = OpenPaused();
  if (HearsWhilePaused()) {
    RunThenSleep(Do([&] { SendFin(opened); }), Closed(opened));
  } else {
    RunThenSleep(Do([&] { SendFin(opened); }), Turns(),
                 Do([&] { EXPECT_EQ(opened.group->open(), 1u); }),
                 Do([&] { opened->ResumeReading(); }), Closed(opened));
  }
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, PausedAndAllowedItHearsTheEndOnce) {
  if (!HearsWhilePaused()) GTEST_SKIP() << "select hears when it reads";
  limits_.allow_half_close = true;
  const Opened opened = OpenPaused();
  RunThenSleep(Do([&] { SendFin(opened); }), Heard("half close"), Turns(),
               Do([&] { opened->ResumeReading(); }), Turns());
  EXPECT_THAT(HeardAll(),
              ElementsAre("connect", "half close", "close loop ended"));
}

TEST_P(TcpConnectionHalfCloseTest, PausedItHearsAReset) {
  if (!IsTcp()) GTEST_SKIP() << "unix sockets have no RST";
  Opened opened = OpenPaused();
  if (HearsWhilePaused()) {
    RunThenSleep(Do([&] { CloseWithReset(std::move(opened.peer)); }),
                 Closed(opened));
  } else {
    RunThenSleep(Do([&] { CloseWithReset(std::move(opened.peer)); }), Turns(),
                 Do([&] { opened->ResumeReading(); }), Closed(opened));
  }
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerReset), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, PausedTheEndBehindInputWaitsForIt) {
  const Opened opened = OpenPaused();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "last words");
                 SendFin(opened);
               }),
               Turns(), Do([&] {
                 EXPECT_THAT(Events(), ElementsAre("connect"));
                 opened->ResumeReading();
               }),
               Closed(opened));
  EXPECT_THAT(HeardAll(),
              ElementsAre("message last words", "close peer closed"));
}

TEST_P(TcpConnectionHalfCloseTest, PausedTheEndBehindInputWakesNobody) {
  const Opened opened = OpenPaused();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "last words");
                 SendFin(opened);
               }),
               Turns());
  EXPECT_THAT(HeardAll(), ElementsAre("connect", "close loop ended"));
}

// A handler that takes one line at a time and pauses after each.
TEST_P(TcpConnectionHalfCloseTest, PausedTheEndBehindWhatIsLeftWaitsForIt) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Consume(1);
    c.PauseReading();
  };
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] { Write(opened.peer, "ab"); }), Heard("message ab"),
               Do([&] { SendFin(opened); }), Turns(), Do([&] {
                 EXPECT_EQ(opened.group->open(), 1u);
                 opened->ResumeReading();
               }),
               Heard("message b"), Do([&] {
                 if (!HearsWhilePaused()) opened->ResumeReading();
               }),
               Closed(opened));
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
}

// Both at once: what was left goes first, whatever else held the end up.
TEST_P(TcpConnectionHalfCloseTest, ResumedAndReleasedTheEndWaitsForWhatIsLeft) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    if (input.view() == "ab") c.PauseReading();
    input.Consume(1);
  };
  const Opened opened = OpenOne();
  std::optional<ConnectionHold> hold = opened->Hold();
  RunThenSleep(Do([&] { Write(opened.peer, "ab"); }), Heard("message ab"),
               Do([&] { SendFin(opened); }), Turns(), Do([&] {
                 opened->ResumeReading();
                 hold.reset();
               }),
               Closed(opened));
  EXPECT_THAT(HeardAll(), ElementsAre("connect", "message ab", "message b",
                                      "close peer closed"));
}

TEST_P(TcpConnectionHalfCloseTest, WhatTheHandlerCannotUseDoesNotKeepItOpen) {
  on_message_ = [](TcpConnection&, Buffer&) {};
  const Opened opened = OpenOne();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "half a message");
                 SendFin(opened);
               }),
               Closed(opened));
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, PausedAPeerThatHasGoneWakesNobody) {
  Opened opened = OpenPaused();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "last words");
                 opened.peer.Reset();
               }),
               Turns());
  EXPECT_THAT(HeardAll(), ElementsAre("connect", "close loop ended"));
}

TEST_P(TcpConnectionHalfCloseTest, PausedItHearsAResetBehindInput) {
  if (!IsTcp() || !HearsWhilePaused()) {
    GTEST_SKIP() << "unix sockets have no RST; select hears when it reads";
  }
  Opened opened = OpenPaused();
  RunThenSleep(Do([&] {
                 Write(opened.peer, "last words");
                 SendFin(opened);
               }),
               Turns(), Do([&] { CloseWithReset(std::move(opened.peer)); }),
               Closed(opened));
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerReset), 1u);
}

TEST_P(TcpConnectionHalfCloseTest, BothEndedBehindInputWakesNobody) {
  const Opened opened = OpenPaused();
  RunThenSleep(Do([&] {
                 opened->Shutdown();
                 Write(opened.peer, "last words");
                 SendFin(opened);
               }),
               Turns());
  EXPECT_THAT(HeardAll(), ElementsAre("connect", "close loop ended"));
}

TEST_P(TcpConnectionHalfCloseTest, AfterItsOwnShutdownThePeersEndCloses) {
  const Opened opened = OpenOne();
  RunThenSleep(
      Do([&] { opened->Shutdown(); }), [&] { return AtEnd(opened.peer); },
      Turns(), Do([&] {
        Write(opened.peer, "still read");
        SendFin(opened);
      }),
      Closed(opened));
  EXPECT_THAT(HeardAll(), ElementsAre("connect", "message still read",
                                      "close peer closed"));
}

TEST_P(TcpConnectionHalfCloseTest, HeldItWakesNobody) {
  const Opened opened = OpenOne();
  const ConnectionHold hold = opened->Hold();
  RunThenSleep(Do([&] { SendFin(opened); }), Turns());
  EXPECT_EQ(opened.group->closed(CloseReason::kPeerClosed), 0u);
}

}  // namespace
}  // namespace rondo
