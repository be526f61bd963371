// Reading that is paused and resumed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "tests/net/tcp/input_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

using TcpConnectionPauseTest = InputFixture;

TEST_F(TcpConnectionPauseTest, PausedInputWaits) {
  const Opened opened = Open();
  RunSteps(
      loop_,
      [&] {
        opened->PauseReading();
        EXPECT_FALSE(opened->reading());
        Write(opened.peer, "waits");
      },
      [] {},
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect"));
        EXPECT_EQ(opened.script->read_calls, 0);
        opened->ResumeReading();
        EXPECT_TRUE(opened->reading());
      },
      [&] { EXPECT_THAT(Events(), ElementsAre("message waits")); });
}

TEST_F(TcpConnectionPauseTest, PausedConnectionsDoNotSeeTheEnd) {
  Opened opened = Open();
  RunSteps(
      loop_,
      [&] {
        opened->PauseReading();
        Write(opened.peer, "last words");
        opened.peer.Reset();
      },
      [] {},
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect"));
        opened->ResumeReading();
      },
      [] {});
  EXPECT_THAT(Events(), ElementsAre("message last words", "close peer closed"));
}

TEST_F(TcpConnectionPauseTest, PausedConnectionsStillSend) {
  const Opened opened = OpenToWrite({{.error = EAGAIN}});
  RunSteps(
      loop_,
      [&] {
        opened->PauseReading();
        opened->Send("still sends");
      },
      [] {}, [&] { EXPECT_EQ(ReadAll(opened.peer), "still sends"); });
}

TEST_F(TcpConnectionPauseTest, WhatIsLeftIsPassedAgainAfterResuming) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Consume(1);
    c.PauseReading();
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "abc"); },
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect", "message abc"));
        opened->ResumeReading();
        EXPECT_THAT(Events(), IsEmpty()) << "no method calls back";
      },
      [&] {
        EXPECT_THAT(Events(), ElementsAre("message bc"));
        opened->ResumeReading();
      },
      [&] {
        EXPECT_THAT(Events(), ElementsAre("message c"));
        opened->ResumeReading();
      },
      [&] { EXPECT_THAT(Events(), IsEmpty()); });
}

TEST_F(TcpConnectionPauseTest, ResumingAnUnpausedConnectionDoesNothing) {
  TakeNothing();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "kept"); },
      [&] { opened->ResumeReading(); }, [] {});
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message kept", "close loop ended"));
}

TEST_F(TcpConnectionPauseTest, PausingAgainCancelsWhatResumingBegan) {
  TakeNothing();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "kept"); },
      [&] {
        opened->PauseReading();
        opened->ResumeReading();
        opened->PauseReading();
      },
      [] {},
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect", "message kept"));
        opened->ResumeReading();
      },
      [&] { EXPECT_THAT(Events(), ElementsAre("message kept")); });
}

TEST_F(TcpConnectionPauseTest, WhatAHandlerLeavesAfterResumingIsPassedAgain) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    c.PauseReading();
    if (input.Take(1) == "a") c.ResumeReading();
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "ab"); }, [] {}, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "message ab", "message b",
                                    "close loop ended"));
}

TEST_F(TcpConnectionPauseTest, MayResumeInWriteComplete) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    c.PauseReading();
    c.Send(input.Take(1));
  };
  on_write_complete_ = [](TcpConnection& c) { c.ResumeReading(); };
  const Opened opened = Open();
  std::vector<Step> steps(8);
  for (Step& step : steps) step = [] {};
  steps[0] = [&] { Write(opened.peer, "echo"); };
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(ReadAll(opened.peer), "echo");
}

TEST_F(TcpConnectionPauseTest, ResumedInputComesInOrderWithNew) {
  TakeLines();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "ear"); },
      [&] { opened->PauseReading(); },
      [&] {
        Write(opened.peer, "lier\r\nlater\r\n");
        opened->ResumeReading();
      },
      [] {});
  EXPECT_THAT(lines_, ElementsAre("earlier", "later"));
}

TEST_F(TcpConnectionPauseTest, ResumingAClosingConnectionPassesNothing) {
  TakeNothing();
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "kept"); },
      [&] {
        opened->PauseReading();
        opened->ResumeReading();
        opened->Close();
      });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message kept", "close local closed"));
}

// Kept input, so that the handler's own pause and resume ask for another call.
TEST_F(TcpConnectionPauseTest, ThereAreNoEmptyMessages) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    if (input.readable_bytes() == 1) return;
    c.PauseReading();
    c.ResumeReading();
    input.Clear();
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "a"); }, [&] { Write(opened.peer, "b"); },
      [&] { opened->Send("settles it"); }, [] {});
  EXPECT_THAT(Events(), Not(Contains("message ")));
}

// In one turn another's handler resumes it and its own input comes.
TEST_F(TcpConnectionPauseTest, ThereAreNoEmptyMessagesAfterResuming) {
  const Opened a = Open();
  const Opened b = Open();
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    if (input.view() == "keep") return;
    input.Clear();
    TcpConnection& other = &c == a.connection ? *b.connection : *a.connection;
    other.PauseReading();
    other.ResumeReading();
  };
  RunSteps(
      loop_,
      [&] {
        Write(a.peer, "keep");
        Write(b.peer, "keep");
      },
      [&] {
        Write(a.peer, "!");
        Write(b.peer, "!");
      },
      [] {}, [] {});
  EXPECT_THAT(Events(), Not(Contains("message ")));
}

}  // namespace
}  // namespace rondo
