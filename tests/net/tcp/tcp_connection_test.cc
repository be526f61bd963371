// A connection's life: its callbacks, and the ways in which it ends. Input,
// output and what it knows of itself have files of their own.
#include "net/tcp/tcp_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/connection_fixture.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

class TcpConnectionTest : public ConnectionFixture {
 protected:
  // Runs until a connection closes; returns why.
  CloseReason RunUntilClosed() {
    CloseReason result = {};
    on_close_ = [this, &result](TcpConnection&, CloseReason reason) {
      result = reason;
      loop_.Stop();
    };
    loop_.Run();
    return result;
  }

  // Adds a connection that is about to read or write, as the script says.
  void FailNext(std::vector<Opened>& opened, TransportScript script) {
    const bool writes = !script.writes.empty();
    opened.push_back(Open(UnixPair(), std::move(script)));
    if (writes) {
      opened.back()->Send("x");
    } else {
      Write(opened.back().peer, "x");
    }
  }
};

// --- Callbacks. --------------------------------------------------------------

TEST_F(TcpConnectionTest, CallsBackInOrder) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("answer");
  };
  Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "question"); },
      [&] {
        EXPECT_EQ(Read(opened.peer), "answer");
        opened.peer.Reset();
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "message question",
                                    "write complete", "close peer closed"));
}

TEST_F(TcpConnectionTest, NoCallbackIsNeeded) {
  const auto silent =
      std::make_shared<ConnectionGroup>(ConnectionCallbacks{}, 1);
  FdPair pair = UnixPair();
  RunSteps(
      loop_,
      [&] {
        table().Adopt(std::make_unique<TcpConnection>(
            &table(), std::make_unique<Transport>(Socket(std::move(pair.a))),
            InetAddress(), ConnectionMembership(silent, 0)));
        Write(pair.b, "dropped");
      },
      [&] {
        EXPECT_EQ(silent->open(), 1u);
        pair.b.Reset();
      });
  EXPECT_EQ(silent->closed(CloseReason::kPeerClosed), 1u);
  EXPECT_EQ(silent->open(), 0u);
}

TEST_F(TcpConnectionTest, MayCloseInOnConnect) {
  on_connect_ = [](TcpConnection& c) {
    c.Send("sorry");
    c.Close();
  };
  const Opened opened = Open();
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close local closed"));
  RunTurns(loop_, 1);
  EXPECT_EQ(Read(opened.peer), "sorry");
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_EQ(group_->open(), 0u);
}

TEST_F(TcpConnectionTest, MayForceCloseInOnConnect) {
  on_connect_ = [](TcpConnection& c) { c.ForceClose(); };
  const Opened opened = Open();
  RunTurns(loop_, 1);
  EXPECT_THAT(Events(), ElementsAre("connect", "close force closed"));
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionTest, ClosingInItsHandlerCallsBackWhenThatReturns) {
  bool in_handler = false;
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    in_handler = true;
    input.Clear();
    c.ForceClose();
    in_handler = false;
  };
  on_close_ = [&](TcpConnection&, CloseReason) { EXPECT_FALSE(in_handler); };
  const Opened opened = Open();
  RunSteps(loop_, [&] { Write(opened.peer, "x"); });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message x", "close force closed"));
}

TEST_F(TcpConnectionTest, ClosingAnotherCallsItBackLater) {
  const Opened a = Open();
  const Opened b = Open();
  bool in_handler = false;
  on_message_ = [&](TcpConnection&, Buffer& input) {
    in_handler = true;
    input.Clear();
    b->ForceClose();
    EXPECT_FALSE(b->closed());
    in_handler = false;
  };
  on_close_ = [&](TcpConnection& c, CloseReason) {
    EXPECT_TRUE(&c != b.connection || !in_handler);
  };
  RunSteps(
      loop_, [&] { Write(a.peer, "x"); },
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect", "connect", "message x"));
      },
      [&] { EXPECT_THAT(Events(), ElementsAre("close force closed")); });
}

