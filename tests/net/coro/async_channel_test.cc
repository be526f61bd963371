#include "net/coro/async_channel.h"

#include <gtest/gtest.h>

#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

Task<> Send(AsyncChannel<int>* channel, int value, std::string* log) {
  const bool sent = co_await channel->Send(value);
  log->append((sent ? "sent " : "refused ") + std::to_string(value) + ";");
}
Task<> Receive(AsyncChannel<int>* channel, std::string name, std::string* log) {
  const std::optional<int> value = co_await channel->Receive();
  log->append(name + (value ? std::to_string(*value) : "none") + ";");
}

class AsyncChannelTest : public ::testing::Test {
 protected:
  void SpawnSenders(std::initializer_list<int> values) {
    for (const int i : values) Spawn(loop_.get(), Send(&channel_, i, &log_));
  }
  void SpawnReceivers(int number) {
    for (int i = 0; i < number; ++i) SpawnReceiver("");
  }
  void SpawnReceiver(std::string name) {
    Spawn(loop_.get(), Receive(&channel_, std::move(name), &log_));
  }

  // Two receive. The first is destroyed when `give` has given it a value,
  // before it is resumed.
  void DestroyTheFirstOfTwo(Step give) {
    std::optional<TaskScope> scope(loop_.get());
    RunSteps(
        *loop_,
        [&] {
          scope->Spawn(Receive(&channel_, "destroyed", &log_));
          SpawnReceiver("b");
        },
        [&] {
          give();
          scope.reset();
        },
        Nothing());
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  std::string log_;
  AsyncChannel<int> channel_{2};
};

TEST_F(AsyncChannelTest, HoldsSoManyAndThenSendersWait) {
  RunSteps(*loop_, [&] {
    SpawnSenders({1, 2, 3});
    EXPECT_EQ(log_, "sent 1;sent 2;");
    EXPECT_EQ(channel_.size(), 2u);
    EXPECT_FALSE(channel_.TrySend(4));
  });
}

TEST_F(AsyncChannelTest, SendersAndValuesKeepTheirOrder) {
  RunSteps(
      *loop_,
      [&] {
        SpawnSenders({1, 2, 3, 4});
        log_.clear();
        SpawnReceivers(4);
        EXPECT_EQ(log_, "1;2;3;4;");
      },
      Nothing());
  EXPECT_EQ(log_, "1;2;3;4;sent 3;sent 4;");
}

TEST_F(AsyncChannelTest, ReceiversKeepTheirOrder) {
  RunSteps(
      *loop_,
      [&] {
        for (const char* name : {"a", "b", "c"}) SpawnReceiver(name);
      },
      [&] {
        for (int i : {1, 2, 3}) EXPECT_TRUE(channel_.TrySend(std::move(i)));
        EXPECT_EQ(channel_.size(), 0u);
      },
      Nothing());
  EXPECT_EQ(log_, "a1;b2;c3;");
}

TEST_F(AsyncChannelTest, ClosedItGivesWhatItHasAndRefusesMore) {
  RunSteps(
      *loop_,
      [&] {
        SpawnSenders({1, 2, 3});
        channel_.Close();
        EXPECT_TRUE(channel_.closed());
        EXPECT_FALSE(channel_.TrySend(4));
      },
      Nothing(),
      [&] {
        SpawnReceivers(3);
        SpawnSenders({5});
      });
  EXPECT_EQ(log_, "sent 1;sent 2;refused 3;1;2;none;refused 5;");
}

TEST_F(AsyncChannelTest, ClosingEndsThoseWhoReceive) {
  RunSteps(
      *loop_,
      [&] {
        SpawnReceiver("a");
        SpawnReceiver("b");
      },
      [&] { channel_.Close(); }, Nothing());
  EXPECT_EQ(log_, "anone;bnone;");
}

TEST_F(AsyncChannelTest, AValueOfAReceiverThatIsDestroyedIsAnothers) {
  DestroyTheFirstOfTwo([&] { channel_.TrySend(1); });
  EXPECT_EQ(log_, "b1;");
}

TEST_F(AsyncChannelTest, AValueOfAReceiverThatIsDestroyedStaysTheFirst) {
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_, [&] { scope->Spawn(Receive(&channel_, "destroyed", &log_)); },
      [&] {
        for (int i : {1, 2, 3}) channel_.TrySend(std::move(i));
        SpawnSenders({4});
        scope.reset();
        EXPECT_EQ(channel_.size(), 3u);
      },
      [&] { SpawnReceivers(4); }, Nothing());
  EXPECT_EQ(log_, "1;2;3;4;sent 4;");
}

TEST_F(AsyncChannelTest, AValueOfAReceiverThatIsDestroyedOutlivesClosing) {
  DestroyTheFirstOfTwo([&] {
    channel_.TrySend(1);
    channel_.Close();
  });
  EXPECT_EQ(log_, "b1;");
}

TEST_F(AsyncChannelTest, WhatASenderHadPlacedStaysWhenItIsDestroyed) {
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        for (int i : {1, 2}) channel_.TrySend(std::move(i));
        scope->Spawn(Send(&channel_, 3, &log_));
        SpawnReceiver("");
        scope.reset();
        SpawnReceivers(2);
      },
      Nothing());
  EXPECT_EQ(log_, "1;2;3;");
}

TEST_F(AsyncChannelTest, TakesWhatOnlyMoves) {
  static constexpr auto kSend =
      [](AsyncChannel<std::unique_ptr<int>>* channel) -> Task<> {
    EXPECT_TRUE(co_await channel->Send(std::make_unique<int>(7)));
  };
  static constexpr auto kReceive =
      [](AsyncChannel<std::unique_ptr<int>>* channel, int* to) -> Task<> {
    const auto value = co_await channel->Receive();
    *to = **value;
  };
  AsyncChannel<std::unique_ptr<int>> channel(1);
  int received = 0;
  RunSteps(
      *loop_, [&] { Spawn(loop_.get(), kReceive(&channel, &received)); },
      [&] { Spawn(loop_.get(), kSend(&channel)); }, Nothing());
  EXPECT_EQ(received, 7);
}

// Throws when it is moved too often.
struct Fragile {
  explicit Fragile(int moves) : moves_left(moves) {}
  Fragile(Fragile&& other) : moves_left(other.moves_left - 1) {
    if (moves_left < 0) throw std::runtime_error("moved too often");
  }
  Fragile& operator=(Fragile&&) = default;
  int moves_left;
};

TEST(AsyncChannelExceptionTest, AMoveThatThrowsEndsTheSenderOnly) {
  static constexpr auto kSend = [](AsyncChannel<Fragile>* channel,
                                   int moves) -> Task<> {
    const bool sent = co_await channel->Send(Fragile(moves));
    EXPECT_TRUE(sent);
  };
  int thrown = 0;
  int ended = 0;
  for (int moves = 0; moves < 8; ++moves) {
    const std::unique_ptr<EventLoop> loop = NewLoop();
    AsyncChannel<Fragile> channel(1);
    RunSteps(*loop, [&] {
      Spawn(loop.get(), kSend(&channel, moves),
            {.on_end = [&](std::exception_ptr e) {
              ++ended;
              if (e != nullptr) ++thrown;
            }});
    });
  }
  EXPECT_EQ(ended, 8);
  EXPECT_GT(thrown, 0);
  EXPECT_LT(thrown, 8);
}

}  // namespace
}  // namespace rondo
