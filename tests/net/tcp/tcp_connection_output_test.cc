// What a connection sends: in how many system calls, in which order, and when
// it says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/tcp/output_queue.h"
#include "tests/net/tcp/output_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TransportScript::Answer kWouldBlock = {.error = EAGAIN};

using TcpConnectionOutputTest = OutputFixture;

// --- How many writes. --------------------------------------------------------

TEST_F(TcpConnectionOutputTest, AHandlersSendsLeaveInOneWrite) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    EXPECT_TRUE(c.Send("bytes "));
    EXPECT_TRUE(c.Send(std::string_view("more ")));
    EXPECT_TRUE(c.Send(std::string(2'000, 'm')));
    EXPECT_TRUE(c.Send(Shared(3'000, 's')));
    EXPECT_TRUE(c.Send("end"));
    EXPECT_EQ(c.output_bytes(), 5'014u);
    EXPECT_EQ(c.bytes_sent(), 0u);
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "x"); },
      [&] {
        EXPECT_EQ(ReadAll(opened.peer), "bytes more " +
                                            std::string(2'000, 'm') +
                                            std::string(3'000, 's') + "end");
      });
  EXPECT_THAT(opened.script->write_calls, ElementsAre(5'014));
  EXPECT_EQ(opened.script->slice_data.size(), 4u);
}

TEST_F(TcpConnectionOutputTest, AHandlersSendsLeaveAsItReturns) {
  const Opened opened = Open();
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("x");
    loop_.QueueInLoop([&] { EXPECT_EQ(Read(opened.peer), "x"); });
  };
  RunSteps(
      loop_, [&] { Write(opened.peer, "x"); }, [] {});
}

TEST_F(TcpConnectionOutputTest, OnConnectsSendsLeaveInOneWrite) {
  on_connect_ = [](TcpConnection& c) {
    c.Send("hello ");
    c.Send("there");
  };
  const Opened opened = Open();
  EXPECT_EQ(Read(opened.peer), "hello there");
  EXPECT_EQ(opened.script->write_calls.size(), 1u);
}

TEST_F(TcpConnectionOutputTest, OthersSendsLeaveInOneWriteAtTheEndOfTheTurn) {
  const Opened a = Open();
  const Opened b = Open();
  on_message_ = [&](TcpConnection&, Buffer& input) {
    input.Clear();
    b->Send("handler ");
  };
  RunSteps(
      loop_,
      [&] {
        Write(a.peer, "x");
        loop_.RunAfter(absl::ZeroDuration(), [&] { b->Send("timer "); });
        loop_.QueueInLoop([&] { b->Send("task "); });
      },
      [&] {
        b->Send("step");
        EXPECT_EQ(Read(b.peer), "") << "the turn has not ended";
      },
      [&] { EXPECT_EQ(Read(b.peer), "handler timer task step"); });
  EXPECT_THAT(b.script->write_calls, ElementsAre(23));
  EXPECT_THAT(a.script->write_calls, IsEmpty());
}

TEST_F(TcpConnectionOutputTest, AMessageCostsOneReadAndOneWrite) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    c.Send(input.view());
    input.Clear();
  };
  const Opened opened = Open();
  std::vector<Step> steps(10);
  for (Step& step : steps) step = [&] { Write(opened.peer, "ping"); };
  steps.push_back([&] {
    EXPECT_EQ(opened.script->read_calls, 10);
    EXPECT_EQ(opened.script->write_calls, std::vector<size_t>(10, 4));
  });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionOutputTest, ManySlicesAreSplitOverWrites) {
  on_connect_ = [](TcpConnection& c) {
    for (char i = 0; i < 100; ++i) c.Send(Shared(1'024, i));
  };
  const Opened opened = Open();
  EXPECT_THAT(opened.script->write_calls, ElementsAre(64 * 1'024, 36 * 1'024));
  const std::string received = ReadAll(opened.peer);
  ASSERT_EQ(received.size(), 100u * 1'024);
  for (char i = 0; i < 100; ++i) EXPECT_EQ(received[i * 1'024], i);
}

TEST_F(TcpConnectionOutputTest, LargeMovedAndSharedBytesAreNotCopied) {
  std::string moved(4'096, 'm');
  const auto shared = Shared(4'096, 's');
  const std::vector<const void*> data = {moved.data(), shared->data()};
  on_connect_ = [&](TcpConnection& c) {
    c.Send(std::move(moved));
    c.Send(shared);
  };
  const Opened opened = Open();
  EXPECT_EQ(opened.script->slice_data, data);
  EXPECT_EQ(shared.use_count(), 1) << "what was sent is let go";
}

TEST_F(TcpConnectionOutputTest, NothingToSendIsNoWrite) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    EXPECT_TRUE(c.Send(""));
    EXPECT_TRUE(c.Send(std::string()));
    EXPECT_TRUE(c.Send(std::shared_ptr<const std::string>()));
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "x"); }, [&] { opened->Send(""); });
  EXPECT_THAT(opened.script->write_calls, IsEmpty());
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message x", "close loop ended"));
}

TEST_F(TcpConnectionOutputTest, AHandlerWithinAHandlerKeepsToItself) {
  Opened inner;
  const Opened outer = Open();
  on_connect_ = [](TcpConnection& c) { c.Send("inner"); };
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("out");
    inner = Open();
    c.Send("er");
  };
  RunSteps(
      loop_, [&] { Write(outer.peer, "x"); },
      [&] {
        EXPECT_EQ(ReadAll(inner.peer), "inner");
        EXPECT_EQ(ReadAll(outer.peer), "outer");
      });
  EXPECT_THAT(outer.script->write_calls, ElementsAre(5));
}

// --- Order, and writes cut short. --------------------------------------------

TEST_F(TcpConnectionOutputTest, OrderIsKeptWhileEarlierOutputWaits) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    c.Send(input.view());
    input.Clear();
  };
  const Opened opened = Open();
  opened.script->writes = {kWouldBlock, kWouldBlock, kWouldBlock};
  RunSteps(
      loop_, [&] { Write(opened.peer, "1"); },
      [&] {
        EXPECT_EQ(opened->output_bytes(), 1u);
        Write(opened.peer, "3");
        opened->Send("2");
      },
      [] {}, [&] { EXPECT_EQ(ReadAll(opened.peer), "123"); });
  EXPECT_THAT(opened.script->write_calls, ElementsAre(1, 2, 3, 3));
  EXPECT_THAT(Events(), ElementsAre("connect", "message 1", "message 3",
                                    "write complete", "close loop ended"));
}

TEST_F(TcpConnectionOutputTest, AWriteCutAtAnyByteIsResumed) {
  const std::string all = "copied" + std::string(1'100, 'm') + "end";
  on_connect_ = [](TcpConnection& c) {
    c.Send("copied");
    c.Send(std::string(1'100, 'm'));
    c.Send("end");
  };
  Opened opened;
  std::vector<Step> steps;
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    steps.push_back([&, cut] { opened = OpenToWrite({{.max_bytes = cut}}); });
    steps.push_back([&, cut] {
      EXPECT_EQ(ReadAll(opened.peer), all) << "cut at " << cut;
      opened->ForceClose();
    });
  }
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionOutputTest, OneByteAWriteArrivesInOrder) {
  const std::string text = "byte by byte";
  on_connect_ = [&](TcpConnection& c) { c.Send(text); };
  const Opened opened = OpenToWrite({text.size(), {.max_bytes = 1}});
  RunTurns(loop_, text.size());
  EXPECT_EQ(ReadAll(opened.peer), text);
  EXPECT_EQ(opened.script->write_calls.size(), text.size());
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close loop ended"));
}

TEST_F(TcpConnectionOutputTest, AnInterruptedWriteIsRetried) {
  on_connect_ = [](TcpConnection& c) { c.Send("x"); };
  const Opened opened = OpenToWrite({{.error = EINTR}, {.error = EWOULDBLOCK}});
  RunTurns(loop_, 3);
  EXPECT_EQ(ReadAll(opened.peer), "x");
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close loop ended"));
}

TEST_F(TcpConnectionOutputTest, AShortWriteWaitsUntilItIsWritable) {
  on_connect_ = [](TcpConnection& c) { c.Send("12345"); };
  const Opened opened = OpenToWrite({{.max_bytes = 2}});
  // Not tried again in the same turn: the kernel had no more room.
  EXPECT_THAT(opened.script->write_calls, ElementsAre(5));
  EXPECT_EQ(opened->output_bytes(), 3u);
  RunTurns(loop_, 1);
  EXPECT_THAT(opened.script->write_calls, ElementsAre(5, 3));
  EXPECT_EQ(ReadAll(opened.peer), "12345");
}

TEST_F(TcpConnectionOutputTest, PartlySentSharedPayloadIsStillNotCopied) {
  const auto payload = Shared(kMuchBytes, 's');
  on_connect_ = [&](TcpConnection& c) { c.Send(payload); };
  const Opened opened = Open();
  EXPECT_EQ(payload.use_count(), 2);
  const std::string received = RunAndRead(opened, [] {});
  EXPECT_EQ(received, *payload);
  EXPECT_EQ(payload.use_count(), 1);
}

// --- Write complete. ---------------------------------------------------------

TEST_F(TcpConnectionOutputTest, WriteCompleteComesOnceAllIsSent) {
  on_connect_ = [](TcpConnection& c) { c.Send("12345"); };
  on_write_complete_ = [](TcpConnection& c) {
    EXPECT_EQ(c.output_bytes(), 0u);
    EXPECT_EQ(c.bytes_sent(), 5u);
  };
  const Opened opened = OpenToWrite({{.max_bytes = 2}, {.max_bytes = 2}});
  RunSteps(
      loop_, [&] { EXPECT_THAT(Events(), ElementsAre("connect")); },
      [&] { EXPECT_THAT(Events(), ElementsAre("write complete")); },
      [&] { EXPECT_THAT(Events(), IsEmpty()); });
}

TEST_F(TcpConnectionOutputTest, SendingInWriteCompleteDoesNotRecurse) {
  int depth = 0;
  int calls = 0;
  on_write_complete_ = [&](TcpConnection& c) {
    EXPECT_EQ(++depth, 1);
    if (++calls < 100) c.Send("again");
    --depth;
  };
  on_connect_ = [](TcpConnection& c) { c.Send("first"); };
  const Opened opened = Open();
  RunTurns(loop_, 100);
  EXPECT_EQ(calls, 100);
}

TEST_F(TcpConnectionOutputTest, SendingInWriteCompleteDoesNotStarveOthers) {
  const Opened endless = Open();
  const Opened other = Open();
  on_write_complete_ = [&](TcpConnection& c) {
    if (&c != endless.connection) return;
    Read(endless.peer);
    c.Send("again");
  };
  RunSteps(
      loop_, [&] { endless->Send("first"); },
      [&] {
        Write(other.peer, "other");
        loop_.RunAfter(absl::ZeroDuration(), [&] { Write(other.peer, "!"); });
      },
      [] {}, [] {});
  const auto events = Events();
  EXPECT_THAT(events, Contains("message other"));
  EXPECT_THAT(events, Contains("message !"));
  EXPECT_THAT(events, Contains("write complete"));
}

TEST_F(TcpConnectionOutputTest, MayCloseInWriteComplete) {
  on_write_complete_ = [](TcpConnection& c) {
    c.Send(" last");
    c.Close();
    EXPECT_FALSE(c.closed());
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { opened->Send("first"); }, [] {},
      [&] {
        EXPECT_EQ(ReadAll(opened.peer), "first last");
        EXPECT_TRUE(AtEnd(opened.peer));
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "write complete",
                                    "write complete", "close local closed"));
}

TEST_F(TcpConnectionOutputTest, MayForceCloseInWriteComplete) {
  on_write_complete_ = [](TcpConnection& c) {
    c.Send("dropped");
    c.ForceClose();
  };
  const Opened opened = Open();
  RunSteps(loop_, [&] { opened->Send("first"); });
  EXPECT_EQ(ReadAll(opened.peer), "first");
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close force closed"));
}

TEST_F(TcpConnectionOutputTest, WriteCompleteComesBeforeTheEnd) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    input.Clear();
    c.Send("answer");
    c.Close();
  };
  const Opened opened = Open();
  RunSteps(loop_, [&] { Write(opened.peer, "x"); });
  EXPECT_THAT(Events(), ElementsAre("connect", "message x", "write complete",
                                    "close local closed"));
}

}  // namespace
}  // namespace rondo
