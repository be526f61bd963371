// How many connections a pool opens, and whom it serves first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "net/client/connect_attempt.h"
#include "net/client/connection_pool.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

class ConnectionPoolOrderTest : public ConnectionPoolFixture {
 protected:
  ManualServer server_;
  ManualServer other_;
};

TEST_F(ConnectionPoolOrderTest, OpensNoMoreThanTheLimitForAnEndpoint) {
  MakePool({.max_per_endpoint = 2});
  Borrow(server_.endpoint());
  Borrow(server_.endpoint());
  Acquire(server_.endpoint());
  AwaitTurns();
  EXPECT_EQ(State(), "0 idle, 2 lent, 0 dialing, 1 waiting");
  Borrow(other_.endpoint());  // whom the others do not hold up
}

TEST_F(ConnectionPoolOrderTest, OpensNoMoreThanTheLimitForAll) {
  MakePool({.max_total = 2});
  Borrow(server_.endpoint());
  Borrower& second = Borrow(other_.endpoint());
  const Borrower& waits = Acquire(server_.endpoint());
  AwaitTurns();
  EXPECT_EQ(State(), "0 idle, 2 lent, 0 dialing, 1 waiting");
  Drop(second);
  AwaitAnswer(waits);
  EXPECT_EQ(State(), "0 idle, 2 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolOrderTest, DialsCountInTheLimits) {
  MakePool({.max_per_endpoint = 1, .max_total = 2});
  BusyListener busy;
  Acquire(busy.endpoint());
  Acquire(busy.endpoint());
  Borrow(server_.endpoint());
  Acquire(other_.endpoint());
  AwaitTurns();
  EXPECT_EQ(State(), "0 idle, 1 lent, 1 dialing, 3 waiting");
  EXPECT_FALSE(other_.HasWaiting());
}

TEST_F(ConnectionPoolOrderTest, ForRoomTheLongestIdleOfAnotherEndpointGoes) {
  MakePool({.max_total = 3});
  Borrower& a = Borrow(server_.endpoint());
  Borrower& b = Borrow(other_.endpoint());
  Borrower& c = Borrow(other_.endpoint());
  const UniqueFd a_peer = server_.Accept();
  const UniqueFd b_peer = other_.Accept();
  const UniqueFd c_peer = other_.Accept();
  for (Borrower* borrower : {&b, &a, &c}) Return(*borrower);
  ManualServer third;
  Borrow(third.endpoint());
  EXPECT_EQ(ReadToEnd(b_peer), "");
  EXPECT_EQ(State(), "2 idle, 1 lent, 0 dialing, 0 waiting");
  Borrow(server_.endpoint());
  On([&] { EXPECT_TRUE(borrowers_.back().lent->reused()); });
}

TEST_F(ConnectionPoolOrderTest, ForRoomOneThatIsWantedGoesLast) {
  MakePool({.max_total = 2});
  const UniqueFd wanted = MakeIdle(server_);
  const UniqueFd unwanted = MakeIdle(other_);
  ManualServer third;
  On([&] {
    Acquire(third.endpoint());
    Acquire(server_.endpoint());
  });
  AwaitState("0 idle, 2 lent, 0 dialing, 0 waiting");
  EXPECT_EQ(ReadToEnd(unwanted), "");
  On([&] { EXPECT_TRUE(borrowers_.back().lent->reused()); });
}

TEST_F(ConnectionPoolOrderTest, ForRoomOneThatIsWantedGoesIfThereIsNoOther) {
  MakePool({.max_total = 1});
  const UniqueFd wanted = MakeIdle(server_);
  On([&] {
    Acquire(other_.endpoint());
    Acquire(server_.endpoint());
  });
  EXPECT_EQ(ReadToEnd(wanted), "");
  AwaitAnswer(borrowers_[1]);
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 1 waiting");
}

TEST_F(ConnectionPoolOrderTest, ADialForNobodyMakesRoomForWhoComes) {
  MakePool({.max_total = 1});
  BusyListener busy;
  Borrower& gone = Acquire(busy.endpoint());
  AwaitState("0 idle, 0 lent, 1 dialing, 1 waiting");
  On([&] { gone.request.Withdraw(); });
  Borrow(server_.endpoint());
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolOrderTest, ADialForNobodyMakesRoomForWhoWaits) {
  MakePool({.max_total = 2});
  BusyListener busy;
  Acquire(busy.endpoint());
  Borrower& gone = Acquire(busy.endpoint());
  const Borrower& waits = Acquire(server_.endpoint());
  AwaitState("0 idle, 0 lent, 2 dialing, 3 waiting");
  On([&] { gone.request.Withdraw(); });
  AwaitAnswer(waits);
  EXPECT_EQ(State(), "0 idle, 1 lent, 1 dialing, 1 waiting");
}

TEST_F(ConnectionPoolOrderTest, ForSeveralSeveralGo) {
  MakePool({.max_total = 2});
  const UniqueFd one = MakeIdle(server_);
  const UniqueFd two = MakeIdle(other_);
  ManualServer third;
  ManualServer fourth;
  Acquire(third.endpoint());
  Acquire(fourth.endpoint());
  AwaitState("0 idle, 2 lent, 0 dialing, 0 waiting");
  EXPECT_EQ(ReadToEnd(one), "");
  EXPECT_EQ(ReadToEnd(two), "");
}

TEST_F(ConnectionPoolOrderTest, DialsNoMoreThanThereAreWaiters) {
  MakePool();
  BusyListener busy;
  Borrower& first = Acquire(busy.endpoint());
  AwaitState("0 idle, 0 lent, 1 dialing, 1 waiting");
  On([&] { first.request.Withdraw(); });
  const Borrower& second = Acquire(busy.endpoint());
  AwaitTurns();
  EXPECT_EQ(State(), "0 idle, 0 lent, 1 dialing, 1 waiting");
  busy.Open();
  Advance(ConnectAttempt::kBacklogRetry);
  AwaitAnswer(second);
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolOrderTest, OneThatWasDialedForNobodyBecomesIdle) {
  MakePool({.idle_timeout = absl::Seconds(1)});
  BusyListener busy;
  Borrower& first = Acquire(busy.endpoint());
  AwaitState("0 idle, 0 lent, 1 dialing, 1 waiting");
  On([&] { first.request.Withdraw(); });
  busy.Open();
  Advance(ConnectAttempt::kBacklogRetry);
  AwaitState(kOneIdle);
  const Borrower& second = Borrow(busy.endpoint());
  On([&] {
    EXPECT_FALSE(second.lent->reused());
    EXPECT_EQ(pool_->counts().reused, 0u);
  });
}

TEST_F(ConnectionPoolOrderTest, WhatComesBackServesTheFirstBeforeHisDialDoes) {
  MakePool({.max_per_endpoint = 2});
  BusyListener busy;
  busy.Open();
  Borrower& lent = Borrow(busy.endpoint());  // and the backlog is full again
  const Borrower& first = Acquire(busy.endpoint());
  const Borrower& second = Acquire(busy.endpoint());
  AwaitState("0 idle, 1 lent, 1 dialing, 2 waiting");
  Return(lent);
  AwaitAnswer(first);
  EXPECT_EQ(State(), "0 idle, 1 lent, 1 dialing, 1 waiting");
  busy.Open();
  Advance(ConnectAttempt::kBacklogRetry);
  AwaitAnswer(second);
  EXPECT_EQ(State(), "0 idle, 2 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolOrderTest, ServesInOrderOfArrival) {
  MakePool({.max_per_endpoint = 1});
  Borrower* last = &Borrow(server_.endpoint());
  std::vector<Borrower*> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(&Acquire(server_.endpoint()));
  answered_.clear();
  for (Borrower* borrower : waiting) {
    Return(*std::exchange(last, borrower));
    AwaitAnswer(*borrower);
    On([&] { EXPECT_EQ(answered_.back(), borrower); });
  }
  EXPECT_EQ(answered_.size(), waiting.size());
}

// Or those of a busy endpoint would keep all connections for ever.
TEST_F(ConnectionPoolOrderTest, ServesInOrderOfArrivalAcrossEndpoints) {
  MakePool({.max_total = 1});
  Borrower& lent = Borrow(server_.endpoint());
  const Borrower& first = Acquire(other_.endpoint());
  const Borrower& second = Acquire(server_.endpoint());
  Return(lent);
  AwaitAnswer(first);
  AwaitTurns();
  EXPECT_EQ(Answers(second), 0);
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 1 waiting");
}

// He who has a dial under way is not in the way of him who came second.
TEST_F(ConnectionPoolOrderTest, TheOrderIsOfThoseForWhomNothingIsUnderWay) {
  MakePool({.max_total = 2});
  BusyListener busy;
  Borrower& lent = Borrow(server_.endpoint());
  Acquire(busy.endpoint());
  const Borrower& second = Acquire(other_.endpoint());
  Acquire(busy.endpoint());
  AwaitState("0 idle, 1 lent, 1 dialing, 3 waiting");
  Drop(lent);
  AwaitAnswer(second);
  EXPECT_TRUE(second.status.ok());
  EXPECT_EQ(State(), "0 idle, 1 lent, 1 dialing, 2 waiting");
}

TEST_F(ConnectionPoolOrderTest, AFullEndpointHoldsUpNobody) {
  MakePool({.max_per_endpoint = 1, .max_total = 2});
  Borrow(server_.endpoint());
  Acquire(server_.endpoint());
  Borrow(other_.endpoint());
  EXPECT_EQ(State(), "0 idle, 2 lent, 0 dialing, 1 waiting");
}

TEST_F(ConnectionPoolOrderTest, WhenOneClosesTheNextIsServed) {
  MakePool({.max_per_endpoint = 1});
  const Borrower& lent = Borrow(server_.endpoint());
  const Borrower& waits = Acquire(server_.endpoint());
  server_.Accept().Reset();
  AwaitAnswer(waits);
  EXPECT_THAT(Heard(lent), ElementsAre("close peer closed"));
  On([&] {
    EXPECT_EQ(lent.lent->get(), nullptr);
    EXPECT_FALSE(waits.lent->reused());
  });
}

TEST_F(ConnectionPoolOrderTest, WhoAlwaysComesAgainDoesNotKeepTheLoop) {
  MakePool();
  const UniqueFd idle = MakeIdle(server_);
  bool stop = false;
  int times = 0;
  const Borrower::Hook again = [&](Borrower& borrower) {
    borrower.lent->Return();
    ++times;
    if (!stop) Acquire(server_.endpoint(), kForever, borrower.on_answer);
  };
  Acquire(server_.endpoint(), kForever, again);
  Await([&] { return times >= 100; });  // and this runs in between
  On([&] { stop = true; });
  AwaitState(kOneIdle);
  On([&] { EXPECT_EQ(pool_->counts().reused, static_cast<uint64_t>(times)); });
}

TEST_F(ConnectionPoolOrderTest, ADroppedOneMakesRoomBeforeAnIdleOneGoes) {
  MakePool({.max_total = 3});
  ManualServer third;
  Borrower& trigger = Borrow(other_.endpoint());
  const UniqueFd trigger_peer = other_.Accept();
  Borrower& lent = Borrow(server_.endpoint());
  const UniqueFd lent_peer = server_.Accept();
  UniqueFd idle = MakeIdle(server_);
  EXPECT_EQ(State(), "1 idle, 2 lent, 0 dialing, 0 waiting");
  On([&] {
    trigger.on_message = [&](Borrower&, Buffer& input) {
      input.Clear();
      lent.lent.reset();
      Acquire(third.endpoint());
    };
  });
  Write(trigger_peer, "now");
  Await([&] { return borrowers_.size() == 4 && borrowers_.back().answered(); });
  EXPECT_EQ(State(), "1 idle, 2 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolOrderTest, ThoseForWhomOneIsIdleDoNotCountAsWaiting) {
  MakePool({.max_waiting = 1});
  Borrower& a = Borrow(server_.endpoint());
  Borrower& b = Borrow(server_.endpoint());
  Return(a);
  Return(b);
  On([&] {
    Acquire(server_.endpoint());
    Acquire(other_.endpoint());  // nobody waits but for this
  });
  Await([&] { return borrowers_.back().answered(); });
  EXPECT_TRUE(borrowers_.back().status.ok()) << borrowers_.back().status;
}

TEST_F(ConnectionPoolOrderTest, AThousandWaitersAreServedOverSeveralTurns) {
  MakePool({.max_per_endpoint = 1});
  Borrower& first = Borrow(server_.endpoint());
  constexpr int kWaiters = 1'000;
  int served = 0;
  int before = 0;
  int most_in_a_turn = 0;
  // A task of every turn.
  std::function<void()> look = [&] {
    most_in_a_turn = std::max(most_in_a_turn, served - before);
    before = served;
    if (served < kWaiters) loop()->QueueInLoop(look);
  };
  On([&] {
    for (int i = 0; i < kWaiters; ++i) {
      Acquire(server_.endpoint(), kForever, [&](Borrower& b) {
        ++served;
        b.lent->Return();
      });
    }
    first.lent->Return();
    look();
  });
  Await([&] { return before == kWaiters; });
  EXPECT_LT(most_in_a_turn, kWaiters);
}

TEST_F(ConnectionPoolOrderTest, WhoHasADialAndWhoHasNoneStayInOrder) {
  MakePool({.max_per_endpoint = 3});
  BusyListener busy;
  std::vector<Borrower*> all;
  for (int i = 0; i < 6; ++i) all.push_back(&Acquire(busy.endpoint()));
  AwaitState("0 idle, 0 lent, 3 dialing, 6 waiting");
  // One with a dial, one without, and the first of those without.
  On([&] {
    for (int i : {1, 4, 2}) all[i]->request.Withdraw();
  });
  AwaitTurns();
  EXPECT_EQ(State(), "0 idle, 0 lent, 3 dialing, 3 waiting");
  all.push_back(&Acquire(busy.endpoint()));
  for (int i : {0, 3, 5}) {
    busy.Open();
    Advance(ConnectAttempt::kBacklogRetry);
    AwaitAnswer(*all[i]);
  }
  EXPECT_EQ(State(), "0 idle, 3 lent, 0 dialing, 1 waiting");
  Return(*all[3]);
  AwaitAnswer(*all[6]);
}

}  // namespace
}  // namespace rondo
