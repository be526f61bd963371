#include "net/client/tcp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kDelay = absl::Milliseconds(100);

// A client on a loop that runs turn by turn, and what it tells.
class TcpClientTest : public ::testing::Test {
 protected:
  static TcpClientOptions To(const InetAddress& server) {
    return {.server = server, .retry = {.initial_delay = kDelay, .jitter = 0}};
  }

  void Make(TcpClientOptions options) {
    client_.emplace(
        loop_.get(), std::move(options),
        ConnectionCallbacks{.on_connect =
                                [this](TcpConnection&) {
                                  ++connects_;
                                  Call(at_connect_);
                                },
                            .on_message =
                                [this](TcpConnection&, Buffer& input) {
                                  input_ += input.view();
                                  input.Clear();
                                  Call(at_message_);
                                },
                            .on_close =
                                [this](TcpConnection&, CloseReason reason) {
                                  closes_.push_back(reason);
                                  Call(at_close_);
                                }},
        [this](const ConnectFailure& failure) {
          failures_.push_back(failure);
          Call(at_failure_);
        });
  }

  // Destroys the client from inside one of its callbacks.
  Step Destroy() {
    return [this] { client_.reset(); };
  }

  // One turn after the other; connecting takes two.
  template <typename... Steps>
  void Run(Steps... steps) {
    RunSteps(
        *loop_, std::move(steps)..., [] {}, [] {});
  }
  Step Connect() {
    return [this] { client_->Connect(); };
  }
  Step Advance(absl::Duration d) {
    return [this, d] { clock_.Advance(d); };
  }
  static Step Nothing() {
    return [] {};
  }

  std::vector<absl::Duration> RetryDelays() const {
    std::vector<absl::Duration> delays;
    for (const auto& failure : failures_) {
      delays.push_back(failure.retry_after);
    }
    return delays;
  }

  static void Call(Step& step) {
    if (step) step();
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  ListeningSocket server_;
  RefusingAddress nobody_;
  std::optional<TcpClient> client_;

  int connects_ = 0;
  std::string input_;
  std::vector<CloseReason> closes_;
  std::vector<ConnectFailure> failures_;
  Step at_connect_, at_message_, at_close_, at_failure_;
};

// --- Connecting. -------------------------------------------------------------

TEST_F(TcpClientTest, ConnectsAndTalks) {
  Make(To(server_.address()));
  Socket peer;
  std::string got;
  Run(
      Connect(), Nothing(),
      [&] {
        peer = server_.Accept();
        client_->connection().Send("ping");
      },
      Nothing(),
      [&] {
        char block[8];
        const IoResult read = peer.Read(block, sizeof(block));
        got.assign(block, read.bytes);
        const iovec pong = {const_cast<char*>("pong"), 4};
        peer.Write(&pong, 1);
      });
  EXPECT_EQ(connects_, 1);
  EXPECT_EQ(got, "ping");
  EXPECT_EQ(input_, "pong");
}

TEST_F(TcpClientTest, ConnectsOverAUnixSocket) {
  const ListeningSocket server(AbstractAddress());
  Make(To(server.address()));
  Run(Connect());
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, ConnectsOnceHoweverOftenItIsAsked) {
  Make(To(server_.address()));
  Run(
      [this] {
        client_->Connect();
        client_->Connect();
      },
      Nothing(), Connect());
  EXPECT_EQ(connects_, 1);
  server_.Accept();
  EXPECT_FALSE(server_.HasWaiting());
}

TEST_F(TcpClientTest, IsAskedBeforeTheLoopRuns) {
  Make(To(server_.address()));
  client_->Connect();
  Run();
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, HasNoConnectionBeforeAndNoOpenOneAfter) {
  Make(To(server_.address()));
  EXPECT_FALSE(client_->connection().Send("too early"));
  Run(Connect(), Nothing(), [this] {
    EXPECT_FALSE(client_->connection().closed());
    client_->Stop();
    EXPECT_TRUE(client_->connection().closed());
  });
}

// --- Failing, and trying again. ----------------------------------------------

TEST_F(TcpClientTest, AFailureIsToldWithItsStatus) {
  Make(To(nobody_.address()));
  Run(Connect());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].attempt, 1);
  EXPECT_EQ(failures_[0].retry_after, kDelay);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr(nobody_.address().ToString()));
}

TEST_F(TcpClientTest, TriesAgainLaterEachTime) {
  Make(To(nobody_.address()));
  Run(Connect(), Nothing(), Advance(kDelay), Nothing(), Nothing(),
      Advance(2 * kDelay), Nothing());
  EXPECT_THAT(RetryDelays(), ElementsAre(kDelay, 2 * kDelay, 4 * kDelay));
  EXPECT_EQ(failures_.back().attempt, 3);
}