TEST_F(TcpConnectionTest, ClosingDoesNotRead) {
  // Both have input in one turn; the first to get it closes the other.
  const Opened a = Open();
  const Opened b = Open();
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    (&c == a.connection ? b : a)->Close();
  };
  RunSteps(loop_, [&] {
    Write(a.peer, "x");
    Write(b.peer, "x");
  });
  EXPECT_THAT(Events(), ElementsAre("connect", "connect", "message x",
                                    "close local closed", "close loop ended"));
}

TEST_F(TcpConnectionTest, ItsLastCallbackFindsItClosed) {
  on_close_ = [](TcpConnection& c, CloseReason) {
    EXPECT_TRUE(c.closed());
    EXPECT_FALSE(c.Send("late"));
    EXPECT_FALSE(c.Send(std::string("late")));
    EXPECT_FALSE(c.Send(std::make_shared<const std::string>("late")));
    c.Shutdown();
    c.Close();
    c.ForceClose();
    c.PauseReading();
    c.ResumeReading();
    EXPECT_TRUE(c.handle().closed());
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { opened->Close(); },
      [&] { EXPECT_TRUE(AtEnd(opened.peer)); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close local closed"));
}

TEST_F(TcpConnectionTest, LivesUntilTheEndOfTheTurn) {
  bool destroyed = false;
  on_close_ = [&](TcpConnection&, CloseReason) { EXPECT_FALSE(destroyed); };
  const Opened opened = Open();
  opened->EmplaceContext<std::shared_ptr<void>>(
      OnDestroy([&] { destroyed = true; }));
  RunSteps(
      loop_,
      [&] {
        opened->ForceClose();
        EXPECT_FALSE(opened->closed());
      },
      [&] {
        EXPECT_TRUE(destroyed);
        EXPECT_EQ(table().size(), 0u);
      });
}

TEST_F(TcpConnectionTest, ALoopThatNeverRanDestroysItUnheard) {
  const Opened opened = Open();
  owned_loop_.reset();
  EXPECT_THAT(Events(), ElementsAre("connect"));
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_EQ(group_->open(), 0u);
}

// --- Reasons. ----------------------------------------------------------------

TEST_F(TcpConnectionTest, PeerClosed) {
  Opened opened = OpenTcp();
  opened.peer.Reset();
  EXPECT_EQ(RunUntilClosed(), CloseReason::kPeerClosed);
  EXPECT_EQ(group_->closed(CloseReason::kPeerClosed), 1u);
}

TEST_F(TcpConnectionTest, PeerReset) {
  Opened opened = OpenTcp();
  CloseWithReset(std::move(opened.peer));
  EXPECT_EQ(RunUntilClosed(), CloseReason::kPeerReset);
  EXPECT_EQ(group_->closed(CloseReason::kPeerReset), 1u);
}

TEST_F(TcpConnectionTest, PeerResetWhileOutputWaits) {
  on_connect_ = [](TcpConnection& c) {
    c.Send(std::string(8 << 20, 'x'));
    c.PauseReading();
  };
  Opened opened = OpenTcp();
  ASSERT_GT(opened->output_bytes(), 0u);
  CloseWithReset(std::move(opened.peer));
  EXPECT_EQ(RunUntilClosed(), CloseReason::kPeerReset);
}

TEST_F(TcpConnectionTest, WritingToAClosedPeerIsAReset) {
  Opened opened = Open();
  opened->PauseReading();
  RunSteps(loop_, [&] {
    opened.peer.Reset();
    opened->Send("x");
  });
  EXPECT_THAT(Events(), ElementsAre("connect", "close peer reset"));
}

TEST_F(TcpConnectionTest, LocalClosed) {
  const Opened opened = Open();
  RunSteps(loop_, [&] { opened->Close(); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close local closed"));
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionTest, ForceClosed) {
  const Opened opened = Open();
  RunSteps(loop_, [&] { opened->ForceClose(); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close force closed"));
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionTest, ServerStopped) {
  const Opened opened = Open();
  RunSteps(loop_, [&] {
    table().CloseAll(group_.get(), CloseReason::kServerStopped);
    EXPECT_THAT(Events(), ElementsAre("connect", "close server stopped"));
  });
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionTest, LoopEnded) {
  const Opened opened = Open();
  RunTurns(loop_, 1);
  EXPECT_THAT(Events(), ElementsAre("connect", "close loop ended"));
  EXPECT_EQ(group_->closed(CloseReason::kLoopEnded), 1u);
}

TEST_F(TcpConnectionTest, ALoopThatEndedHoldsNoConnections) {
  const Opened opened = Open();
  RunTurns(loop_, 1);
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_EQ(table().size(), 0u);
  EXPECT_EQ(group_->open(), 0u);
}

TEST_F(TcpConnectionTest, SocketErrors) {
  std::vector<Opened> opened;
  for (const int error : {EIO, ETIMEDOUT, EHOSTUNREACH}) {
    FailNext(opened, {.reads = {{.error = error}}});
  }
  FailNext(opened, {.writes = {{.error = ENOBUFS}}});
  RunTurns(loop_, 2);
  EXPECT_EQ(group_->closed(CloseReason::kSocketError), opened.size());
}

TEST_F(TcpConnectionTest, ResetErrors) {
  std::vector<Opened> opened;
  FailNext(opened, {.reads = {{.error = ECONNRESET}}});
  FailNext(opened, {.writes = {{.error = ECONNRESET}}});
  FailNext(opened, {.writes = {{.error = EPIPE}}});
  RunTurns(loop_, 2);
  EXPECT_EQ(group_->closed(CloseReason::kPeerReset), opened.size());
}

class TcpConnectionOnSelectTest : public ConnectionFixture {
 protected:
  TcpConnectionOnSelectTest() : ConnectionFixture({.poller = "select"}) {}
};

TEST_F(TcpConnectionOnSelectTest, PollerRefused) {
  FdPair pair = UnixPair();
  pair.a = DuplicateAtOrAbove(pair.a, FD_SETSIZE);
  const Opened opened = Open(std::move(pair));
  RunTurns(loop_, 1);
  EXPECT_THAT(Events(), ElementsAre("connect", "close poller refused"));
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionTest, TheFirstCauseIsTheReason) {
  const Opened opened = Open();
  RunSteps(loop_, [&] {
    opened->Close();
    opened->ForceClose();
  });
  EXPECT_THAT(Events(), ElementsAre("connect", "close local closed"));
}

TEST_F(TcpConnectionTest, TheCauseThatLosesOutputIsTheReason) {
  const Opened opened = OpenToWrite({{.error = EAGAIN}, {.error = EAGAIN}});
  RunSteps(
      loop_,
      [&] {
        opened->Send("waits");
        opened->Close();
      },
      [&] { opened->ForceClose(); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close force closed"));
}

TEST_F(TcpConnectionTest, ShutdownIsNoCause) {
  Opened opened = Open();
  RunSteps(
      loop_, [&] { opened->Shutdown(); },
      [&] {
        EXPECT_TRUE(AtEnd(opened.peer));
        opened.peer.Reset();
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "close peer closed"));
}

// --- What it knows of itself. ------------------------------------------------

TEST_F(TcpConnectionTest, CountsBytes) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    c.Send(input.view());
    c.Send("!");
    input.Clear();
  };
  const Opened opened = Open();
  EXPECT_EQ(opened->bytes_received(), 0u);
  EXPECT_EQ(opened->bytes_sent(), 0u);
  RunSteps(
      loop_, [&] { Write(opened.peer, "123"); },
      [&] { Write(opened.peer, "4567"); },
      [&] {
        EXPECT_EQ(opened->bytes_received(), 7u);
        EXPECT_EQ(opened->bytes_sent(), 9u);
        opened.script->writes = {{.max_bytes = 2}, {.error = EAGAIN}};
        opened->Send("12345");
      },
      [&] {
        EXPECT_EQ(opened->bytes_sent(), 11u);
        EXPECT_EQ(opened->output_bytes(), 3u);
      });
}

}  // namespace
}  // namespace rondo
