#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/tcp/connection_handle.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

class ConnectionHoldTest : public ConnectionFixture {
 protected:
  // One whose peer has sent a question and FIN, and holds of it.
  Opened OpenHalfClosed() {
    Opened opened = Open();
    hold_.emplace(opened->Hold());
    Write(opened.peer, "question");
    shutdown(opened.peer.get(), SHUT_WR);
    return opened;
  }

  std::optional<ConnectionHold> hold_;
};

// A hold is released by a post, which comes after the next step.
const auto kMailIsRead = [] {};

TEST_F(ConnectionHoldTest, KeepsFinFromClosing) {
  const Opened opened = OpenHalfClosed();
  RunSteps(
      loop_, [] {}, [] {},
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect", "message question"));
        EXPECT_TRUE(opened->Send("answer"));
      },
      [&] {
        EXPECT_EQ(Read(opened.peer), "answer");
        EXPECT_FALSE(AtEnd(opened.peer));
        hold_.reset();
      },
      kMailIsRead,
      [&] {
        EXPECT_TRUE(AtEnd(opened.peer));
        EXPECT_THAT(Events(),
                    ElementsAre("write complete", "close peer closed"));
      });
}

TEST_F(ConnectionHoldTest, ReleasedInTheTurnOfTheAnswerLosesNothing) {
  const Opened opened = OpenHalfClosed();
  const std::string answer(1 << 20, 'x');
  std::string received;
  std::vector<Step> steps;
  steps.push_back([] {});
  steps.push_back([&] {
    opened->Send(answer);
    hold_.reset();
  });
  for (int i = 0; i < 200; ++i) {
    steps.push_back([&] { received += ReadAll(opened.peer); });
  }
  RunSteps(loop_, std::move(steps));
  EXPECT_TRUE(received == answer);
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(ConnectionHoldTest, FinIsReadOnce) {
  const Opened opened = OpenHalfClosed();
  std::vector<Step> steps(20);
  for (Step& step : steps) step = [] {};
  steps.push_back([&] { EXPECT_EQ(opened.script->read_calls, 2); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(ConnectionHoldTest, TheLastOfSeveralCounts) {
  const Opened opened = OpenHalfClosed();
  std::optional<ConnectionHold> second(opened->Hold());
  RunSteps(
      loop_, [] {}, [&] { hold_.reset(); }, kMailIsRead,
      [&] {
        EXPECT_FALSE(AtEnd(opened.peer));
        second.reset();
      },
      kMailIsRead, [&] { EXPECT_TRUE(AtEnd(opened.peer)); });
}

TEST_F(ConnectionHoldTest, WithoutFinItsReleaseDoesNothing) {
  Opened opened = Open();
  hold_.emplace(opened->Hold());
  RunSteps(
      loop_, [&] { hold_.reset(); }, kMailIsRead,
      [&] {
        EXPECT_THAT(Events(), ElementsAre("connect"));
        Write(opened.peer, "still open");
      },
      [&] {
        EXPECT_THAT(Events(), ElementsAre("message still open"));
        opened.peer.Reset();
      });
  EXPECT_THAT(Events(), ElementsAre("close peer closed"));
}

TEST_F(ConnectionHoldTest, KeepsNothingElseFromClosing) {
  using End = void (TcpConnection::*)();
  std::vector<ConnectionHold> holds;
  std::vector<Opened> opened;
  for (const End end : {&TcpConnection::Close, &TcpConnection::ForceClose}) {
    opened.push_back(Open());
    holds.push_back(opened.back()->Hold());
    (opened.back().connection->*end)();
  }
  const Opened stopped = Open();
  holds.push_back(stopped->Hold());
  RunSteps(
      loop_,
      [&] { table().CloseAll(group_.get(), CloseReason::kServerStopped); },
      [&] { EXPECT_EQ(table().size(), 0u); });
  EXPECT_EQ(group_->closed(CloseReason::kServerStopped) +
                group_->closed(CloseReason::kLocalClosed) +
                group_->closed(CloseReason::kForceClosed),
            3u);
}

TEST_F(ConnectionHoldTest, AResetEndsAHeldConnection) {
  Opened opened = OpenTcp();
  hold_.emplace(opened->Hold());
  CloseWithReset(std::move(opened.peer));
  on_close_ = [&](TcpConnection&, CloseReason) { loop_.Stop(); };
  loop_.Run();
  EXPECT_THAT(Events(), ElementsAre("connect", "close peer reset"));
}

TEST_F(ConnectionHoldTest, AMovedHoldIsReleasedOnce) {
  const Opened opened = OpenHalfClosed();
  std::optional<ConnectionHold> second(opened->Hold());
  RunSteps(
      loop_, [] {},
      [&] {
        auto moved = std::make_unique<ConnectionHold>(*std::move(hold_));
        hold_.reset();
        moved.reset();
      },
      kMailIsRead, [&] { EXPECT_FALSE(AtEnd(opened.peer)); });
}

TEST_F(ConnectionHoldTest, MayBeReleasedByAnotherThread) {
  const Opened opened = OpenHalfClosed();
  std::thread thread;
  on_message_ = [&](TcpConnection&, Buffer& input) {
    input.Clear();
    thread = std::thread([hold = *std::move(hold_)] {});
  };
  on_close_ = [&](TcpConnection&, CloseReason) { loop_.Stop(); };
  loop_.Run();
  thread.join();
  EXPECT_THAT(Events(),
              ElementsAre("connect", "message question", "close peer closed"));
}

TEST_F(ConnectionHoldTest, ReleasedInItsOwnHandlerItEnds) {
  on_write_complete_ = [&](TcpConnection& c) { hold_->Release(&c); };
  const Opened opened = OpenHalfClosed();
  RunSteps(
      loop_, [] {}, [] {}, [&] { EXPECT_TRUE(opened->Send("answer")); }, [] {},
      [&] {
        EXPECT_EQ(Read(opened.peer), "answer");
        EXPECT_TRUE(AtEnd(opened.peer));
        EXPECT_THAT(Events(),
                    ElementsAre("connect", "message question", "write complete",
                                "close peer closed"));
      });
}

TEST_F(ConnectionHoldTest, MayOutliveConnectionAndLoop) {
  const Opened opened = OpenHalfClosed();
  RunTurns(loop_, 2);
  owned_loop_.reset();
  hold_.reset();
  EXPECT_TRUE(AtEnd(opened.peer));
}

TEST_F(ConnectionHoldTest, OfAClosedConnectionDoesNothing) {
  on_close_ = [&](TcpConnection& c, CloseReason) { hold_.emplace(c.Hold()); };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { opened->Close(); }, [&] { hold_.reset(); }, kMailIsRead);
  EXPECT_THAT(Events(), ElementsAre("connect", "close local closed"));
}

}  // namespace
}  // namespace rondo