TEST_F(TcpClientTest, DoesNotTryAgainBeforeItsTime) {
  Make(To(nobody_.address()));
  Run(Connect(), Nothing(), Advance(kDelay - absl::Nanoseconds(1)), Nothing(),
      Nothing());
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(TcpClientTest, GivesUpAfterTheLastAttempt) {
  TcpClientOptions options = To(nobody_.address());
  options.retry.max_attempts = 2;
  Make(options);
  Run(Connect(), Nothing(), Advance(kDelay), Nothing(), Nothing(),
      Advance(absl::Hours(1)), Nothing());
  EXPECT_THAT(RetryDelays(), ElementsAre(kDelay, absl::InfiniteDuration()));
}

TEST_F(TcpClientTest, BeginsAnewWhenAskedAfterGivingUp) {
  TcpClientOptions options = To(nobody_.address());
  options.retry.max_attempts = 1;
  Make(options);
  Run(Connect(), Nothing(), Connect(), Nothing());
  ASSERT_EQ(failures_.size(), 2u);
  EXPECT_EQ(failures_[1].attempt, 1);
}

TEST_F(TcpClientTest, ASuccessResetsTheDelay) {
  const InetAddress address = [] {
    return ListeningSocket(OwnLoopback()).address();
  }();
  Make(To(address));
  std::optional<ListeningSocket> late;
  Run(
      Connect(), Nothing(), Advance(kDelay), Nothing(),
      [&] {
        EXPECT_EQ(failures_.size(), 2u);
        late.emplace(address);
        clock_.Advance(2 * kDelay);
      },
      Nothing(), Nothing(),
      [&] {
        EXPECT_EQ(connects_, 1);
        late.reset();  // resets it
      },
      Nothing(), Connect(), Nothing());
  ASSERT_EQ(failures_.size(), 3u);
  EXPECT_EQ(failures_[2].attempt, 1);
  EXPECT_EQ(failures_[2].retry_after, kDelay);
}

TEST_F(TcpClientTest, NoAnswerIsAFailureAtTheDeadline) {
  ListeningSocket full(*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/0);
  full.FillBacklog();
  TcpClientOptions options = To(full.address());
  options.dialer.connector.timeout = absl::Seconds(3);
  Make(options);
  Run(
      Connect(), Advance(absl::Seconds(3) - absl::Nanoseconds(1)),
      [this] {
        EXPECT_THAT(failures_, IsEmpty());
        clock_.Advance(absl::Nanoseconds(1));
      },
      Nothing());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr("within 3s"));
}

TEST_F(TcpClientTest, OptionsThatMakeNoSenseAreToldOnceAndNotTried) {
  TcpClientOptions options = To(server_.address());
  options.retry.jitter = 2;
  Make(options);
  Run(Connect(), Nothing(), Advance(absl::Hours(1)), Nothing());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(RetryDelays(), ElementsAre(absl::InfiniteDuration()));
  EXPECT_FALSE(server_.HasWaiting());
}

// --- Losing the connection. --------------------------------------------------

TEST_F(TcpClientTest, ALostConnectionIsReplacedIfThatIsWanted) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  Run(
      Connect(), Nothing(),
      [this] {
        server_.Accept(); /* and closes */
      },
      Nothing(), Nothing(), Advance(kDelay), Nothing());
  EXPECT_THAT(closes_,
              ElementsAre(CloseReason::kPeerClosed, CloseReason::kLoopEnded));
  EXPECT_EQ(connects_, 2);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(TcpClientTest, ALostConnectionIsNotReplacedByDefault) {
  Make(To(server_.address()));
  Run(
      Connect(), Nothing(), [this] { server_.Accept(); }, Nothing(), Nothing(),
      Advance(absl::Hours(1)), Nothing());
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, AConnectionThatWasClosedHereIsNotReplaced) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  Run(
      Connect(), Nothing(), [this] { client_->connection().local()->Close(); },
      Nothing(), Nothing(), Advance(absl::Hours(1)), Nothing());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLocalClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, OnCloseMayConnectAgain) {
  Make(To(server_.address()));
  at_close_ = [this] {
    if (connects_ < 3) client_->Connect();
  };
  const auto hang_up = [this] { server_.Accept(); };
  Run(Connect(), Nothing(), hang_up, Nothing(), Nothing(), Nothing(), hang_up,
      Nothing(), Nothing());
  EXPECT_EQ(connects_, 3);
}

