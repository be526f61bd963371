// What becomes of a connection that is given back, or dropped. What a borrower
// hears is in pooled_connection_callbacks_test.cc.
#include "net/client/pooled_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/tcp/connection_handle.h"
#include "tests/net/client/pooled_connection_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PooledConnectionTest = PooledConnectionFixture;

// --- Given back. -------------------------------------------------------------

TEST_F(PooledConnectionTest, IsReturnedInsideItsOwnCallback) {
  Borrower& borrower = Begin();
  HandleOnce(borrower, "answer", [](Borrower& b, Buffer& input) {
    input.Clear();
    b.lent->Return();
    EXPECT_EQ(b.lent->get(), nullptr);
  });
  AwaitState(kOneIdle);
  Borrow(server_.endpoint());
}

// What a Return() in the middle of a handler means shows at its end.
TEST_F(PooledConnectionTest, InputIsConsumedAfterTheReturn) {
  Borrower& borrower = Begin();
  HandleOnce(borrower, "answer", [](Borrower& b, Buffer& input) {
    b.lent->Return();
    input.Clear();
  });
  AwaitState(kOneIdle);
}

TEST_F(PooledConnectionTest, InputThatIsLeftClosesIt) {
  Borrower& borrower = Begin();
  HandleOnce(borrower, "answer and more", [](Borrower& b, Buffer& input) {
    input.Consume(6);
    b.lent->Return();
  });
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState(kNothing);
  EXPECT_THAT(Heard(borrower), ElementsAre("message answer and more"));
}

TEST_F(PooledConnectionTest, InputThatWasLeftBeforeClosesIt) {
  Borrower& borrower = Begin();
  HandleOnce(borrower, "half an answer", [](Borrower&, Buffer&) {});
  Return(borrower);
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, InputInTheKernelClosesIt) {
  MakePool();
  ManualServer server(
      AbstractAddress());  // where what is written is there at once
  Borrower& borrower = Borrow(server.endpoint());
  const UniqueFd peer = server.Accept();
  On([&] {
    Write(peer, "unread");
    borrower.lent->Return();
    EXPECT_EQ(pool_->idle(), 0u);
  });
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, OutputThatIsLeftIsSentAndClosesIt) {
  Borrower& borrower = Begin(ForMuch());
  On([&] {
    (*borrower.lent)->Send(std::string(kMuchBytes, 'x'));
    borrower.lent->Return();
  });
  AwaitState(kNothing);
  EXPECT_EQ(ReadToEnd(peer_).size(), kMuchBytes);
  EXPECT_THAT(Heard(borrower), IsEmpty());
}

TEST_F(PooledConnectionTest, WhatIsLeftToBeSentKeepsItsPlaceInTheLimits) {
  Borrower& borrower = Begin(ForMuch());
  On([&] {
    (*borrower.lent)->Send(std::string(kMuchBytes, 'x'));
    borrower.lent->Return();
  });
  const Borrower& next = Acquire(server_.endpoint());
  AwaitTurns();
  EXPECT_EQ(Answers(next), 0);
  ReadToEnd(peer_);
  AwaitAnswer(next);
}

TEST_F(PooledConnectionTest, IsReturnedWhenAllIsWritten) {
  Borrower& borrower = Begin(ForMuch());
  On([&] {
    borrower.lent->SetCallbacks({.on_write_complete = [&](TcpConnection&) {
      borrower.lent->Return();
    }});
    (*borrower.lent)->Send(std::string(kMuchBytes, 'x'));
  });
  ReadSome(peer_, kMuchBytes);
  AwaitState(kOneIdle);
}

TEST_F(PooledConnectionTest, AFinThatWasSentClosesIt) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->Shutdown(); });
  Return(borrower);
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, AFinThatWasReceivedClosesIt) {
  Borrower& borrower =
      Begin({.dialer = {.limits = {.allow_half_close = true}}});
  shutdown(peer_.get(), SHUT_WR);
  AwaitHeard(borrower, "half close");
  Return(borrower);
  AwaitState(kNothing);
  EXPECT_EQ(ReadToEnd(peer_), "");
}

