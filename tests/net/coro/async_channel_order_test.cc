// The order of a channel's values while those who are to receive them are
// destroyed, or take their time.
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/coro/async_channel.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

Task<> Receive(AsyncChannel<int>* channel, std::string name, std::string* log) {
  const std::optional<int> value = co_await channel->Receive();
  log->append(name + (value ? std::to_string(*value) : "none") + ";");
}
Task<> ReceiveAll(AsyncChannel<int>* channel, std::string name,
                  std::string* log) {
  while (const std::optional<int> value = co_await channel->Receive()) {
    log->append(name + std::to_string(*value) + ";");
  }
}

class AsyncChannelOrderTest : public ::testing::Test {
 protected:
  // One in each scope, in this order.
  void ReceiveInScopes() {
    for (std::optional<TaskScope>& scope : scopes_) {
      scope.emplace(loop_.get());
      scope->Spawn(Receive(&channel_, "destroyed", &log_));
    }
  }
  void Send(int from, int to) {
    for (int i = from; i <= to; ++i) {
      EXPECT_TRUE(channel_.TrySend(int(i)));
    }
  }
  // What the channel holds, to the log.
  Step TakeAll() {
    return [this] {
      while (channel_.size() > 0) {
        Spawn(loop_.get(), Receive(&channel_, "", &log_));
      }
    };
  }
  static Step Nothing() {
    return [] {};
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  std::string log_;
  AsyncChannel<int> channel_{3};
  std::optional<TaskScope> scopes_[3];
};

TEST_F(AsyncChannelOrderTest, WhatSeveralWhoAreDestroyedHadStaysInOrder) {
  RunSteps(
      *loop_, [this] { ReceiveInScopes(); },
      [this] {
        Send(1, 5);
        EXPECT_EQ(channel_.size(), 2u);
        for (std::optional<TaskScope>& scope : scopes_) scope.reset();
        EXPECT_EQ(channel_.size(), 5u);
      },
      TakeAll());
  EXPECT_EQ(log_, "1;2;3;4;5;");
}

TEST_F(AsyncChannelOrderTest, AlsoDestroyedTheOtherWayRound) {
  RunSteps(
      *loop_, [this] { ReceiveInScopes(); },
      [this] {
        Send(1, 5);
        for (const int i : {2, 1, 0}) scopes_[i].reset();
      },
      TakeAll());
  EXPECT_EQ(log_, "1;2;3;4;5;");
}

// As if the one that is destroyed had never been there.
TEST_F(AsyncChannelOrderTest, WhoIsBehindOneThatIsDestroyedMovesUp) {
  RunSteps(
      *loop_, [this] { ReceiveInScopes(); },
      [this] {
        Send(1, 4);
        scopes_[0].reset();
      },
      Nothing(), TakeAll());
  EXPECT_EQ(log_, "destroyed1;destroyed2;3;4;");
}

TEST_F(AsyncChannelOrderTest, WhatComesBackGoesToThoseWhoWaitInOrder) {
  RunSteps(
      *loop_,
      [this] {
        ReceiveInScopes();
        for (const char* name : {"a", "b", "c"}) {
          Spawn(loop_.get(), Receive(&channel_, name, &log_));
        }
      },
      [this] {
        Send(1, 3);
        for (std::optional<TaskScope>& scope : scopes_) scope.reset();
      },
      Nothing());
  EXPECT_EQ(log_, "a1;b2;c3;");
}

// One that goes on receiving cannot get at what is another's, who has waited.
TEST_F(AsyncChannelOrderTest, ValuesAreReceivedInOrderAndNobodyGoesEmpty) {
  RunSteps(
      *loop_,
      [this] {
        Spawn(loop_.get(), ReceiveAll(&channel_, "a", &log_));
        Spawn(loop_.get(), ReceiveAll(&channel_, "b", &log_));
      },
      [this] {
        Send(1, 5);
        channel_.Close();
      },
      Nothing());
  EXPECT_EQ(log_, "a1;a2;a3;a4;b5;");
}

TEST_F(AsyncChannelOrderTest, WhatIsPromisedIsNotThereForANewcomer) {
  RunSteps(
      *loop_, [this] { Spawn(loop_.get(), Receive(&channel_, "a", &log_)); },
      [this] {
        Send(1, 1);
        EXPECT_EQ(channel_.size(), 0u);
        Spawn(loop_.get(), Receive(&channel_, "b", &log_));
        EXPECT_EQ(log_, "");
      },
      Nothing(), [this] { Send(2, 2); }, Nothing());
  EXPECT_EQ(log_, "a1;b2;");
}

TEST_F(AsyncChannelOrderTest, ThereIsRoomForWhatIsPromisedAndForTheCapacity) {
  RunSteps(
      *loop_, [this] { ReceiveInScopes(); },
      [this] {
        Send(1, 6);
        EXPECT_FALSE(channel_.TrySend(7));
        scopes_[0].reset();  // one more than it holds
        EXPECT_FALSE(channel_.TrySend(7));
        EXPECT_EQ(channel_.size(), 4u);
      });
}

// --- Moves that throw. -------------------------------------------------------

// Throws when it is moved too often.
struct Fragile {
  explicit Fragile(int moves) : moves_left(moves) {}
  Fragile(Fragile&& other) : moves_left(other.moves_left - 1) {
    if (moves_left < 0) throw std::runtime_error("moved too often");
  }
  int moves_left;
};

Task<> SendFragile(AsyncChannel<Fragile>* channel, int moves) {
  (void)co_await channel->Send(Fragile(moves));
}
Task<> ReceiveFragile(AsyncChannel<Fragile>* channel) {
  (void)co_await channel->Receive();
}

// However often it may be moved, everyone who waits hears something.
class AsyncChannelMoveTest : public ::testing::TestWithParam<int> {
 protected:
  SpawnOptions Counted() {
    return {.on_end = [this](std::exception_ptr) { ++ended_; }};
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncChannel<Fragile> channel_{1};
  int ended_ = 0;
};

TEST_P(AsyncChannelMoveTest, OneThatThrowsKeepsNoSenderWaiting) {
  RunSteps(
      *loop_,
      [this] {
        Spawn(loop_.get(), SendFragile(&channel_, 100), Counted());
        for (int i = 0; i < 2; ++i) {
          Spawn(loop_.get(), SendFragile(&channel_, GetParam()), Counted());
        }
      },
      [this] {
        for (int i = 0; i < 3; ++i) {
          Spawn(loop_.get(), ReceiveFragile(&channel_), Counted());
        }
      },
      [] {}, [] {}, [this] { channel_.Close(); }, [] {});
  EXPECT_EQ(ended_, 6);
}

// What throws when it is received is still there, and for the next.
TEST_P(AsyncChannelMoveTest, OneThatThrowsKeepsNoReceiverWaiting) {
  RunSteps(
      *loop_,
      [this] {
        for (int i = 0; i < 2; ++i) {
          Spawn(loop_.get(), ReceiveFragile(&channel_), Counted());
        }
      },
      [this] {
        Spawn(loop_.get(), SendFragile(&channel_, GetParam()), Counted());
      },
      [] {}, [] {},
      [this] {
        // What cannot be received at all has reached both by now.
        if (ended_ == 3) return;
        for (int i = 0; i < 2; ++i) {
          Spawn(loop_.get(), SendFragile(&channel_, 100));
        }
      },
      [] {});
  EXPECT_EQ(ended_, 3);
}

INSTANTIATE_TEST_SUITE_P(Moves, AsyncChannelMoveTest, ::testing::Range(0, 8));

}  // namespace
}  // namespace rondo