TEST_F(TcpClientTest, OnCloseMayConnectAgainWhatEndedInItsOnConnect) {
  Make(To(server_.address()));
  at_connect_ = [this] {
    if (connects_ == 1) client_->connection().local()->ForceClose();
  };
  at_close_ = [this] {
    if (connects_ == 1) client_->Connect();
  };
  Run(Connect(), Nothing(), Nothing(), Advance(absl::Hours(1)), Nothing(),
      [this] { EXPECT_FALSE(client_->connection().closed()); });
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(connects_, 2);
}

TEST_F(TcpClientTest, WhatWasShutDownHereIsNotReplaced) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  Run(
      Connect(), Nothing(),
      [this] { client_->connection().local()->Shutdown(); },
      [this] { server_.Accept(); }, Nothing(), Nothing(),
      Advance(absl::Hours(1)), Nothing());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kPeerClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, WithoutAServerItSaysSo) {
  Make({});
  Run(Connect(), Nothing());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr("server is not set"));
}

TEST_F(TcpClientTest, OnCloseMayForbidToReconnect) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  at_close_ = [this] { client_->Disconnect(); };
  Run(
      Connect(), Nothing(), [this] { server_.Accept(); }, Nothing(), Nothing(),
      Advance(absl::Hours(1)), Nothing());
  EXPECT_EQ(connects_, 1);
}

// --- Disconnecting and stopping. ---------------------------------------------

TEST_F(TcpClientTest, DisconnectSendsWhatIsQueued) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  std::string got;
  Run(
      Connect(), Nothing(),
      [&] {
        client_->connection().local()->Send("bye");
        client_->Disconnect();
      },
      Nothing(), Nothing(),
      [&] {
        char block[8];
        got.assign(block, server_.Accept().Read(block, sizeof(block)).bytes);
        clock_.Advance(absl::Hours(1));
      },
      Nothing());
  EXPECT_EQ(got, "bye");
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLocalClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, DisconnectEndsAttempts) {
  Make(To(nobody_.address()));
  Run(
      [this] {
        client_->Connect();
        client_->Disconnect();  // while it connects
      },
      Nothing(), Nothing(), Connect(), Nothing(),
      [this] {
        EXPECT_EQ(failures_.size(), 1u);
        client_->Disconnect();  // while it waits
        clock_.Advance(absl::Hours(1));
      },
      Nothing());
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(TcpClientTest, ConnectAfterDisconnectMakesANewConnection) {
  Make(To(server_.address()));
  Run(
      Connect(), Nothing(),
      [this] {
        client_->Disconnect();
        client_->Connect();
      },
      Nothing(), Nothing());
  EXPECT_THAT(closes_,
              ElementsAre(CloseReason::kLocalClosed, CloseReason::kLoopEnded));
  EXPECT_EQ(connects_, 2);
}

TEST_F(TcpClientTest, StopEndsTheConnectionForGood) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  Run(
      Connect(), Nothing(),
      [this] {
        client_->Stop();
        client_->Stop();
        client_->Connect();
        clock_.Advance(absl::Hours(1));
      },
      Nothing());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kForceClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, ALoopThatEndsEndsTheConnection) {
  Make(To(server_.address()));
  Run(Connect());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLoopEnded));
}

// --- Destroyed by its own callbacks. -----------------------------------------

TEST_F(TcpClientTest, MayBeDestroyedByOnConnect) {
  Make(To(server_.address()));
  at_connect_ = Destroy();
  Run(Connect(), Nothing());
  EXPECT_EQ(connects_, 1);
  EXPECT_THAT(closes_, IsEmpty());
  char byte;
  EXPECT_EQ(server_.Accept().Read(&byte, 1).error, 0);  // FIN
}

TEST_F(TcpClientTest, MayBeDestroyedByOnMessage) {
  Make(To(server_.address()));
  at_message_ = Destroy();
  Socket peer;
  Run(
      Connect(), Nothing(),
      [&] {
        peer = server_.Accept();
        const iovec hello = {const_cast<char*>("hello"), 5};
        peer.Write(&hello, 1);
      },
      Nothing());
  EXPECT_EQ(input_, "hello");
  EXPECT_THAT(closes_, IsEmpty());
}

TEST_F(TcpClientTest, MayBeDestroyedByOnClose) {
  TcpClientOptions options = To(server_.address());
  options.reconnect = true;
  Make(options);
  at_close_ = Destroy();
  Run(
      Connect(), Nothing(), [this] { server_.Accept(); }, Nothing(), Nothing(),
      Advance(absl::Hours(1)));
  EXPECT_EQ(closes_.size(), 1u);
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, MayBeDestroyedByItsFailure) {
  Make(To(nobody_.address()));
  at_failure_ = Destroy();
  Run(Connect(), Nothing(), Advance(absl::Hours(1)));
  EXPECT_EQ(failures_.size(), 1u);
}

}  // namespace
}  // namespace rondo