TEST_F(PooledConnectionTest, AHoldClosesIt) {
  Borrower& borrower = Begin();
  On([&] {
    const ConnectionHold hold = (*borrower.lent)->Hold();
    borrower.lent->Return();
  });
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, BytesInItsMailboxCloseIt) {
  Borrower& borrower = Begin();
  On([&] {
    const ConnectionHandle handle = (*borrower.lent)->handle();
    handle.Send("on its way");
    borrower.lent->Return();
  });
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, WhoPressesItStillClosesIt) {
  Borrower& borrower =
      Begin({.dialer = {.limits = {.low_water_mark_bytes = 1,
                                   .high_water_mark_bytes = 2}}});
  Borrower& other = Borrow(server_.endpoint());
  const UniqueFd other_peer = server_.Accept();
  On([&] {
    (*other.lent)->SetFeeder((*borrower.lent)->handle());
    (*other.lent)->Send(std::string(kMuchBytes, 'x'));
  });
  AwaitHeard(other, "high water");
  Return(borrower);
  AwaitState("0 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(PooledConnectionTest, IsReadAgainByTheNext) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->PauseReading(); });
  Return(borrower);
  const Borrower& next = Borrow(server_.endpoint());
  On([&] { EXPECT_TRUE(next.lent->reused()); });
  Write(peer_, "answer");
  AwaitHeard(next, "message answer");
}

TEST_F(PooledConnectionTest, AnExpectationDoesNotConcernTheNext) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->ExpectWithin(absl::Seconds(1)); });
  Return(borrower);
  const Borrower& next = Borrow(server_.endpoint());
  Advance(absl::Seconds(2));
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
  EXPECT_THAT(Heard(next), IsEmpty());
}

TEST_F(PooledConnectionTest, AFeederIsNotTheNextOnes) {
  Borrower& borrower = Begin();
  Borrower& feeder = Borrow(server_.endpoint());
  const UniqueFd feeder_peer = server_.Accept();
  On([&] { (*borrower.lent)->SetFeeder((*feeder.lent)->handle()); });
  Return(borrower);
  Borrower& next = Borrow(server_.endpoint());
  On([&] {
    EXPECT_TRUE(next.lent->reused());
    (*next.lent)->Send(std::string(kMuchBytes, 'x'));
  });
  AwaitHeard(next, "high water");
  Write(feeder_peer, "still read");
  AwaitHeard(feeder, "message still read");
}

TEST_F(PooledConnectionTest, ReturningTwiceIsReturningOnce) {
  Borrower& borrower = Begin();
  Return(borrower);
  Return(borrower);
  Drop(borrower);
  AwaitTurns();
  EXPECT_EQ(State(), kOneIdle);
}

// --- Destroyed. --------------------------------------------------------------

TEST_F(PooledConnectionTest, DestroyingItClosesTheConnection) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->Send("quest"); });
  EXPECT_EQ(ReadSome(peer_, 5), "quest");
  Drop(borrower);
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState(kNothing);
  EXPECT_THAT(Heard(borrower), ElementsAre("write complete"));
}

TEST_F(PooledConnectionTest, IsDestroyedInsideItsOwnCallback) {
  Borrower& borrower = Begin();
  HandleOnce(borrower, "nonsense",
             [](Borrower& b, Buffer&) { b.lent.reset(); });
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState(kNothing);
}

TEST_F(PooledConnectionTest, AnotherInItsPlaceClosesTheConnection) {
  Borrower& borrower = Begin();
  Borrower& other = Borrow(server_.endpoint());
  On([&] {
    TcpConnection* const kept = other.lent->get();
    borrower.lent = std::move(other.lent);
    EXPECT_EQ(borrower.lent->get(), kept);
    EXPECT_EQ(other.lent->get(), nullptr);
    *borrower.lent = std::move(*borrower.lent);
    EXPECT_EQ(borrower.lent->get(), kept);
  });
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState("0 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(PooledConnectionTest, MayBelongToItsOwnCallbacks) {
  Begin();
  On([&] {
    auto lent = std::make_shared<std::optional<PooledConnection>>(
        std::exchange(borrowers_.front().lent, std::nullopt));
    (*lent)->SetCallbacks({.on_message = [lent](TcpConnection&, Buffer& input) {
      input.Clear();
      (*lent)->SetCallbacks({});
    }});
  });
  Write(peer_, "answer");
  EXPECT_EQ(ReadToEnd(peer_), "");
  AwaitState(kNothing);
}

}  // namespace
}  // namespace rondo
