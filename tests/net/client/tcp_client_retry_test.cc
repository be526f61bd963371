// What a client does when it cannot connect, and when it loses its connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "net/client/tcp_client.h"
#include "tests/net/client/tcp_client_fixture.h"
#include "tests/net/tcp/addresses.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using TcpClientRetryTest = TcpClientFixture;

// --- Failing, and trying again. ----------------------------------------------

TEST_F(TcpClientRetryTest, AFailureIsToldWithItsStatus) {
  Make(To(nobody_.address()));
  Run(Connect(), Failures());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].attempt, 1);
  EXPECT_EQ(failures_[0].retry_after, kDelay);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr(nobody_.address().ToString()));
}

TEST_F(TcpClientRetryTest, TriesAgainLaterEachTime) {
  Make(To(nobody_.address()));
  Run(Connect(), Failures(1), Advance(kDelay), Failures(2), Advance(2 * kDelay),
      Failures(3));
  EXPECT_THAT(RetryDelays(), ElementsAre(kDelay, 2 * kDelay, 4 * kDelay));
  EXPECT_EQ(failures_.back().attempt, 3);
}

TEST_F(TcpClientRetryTest, DoesNotTryAgainBeforeItsTime) {
  Make(To(nobody_.address()));
  Run(Connect(), Failures(), Advance(kDelay - absl::Nanoseconds(1)));
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(TcpClientRetryTest, GivesUpAfterTheLastAttempt) {
  TcpClientOptions options = To(nobody_.address());
  options.retry.max_attempts = 2;
  Make(options);
  Run(Connect(), Failures(1), Advance(kDelay), Failures(2),
      Advance(absl::Hours(1)));
  EXPECT_THAT(RetryDelays(), ElementsAre(kDelay, absl::InfiniteDuration()));
}

TEST_F(TcpClientRetryTest, BeginsAnewWhenAskedAfterGivingUp) {
  TcpClientOptions options = To(nobody_.address());
  options.retry.max_attempts = 1;
  Make(options);
  Run(Connect(), Failures(1), Connect(), Failures(2));
  ASSERT_EQ(failures_.size(), 2u);
  EXPECT_EQ(failures_[1].attempt, 1);
}

TEST_F(TcpClientRetryTest, ASuccessResetsTheDelay) {
  const InetAddress address = [] {
    return ListeningSocket(OwnLoopback()).address();
  }();
  Make(To(address));
  std::optional<ListeningSocket> late;
  Run(
      Connect(), Failures(1), Advance(kDelay), Failures(2),
      [&] {
        late.emplace(address);
        clock_.Advance(2 * kDelay);
      },
      Connects(),
      [&] {
        late.reset(); /* which resets it */
      },
      Closes(), Connect(), Failures(3));
  ASSERT_EQ(failures_.size(), 3u);
  EXPECT_EQ(failures_[2].attempt, 1);
  EXPECT_EQ(failures_[2].retry_after, kDelay);
}

TEST_F(TcpClientRetryTest, NoAnswerIsAFailureAtTheDeadline) {
  ListeningSocket full(*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/0);
  full.FillBacklog();
  TcpClientOptions options = To(full.address());
  options.dialer.connector.timeout = absl::Seconds(3);
  Make(options);
  Run(
      Connect(), Advance(absl::Seconds(3) - absl::Nanoseconds(1)), [] {},
      [this] {
        EXPECT_THAT(failures_, IsEmpty());
        clock_.Advance(absl::Nanoseconds(1));
      },
      Failures());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr("within 3s"));
}

TEST_F(TcpClientRetryTest, OptionsThatMakeNoSenseAreToldOnceAndNotTried) {
  TcpClientOptions options = To(server_.address());
  options.retry.jitter = 2;
  Make(options);
  Run(Connect(), Failures(), Advance(absl::Hours(1)));
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(RetryDelays(), ElementsAre(absl::InfiniteDuration()));
  EXPECT_FALSE(server_.HasWaiting());
}

TEST_F(TcpClientRetryTest, WithoutAServerItSaysSo) {
  Make({});
  Run(Connect(), Failures());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_THAT(std::string(failures_[0].status.message()),
              HasSubstr("server is not set"));
}

// --- Losing the connection. --------------------------------------------------

TEST_F(TcpClientRetryTest, ALostConnectionIsReplacedIfThatIsWanted) {
  Make(ToAgain(server_.address()));
  Run(Connect(), Connects(1), HangUp(), Closes(), Advance(kDelay), Connects(2));
  EXPECT_THAT(closes_,
              ElementsAre(CloseReason::kPeerClosed, CloseReason::kLoopEnded));
  EXPECT_EQ(connects_, 2);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(TcpClientRetryTest, ALostConnectionIsNotReplacedByDefault) {
  Make(To(server_.address()));
  Run(Connect(), Connects(), HangUp(), Closes(), Advance(absl::Hours(1)));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientRetryTest, AConnectionThatWasClosedHereIsNotReplaced) {
  Make(ToAgain(server_.address()));
  Run(
      Connect(), Connects(), [this] { client_->connection().local()->Close(); },
      Closes(), Advance(absl::Hours(1)));
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLocalClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientRetryTest, OnCloseMayConnectAgain) {
  Make(To(server_.address()));
  at_close_ = [this] {
    if (connects_ < 3) client_->Connect();
  };
  Run(Connect(), Connects(1), HangUp(), Connects(2), HangUp(), Connects(3));
  EXPECT_EQ(connects_, 3);
}

TEST_F(TcpClientRetryTest, OnCloseMayConnectAgainWhatEndedInItsOnConnect) {
  Make(To(server_.address()));
  at_connect_ = [this] {
    if (connects_ == 1) client_->connection().local()->ForceClose();
  };
  at_close_ = [this] {
    if (connects_ == 1) client_->Connect();
  };
  Run(
      Connect(), Connects(2), Advance(absl::Hours(1)), [] {},
      [this] { EXPECT_FALSE(client_->connection().closed()); });
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(connects_, 2);
}

TEST_F(TcpClientRetryTest, WhatWasShutDownHereIsNotReplaced) {
  Make(ToAgain(server_.address()));
  Run(
      Connect(), Connects(),
      [this] { client_->connection().local()->Shutdown(); }, HangUp(), Closes(),
      Advance(absl::Hours(1)));
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kPeerClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientRetryTest, OnCloseMayForbidToReconnect) {
  Make(ToAgain(server_.address()));
  at_close_ = [this] { client_->Disconnect(); };
  Run(Connect(), Connects(), HangUp(), Closes(), Advance(absl::Hours(1)));
  EXPECT_EQ(connects_, 1);
}

}  // namespace
}  // namespace rondo
