// What becomes of connections that nobody uses.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "net/client/connection_pool.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

class ConnectionPoolIdleTest : public ConnectionPoolFixture {
 protected:
  ManualServer server_;
  ManualServer other_;
};

TEST_F(ConnectionPoolIdleTest, AnIdleOneThatThePeerClosesGoes) {
  MakePool();
  MakeIdle(server_).Reset();
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolIdleTest, AnIdleOneThatThePeerHalfClosesGoes) {
  MakePool({.dialer = {.limits = {.allow_half_close = true}}});
  const UniqueFd peer = MakeIdle(server_);
  shutdown(peer.get(), SHUT_WR);
  AwaitState(kNothing);
  EXPECT_EQ(ReadToEnd(peer), "");
}

TEST_F(ConnectionPoolIdleTest, AnIdleOneThatThePeerResetsGoes) {
  MakePool();
  CloseWithReset(MakeIdle(server_));
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolIdleTest, AnIdleOneThatThePeerTalksToGoes) {
  MakePool();
  const UniqueFd peer = MakeIdle(server_);
  Write(peer, "!");
  AwaitState(kNothing);
  EXPECT_EQ(ReadToEnd(peer), "");
}

// What happens behind the loop's back: in the turn in which it is lent, after
// the loop has asked the poller.
class ConnectionPoolLookTest
    : public ConnectionPoolIdleTest,
      public ::testing::WithParamInterface<const char*> {};

TEST_P(ConnectionPoolLookTest, IsLookedAtOnceMoreBeforeItIsLent) {
  MakePool();
  UniqueFd idle = MakeIdle(server_);
  Borrower& trigger = Borrow(other_.endpoint());
  On([&] {
    trigger.on_message = [&](Borrower&, Buffer& input) {
      input.Clear();
      const std::string what = GetParam();
      if (what == "Byte") Write(idle, "!");
      if (what == "Fin") shutdown(idle.get(), SHUT_WR);
      if (what == "Reset") CloseWithReset(std::move(idle));
      Acquire(server_.endpoint());
    };
  });
  Write(other_.Accept(), "now");
  Await([&] { return borrowers_.back().answered() && borrowers_.size() == 3; });
  On([&] {
    EXPECT_TRUE(borrowers_.back().holds());
    EXPECT_FALSE(borrowers_.back().lent->reused());
    EXPECT_EQ(pool_->counts().reused, 0u);
  });
}

INSTANTIATE_TEST_SUITE_P(Each, ConnectionPoolLookTest,
                         ::testing::Values("Byte", "Fin", "Reset"),
                         [](const auto& info) { return info.param; });

TEST_F(ConnectionPoolIdleTest, EachIdleOneHasItsOwnTime) {
  MakePool({.idle_timeout = absl::Seconds(10)});
  Borrower& a = Borrow(server_.endpoint());
  Borrower& b = Borrow(server_.endpoint());
  Borrower& c = Borrow(other_.endpoint());
  Return(a);
  Advance(absl::Seconds(4));
  Return(b);
  Return(c);
  Advance(absl::Milliseconds(5'999));
  EXPECT_EQ(State(), "3 idle, 0 lent, 0 dialing, 0 waiting");
  Advance(absl::Milliseconds(1));
  AwaitState("2 idle, 0 lent, 0 dialing, 0 waiting");
  Advance(absl::Milliseconds(3'999));
  EXPECT_EQ(State(), "2 idle, 0 lent, 0 dialing, 0 waiting");
  Advance(absl::Milliseconds(1));
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolIdleTest, BeingLentBeginsTheIdleTimeAnew) {
  MakePool({.idle_timeout = absl::Seconds(10)});
  const UniqueFd peer = MakeIdle(server_);
  Advance(absl::Seconds(9));
  Borrower& borrower = Borrow(server_.endpoint());
  Advance(absl::Seconds(9));
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
  Return(borrower);
  Advance(absl::Seconds(9));
  EXPECT_EQ(State(), kOneIdle);
  Advance(absl::Seconds(1));
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolIdleTest, IdleOnesCanStayForEver) {
  MakePool({.idle_timeout = kForever});
  const UniqueFd peer = MakeIdle(server_);
  Advance(absl::Hours(1'000));
  EXPECT_EQ(State(), kOneIdle);
}

TEST_F(ConnectionPoolIdleTest, WithoutIdleTimeOneServesThoseWhoWaitAndGoes) {
  MakePool({.max_per_endpoint = 1, .idle_timeout = absl::ZeroDuration()});
  Borrower& first = Borrow(server_.endpoint());
  Borrower& second = Acquire(server_.endpoint());
  Return(first);
  AwaitAnswer(second);
  On([&] { EXPECT_TRUE(second.lent->reused()); });
  Return(second);
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolIdleTest, AStaleOneCostsNoLivingOne) {
  MakePool({.max_total = 3});
  ManualServer third;
  Borrower& trigger = Borrow(third.endpoint());
  const UniqueFd trigger_peer = third.Accept();
  const UniqueFd alive = MakeIdle(server_);
  UniqueFd dead = MakeIdle(other_);
  On([&] {
    trigger.on_message = [&](Borrower&, Buffer& input) {
      input.Clear();
      dead.Reset();  // behind the loop's back, as in ConnectionPoolLookTest
      Acquire(other_.endpoint());
    };
  });
  Write(trigger_peer, "now");
  Await([&] { return borrowers_.size() == 4 && borrowers_.back().answered(); });
  EXPECT_EQ(State(), "1 idle, 2 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolIdleTest, WhoWaitsIsServedThoughAnotherExpires) {
  MakePool({.max_per_endpoint = 1, .idle_timeout = absl::ZeroDuration()});
  Borrower& a = Borrow(other_.endpoint());
  Borrower& b = Borrow(server_.endpoint());
  Borrower& waits = Acquire(server_.endpoint());
  On([&] {
    a.lent->Return();  // nobody waits for it: arms the idle timer
    b.lent->Return();  // somebody waits for it
  });
  AwaitAnswer(waits);
  On([&] { EXPECT_TRUE(waits.lent->reused()); });
}

TEST_F(ConnectionPoolIdleTest, AStaleOneKeepsItsPlaceInTheEndpointsLimit) {
  MakePool({.max_per_endpoint = 1});
  UniqueFd idle = MakeIdle(server_);
  Borrower& trigger = Borrow(other_.endpoint());
  std::string state;
  On([&] {
    trigger.on_message = [&](Borrower&, Buffer& input) {
      input.Clear();
      idle.Reset();
      Acquire(server_.endpoint());
      // Behind the timer that serves.
      loop()->RunAfter(absl::ZeroDuration(),
                       [&] { state = std::to_string(pool_->dialing()); });
    };
  });
  Write(other_.Accept(), "now");
  Await([&] { return borrowers_.size() == 3 && borrowers_.back().answered(); });
  EXPECT_EQ(state, "0");
}

}  // namespace
}  // namespace rondo
