#include "net/client/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_table.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr size_t kMark = 100'000;
constexpr size_t kMaxOutput = 16'000'000;  // more than sockets take

// Two connections on one loop, and the test at the far end of both. On unix
// pairs what one step writes has been passed on in the step after the next; on
// TCP pairs it may take longer.
class RelayTest : public ::testing::Test {
 protected:
  void Open(FdPair left = UnixPair(), FdPair right = UnixPair()) {
    left_ = std::move(left.b);
    right_ = std::move(right.b);
    a_ = &Add(std::move(left.a));
    b_ = &Add(std::move(right.a));
  }

  void Join() {
    Relay::Join(*a_, *a_->context<Relay>(), *b_, *b_->context<Relay>());
  }

  TcpConnection& Add(UniqueFd fd) {
    auto& table = loop_->Local<ConnectionTable>();
    Socket socket(std::move(fd));
    InetAddress peer = *socket.PeerAddress();
    TcpConnection& connection = table.Open(std::move(socket), std::move(peer),
                                           ConnectionMembership(group_, 0));
    connection.EmplaceContext<Relay>();
    return connection;
  }

  template <typename... Steps>
  void Run(Steps... steps) {
    RunSteps(
        *loop_, std::move(steps)..., [] {}, [] {});
  }

  // Until both have closed.
  Wait BothClose() {
    return Until([this] { return closes_.size() == 2; });
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = NewLoop({.clock = &clock_});
  std::vector<CloseReason> closes_;
  Step at_close_;
  const std::shared_ptr<ConnectionGroup> group_ =
      std::make_shared<ConnectionGroup>(
          ConnectionCallbacks{.on_message =
                                  [](TcpConnection& c, Buffer& input) {
                                    c.context<Relay>()->HandleMessage(c, input);
                                  },
                              .on_half_close =
                                  [](TcpConnection& c) {
                                    c.context<Relay>()->HandleHalfClose();
                                  },
                              .on_close =
                                  [this](TcpConnection& c, CloseReason reason) {
                                    closes_.push_back(reason);
                                    c.context<Relay>()->HandleClose(reason);
                                    if (at_close_) at_close_();
                                  }},
          /*loops=*/1,
          ConnectionLimits{.low_water_mark_bytes = kMark / 2,
                           .high_water_mark_bytes = kMark,
                           .max_output_bytes = kMaxOutput,
                           .allow_half_close = true});
  UniqueFd left_, right_;                      // the test's ends
  TcpConnection *a_ = nullptr, *b_ = nullptr;  // while they are open
};

TEST_F(RelayTest, BytesPassBothWays) {
  Run(
      [this] {
        Open();
        Join();
        Write(left_, "to the right");
        Write(right_, "to the left");
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(Read(right_), "to the right");
        EXPECT_EQ(Read(left_), "to the left");
      });
}

TEST_F(RelayTest, AFinPassesBehindTheBytesAndTheOtherWayStaysOpen) {
  Run(
      [this] {
        Open();
        Join();
        Write(left_, "last words");
        shutdown(left_.get(), SHUT_WR);
      },
      [] {}, [] {}, [] {},
      [this] {
        EXPECT_EQ(Read(right_), "last words");
        EXPECT_EQ(ReadErrno(right_), 0);  // end of input
        Write(right_, "the answer");
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(Read(left_), "the answer");
        EXPECT_TRUE(closes_.empty());
        shutdown(right_.get(), SHUT_WR);
      },
      [] {}, [] {}, [] {},
      [this] {
        EXPECT_THAT(closes_, ElementsAre(CloseReason::kPeerClosed,
                                         CloseReason::kLocalClosed));
        EXPECT_EQ(ReadErrno(left_), 0);
      });
}

TEST_F(RelayTest, AResetPassesAsAReset) {
  Run(
      [this] {
        Open(TcpPair(), TcpPair());
        Join();
        CloseWithReset(std::move(left_));
      },
      BothClose(),
      [this] {
        AwaitInput(right_.get());
        EXPECT_EQ(ReadErrno(right_), ECONNRESET);
        EXPECT_THAT(closes_, UnorderedElementsAre(CloseReason::kPeerReset,
                                                  CloseReason::kForceClosed));
      });
}

TEST_F(RelayTest, AnOrderlyEndSendsWhatIsQueued) {
  Run(
      [this] {
        Open();
        Join();
        b_->Send("queued before");
        a_->Close();
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(Read(right_), "queued before");
        EXPECT_EQ(ReadErrno(right_), 0);
        EXPECT_THAT(closes_, ElementsAre(CloseReason::kLocalClosed,
                                         CloseReason::kLocalClosed));
      });
}

TEST_F(RelayTest, WhoHasSpokenLastIsNotTakenForIdle) {
  Run(
      [this] {
        Open();
        Join();
        Write(left_, "a question");
      },
      [] {}, [] {},
      [this] {
        EXPECT_FALSE(a_->IsAtRest());
        EXPECT_TRUE(b_->IsAtRest());
        Write(right_, "the answer");
      },
      [] {}, [] {},
      [this] {
        EXPECT_TRUE(a_->IsAtRest());
        EXPECT_FALSE(b_->IsAtRest());
      });
}

TEST_F(RelayTest, AFinWaitsForTheOutputBeforeIt) {
  size_t sent = 0;
  size_t received = 0;
  bool ended = false;
  std::vector<Step> steps;
  steps.push_back([&] {
    Open();
    Join();
  });
  for (int i = 0; i < 10; ++i) {
    steps.push_back([&] { sent += FillOutput(left_); });
  }
  steps.push_back([&] {
    EXPECT_TRUE(b_->above_high_water());
    shutdown(left_.get(), SHUT_WR);
  });
  for (int i = 0; i < 500; ++i) {
    steps.push_back([&] {
      const std::string bytes = Read(right_);
      received += bytes.size();
      if (bytes.empty() && ReadErrno(right_) == 0) ended = true;
    });
  }
  RunSteps(*loop_, std::move(steps));
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(ended);
}

TEST_F(RelayTest, WhoExceedsALimitResetsTheOther) {
  Run(
      [this] {
        Open(TcpPair(), TcpPair());
        Join();
        a_->Send(std::string(2 * kMaxOutput, 'x'));
      },
      BothClose(),
      [this] {
        AwaitInput(right_.get());
        EXPECT_EQ(ReadErrno(right_), ECONNRESET);
        EXPECT_THAT(closes_, UnorderedElementsAre(CloseReason::kOutputLimit,
                                                  CloseReason::kForceClosed));
      });
}

TEST_F(RelayTest, WhoDoesNotReadHoldsUpTheSenderAndLosesNothing) {
  size_t sent = 0;
  size_t most_queued = 0;
  std::string received;
  const auto send = [&] {
    sent += FillOutput(left_);
    most_queued = std::max(most_queued, b_->output_bytes());
  };
  std::vector<Step> steps;
  steps.push_back([&] {
    Open();
    Join();
  });
  constexpr int kTurns = 50;  // of 64 KiB: far more than the mark
  for (int i = 0; i < kTurns; ++i) steps.push_back(send);
  steps.push_back([&] {
    EXPECT_GT(most_queued, kMark);
    EXPECT_LE(most_queued, kMark + ConnectionTable::kReadBlockBytes);
    EXPECT_EQ(FillOutput(left_), 0u);  // it is not read any more
  });
  for (int i = 0; i < 20 * kTurns; ++i) {
    steps.push_back([&] { received += Read(right_); });
  }
  RunSteps(*loop_, std::move(steps));
  EXPECT_EQ(received.size(), sent);
}

// --- What happens before they are joined. ------------------------------------

TEST_F(RelayTest, AFinBeforeTheyAreJoinedIsKept) {
  Run(
      [this] {
        Open();
        shutdown(left_.get(), SHUT_WR);
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(ReadErrno(right_), EAGAIN);
        Join();
      },
      [] {}, [this] { EXPECT_EQ(ReadErrno(right_), 0); });
}

TEST_F(RelayTest, AFinOfTheOtherBeforeTheyAreJoinedIsKept) {
  Run(
      [this] {
        Open();
        shutdown(right_.get(), SHUT_WR);
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(ReadErrno(left_), EAGAIN);
        Join();
        Write(left_, "a question all the same");
      },
      [] {}, [] {},
      [this] {
        EXPECT_EQ(ReadErrno(left_), 0);
        EXPECT_EQ(Read(right_), "a question all the same");
        EXPECT_TRUE(closes_.empty());
      });
}

TEST_F(RelayTest, FinsOfBothBeforeTheyAreJoinedEndBoth) {
  Run(
      [this] {
        Open();
        shutdown(left_.get(), SHUT_WR);
        shutdown(right_.get(), SHUT_WR);
      },
      [] {}, [] {},
      [this] {
        EXPECT_TRUE(closes_.empty());
        Join();
      },
      BothClose(),
      [this] {
        EXPECT_EQ(ReadErrno(left_), 0);
        EXPECT_EQ(ReadErrno(right_), 0);
      });
  EXPECT_THAT(closes_,
              ElementsAre(CloseReason::kPeerClosed, CloseReason::kLocalClosed));
}

// Reading is paused, as Join() wants it: what the peer said last is not lost.
TEST_F(RelayTest, WhoClosesBeforeTheyAreJoinedIsHeardToTheEnd) {
  Run(
      [this] {
        Open(TcpPair(), TcpPair());
        a_->PauseReading();
        Write(left_, "last words");
        left_.Reset();
      },
      [] {}, [] {},
      [this] {
        EXPECT_TRUE(closes_.empty());
        Join();
        a_->ResumeReading();
      },
      Until([this] { return b_->end_requested(); }),
      [this] {
        AwaitInput(right_.get());
        EXPECT_EQ(Read(right_), "last words");
        AwaitInput(right_.get());
        EXPECT_EQ(ReadErrno(right_), 0);  // end of input
        Write(right_, "an answer to nobody");
      },
      BothClose());
  EXPECT_THAT(closes_, UnorderedElementsAre(CloseReason::kPeerReset,
                                            CloseReason::kForceClosed));
}

TEST_F(RelayTest, WhoHasClosedBeforeTheyAreJoinedEndsTheOther) {
  Run(
      [this] {
        Open();
        // The connection is there to the end of the turn.
        at_close_ = [this] {
          if (closes_.size() == 1) Join();
        };
        a_->ForceClose();
      },
      BothClose());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kForceClosed,
                                   CloseReason::kForceClosed));
}

}  // namespace
}  // namespace rondo
