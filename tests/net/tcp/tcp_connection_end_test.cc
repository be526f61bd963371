// What becomes of a connection's output when it ends, in each way that this
// side ends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "tests/net/tcp/output_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using TcpConnectionEndTest = OutputFixture;

TEST_F(TcpConnectionEndTest, ShutdownSendsWhatIsQueuedThenFin) {
  const Opened opened = Open();
  const std::string much(kMuchBytes, 'x');
  const std::string received = RunAndRead(opened, [&] {
    opened->Send(much);
    opened->Shutdown();
    loop_.QueueInLoop([&] { EXPECT_EQ(opened.script->fins, 0); });
  });
  EXPECT_EQ(received, much);
  EXPECT_EQ(opened.script->fins, 1);
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close loop ended"));
}

TEST_F(TcpConnectionEndTest, AfterShutdownItGoesOnReading) {
  Opened opened = Open();
  RunSteps(
      loop_,
      [&] {
        opened->Shutdown();
        opened->Shutdown();
      },
      [&] {
        EXPECT_TRUE(AtEnd(opened.peer));
        Write(opened.peer, "more");
      },
      [&] { opened.peer.Reset(); });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message more", "close peer closed"));
  EXPECT_EQ(opened.script->fins, 1);
}

TEST_F(TcpConnectionEndTest, CloseSendsWhatIsQueued) {
  const Opened opened = Open();
  const std::string much(kMuchBytes, 'x');
  const std::string received = RunAndRead(opened, [&] {
    opened->Send(much);
    opened->Close();
    loop_.QueueInLoop([&] { EXPECT_FALSE(opened->closed()); });
  });
  EXPECT_EQ(received, much);
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_THAT(Events(), Contains("close local closed"));
}

TEST_F(TcpConnectionEndTest, ForceCloseDropsWhatIsQueued) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("dropped");
    c.ForceClose();
  };
  const Opened handler = Open();
  const Opened other = Open();
  RunSteps(
      loop_,
      [&] {
        Write(handler.peer, "x");
        other->Send("dropped");
        other->ForceClose();
      },
      [] {});
  for (const Opened* opened : {&handler, &other}) {
    EXPECT_EQ(ReadAll(opened->peer), "");
    EXPECT_TRUE(AtEnd(opened->peer));
    EXPECT_THAT(opened->script->write_calls, IsEmpty());
  }
}

TEST_F(TcpConnectionEndTest, ForceCloseEndsAClosingOneThatWaits) {
  const Opened opened = Open();
  const std::string received = RunAndRead(opened, [&] {
    opened->Send(std::string(kMuchBytes, 'x'));
    opened->Close();
    loop_.QueueInLoop([&] { opened->ForceClose(); });
  });
  EXPECT_LT(received.size(), kMuchBytes);
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(TcpConnectionEndTest, NothingIsSentAfterTheEndWasAskedFor) {
  using End = void (TcpConnection::*)();
  for (const End end : {&TcpConnection::Shutdown, &TcpConnection::Close,
                        &TcpConnection::ForceClose}) {
    const Opened opened = Open();
    (opened.connection->*end)();
    EXPECT_FALSE(opened->Send("late"));
    EXPECT_FALSE(opened->Send(std::string(2'000, 'l')));
    EXPECT_FALSE(opened->Send(Shared(2'000, 'l')));
    EXPECT_EQ(opened->output_bytes(), 0u);
  }
}

TEST_F(TcpConnectionEndTest, AHalfClosedPeerStillGetsWhatIsQueued) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send(std::string(kMuchBytes, 'x'));
  };
  const Opened opened = Open();
  const std::string received = RunAndRead(opened, [&] {
    Write(opened.peer, "request");
    shutdown(opened.peer.get(), SHUT_WR);
  });
  EXPECT_EQ(received.size(), kMuchBytes);
  EXPECT_TRUE(AtEnd(opened.peer));
  EXPECT_THAT(Events(), Contains("close peer closed"));
}

TEST_F(TcpConnectionEndTest, WhatWasDroppedIsNotSentByAnother) {
  Opened later;
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("secret of the first ");
    c.ForceClose();
  };
  on_close_ = [&](TcpConnection&, CloseReason) {
    if (later.connection != nullptr) return;
    on_connect_ = [](TcpConnection& c) { c.Send("for the second"); };
    later = Open();
  };
  const Opened first = Open();
  RunSteps(
      loop_, [&] { Write(first.peer, "x"); },
      [&] { EXPECT_EQ(ReadAll(later.peer), "for the second"); });
}

}  // namespace
}  // namespace rondo
