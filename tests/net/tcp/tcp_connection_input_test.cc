// What a connection receives, and what its handler leaves of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/input_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

using TcpConnectionInputTest = InputFixture;

TEST_F(TcpConnectionInputTest, WhatIsLeftIsPassedAgainWithMore) {
  TakeNothing();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "a"); },
      [&] {
        EXPECT_EQ(opened->input_bytes(), 1u);
        Write(opened.peer, "bc");
      },
      [&] { Write(opened.peer, "d"); },
      [&] { EXPECT_EQ(opened->input_bytes(), 4u); });
  EXPECT_THAT(Events(), ElementsAre("connect", "message a", "message abc",
                                    "message abcd", "close loop ended"));
}

TEST_F(TcpConnectionInputTest, AMessageMayBeCutAtAnyByte) {
  TakeLines();
  const std::string text = "first\r\nsecond\r\n\r\nfourth\r\n";
  Opened opened;
  std::vector<Step> steps;
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    steps.push_back([&, cut] {
      lines_.clear();
      opened = Open();
      Write(opened.peer, text.substr(0, cut));
    });
    steps.push_back([&, cut] { Write(opened.peer, text.substr(cut)); });
    steps.push_back([&, cut] {
      EXPECT_THAT(lines_, ElementsAre("first", "second", "", "fourth"))
          << "cut at " << cut;
      EXPECT_EQ(opened->input_bytes(), 0u);
    });
  }
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionInputTest, ByteByByte) {
  TakeLines();
  const std::string text = "first\r\nsecond\r\n";
  const Opened opened = Open();
  std::vector<Step> steps;
  for (const char c : text) {
    steps.push_back([&, c] { Write(opened.peer, {&c, 1}); });
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_THAT(lines_, ElementsAre("first", "second"));
}

TEST_F(TcpConnectionInputTest, ShortReadsArePutTogether) {
  TakeLines();
  const Opened opened = Open();
  opened.script->reads = {{.max_bytes = 1}, {.max_bytes = 3}, {.max_bytes = 1}};
  Write(opened.peer, "line\r\n");
  RunTurns(loop_, 4);
  EXPECT_EQ(opened.script->read_calls, 4);
  EXPECT_THAT(lines_, ElementsAre("line"));
}

TEST_F(TcpConnectionInputTest, RetryableReadErrorsAreNoError) {
  const Opened opened = Open();
  opened.script->reads = {
      {.error = EINTR}, {.error = EAGAIN}, {.error = EWOULDBLOCK}};
  Write(opened.peer, "x");
  RunTurns(loop_, 4);
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message x", "close loop ended"));
}

TEST_F(TcpConnectionInputTest, MoreThanABlockComesInPieces) {
  std::string received;
  on_message_ = [&](TcpConnection&, Buffer& input) {
    EXPECT_LE(input.readable_bytes(), ConnectionTable::kReadBlockBytes);
    received += input.view();
    input.Clear();
  };
  std::string sent(3 * ConnectionTable::kReadBlockBytes, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = i * 31 % 251;
  const Opened opened = Open();
  Write(opened.peer, sent.substr(0, sent.size() / 2));
  RunSteps(
      loop_, [] {}, [&] { Write(opened.peer, sent.substr(sent.size() / 2)); },
      [] {}, [] {});
  EXPECT_TRUE(received == sent);
}

TEST_F(TcpConnectionInputTest, ConsumedInputIsNotKept) {
  TakeLines();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "line\r\nre"); },
      [&] {
        EXPECT_EQ(opened->input_bytes(), 2u);
        Write(opened.peer, "st\r\n");
      },
      [&] { EXPECT_EQ(opened->input_bytes(), 0u); });
}

TEST_F(TcpConnectionInputTest, WhatIsKeptDoesNotHoldOnToMuchMemory) {
  size_t most = 0;
  size_t last = 0;
  on_message_ = [&](TcpConnection&, Buffer& input) {
    last = input.capacity_bytes();
    most = std::max(most, last);
    if (input.readable_bytes() >= 200'000) input.Consume(199'990);
  };
  const Opened opened = Open();
  std::vector<Step> steps(10);
  for (Step& step : steps) {
    step = [&] { Write(opened.peer, std::string(20'000, 'x')); };
  }
  steps.push_back([&] {
    EXPECT_EQ(opened->input_bytes(), 10u);
    Write(opened.peer, "y");
  });
  RunSteps(loop_, std::move(steps));
  EXPECT_GE(most, 200'000u);
  EXPECT_LT(last, 1'000u);
}

TEST_F(TcpConnectionInputTest, TheHandlerMayMoveTheInputAway) {
  std::vector<Buffer> taken;
  on_message_ = [&](TcpConnection&, Buffer& input) {
    if (input.readable_bytes() > 1) taken.push_back(std::move(input));
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "one"); },
      [&] { Write(opened.peer, "l"); },  // left, so that it is kept
      [&] { Write(opened.peer, "eft"); }, [&] { Write(opened.peer, "two"); },
      [&] { EXPECT_EQ(opened->input_bytes(), 0u); });
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].view(), "one");
  EXPECT_EQ(taken[1].view(), "left");
  EXPECT_EQ(taken[2].view(), "two");
}

TEST_F(TcpConnectionInputTest, EachConnectionKeepsItsOwn) {
  TakeLines();
  const Opened a = Open();
  const Opened b = Open();
  RunSteps(
      loop_,
      [&] {
        Write(a.peer, "of ");
        Write(b.peer, "of ");
      },
      [&] { Write(a.peer, "a\r\n"); }, [&] { Write(b.peer, "b\r\n"); });
  EXPECT_THAT(lines_, ElementsAre("of a", "of b"));
}

TEST_F(TcpConnectionInputTest, WhatIsLeftAtTheEndIsStillCounted) {
  TakeNothing();
  size_t left = 0;
  on_close_ = [&](TcpConnection& c, CloseReason) { left = c.input_bytes(); };
  Opened opened = Open();
  Write(opened.peer, "half a mess");
  opened.peer.Reset();
  RunTurns(loop_, 2);
  EXPECT_THAT(Events(), ElementsAre("connect", "message half a mess",
                                    "close peer closed"));
  EXPECT_EQ(left, 11u);
}

}  // namespace
}  // namespace rondo
