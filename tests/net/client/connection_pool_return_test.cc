// Leases that are given back by a callback, and what is counted of them.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "net/client/connection_pool.h"
#include "net/client/pooled_connection.h"
#include "tests/net/client/connection_pool_fixture.h"

namespace rondo {
namespace {

class ConnectionPoolReturnTest : public ConnectionPoolFixture {
 protected:
  ConnectionPool::Counts Counts() {
    ConnectionPool::Counts counts;
    On([&] { counts = pool_->counts(); });
    return counts;
  }

  ManualServer server_;
  ManualServer other_;
};

TEST_F(ConnectionPoolReturnTest, WhenAllIsWrittenThoughItWasMuch) {
  MakePool({.dialer = {.limits = {.low_water_mark_bytes = 64 << 10,
                                  .high_water_mark_bytes = 128 << 10}}});
  Borrower& borrower = Borrow(server_.endpoint());
  const UniqueFd peer = server_.Accept();
  constexpr size_t kMuch = 8 << 20;
  On([&] {
    borrower.lent->SetCallbacks({.on_write_complete = [&](TcpConnection&) {
      borrower.lent->Return();
    }});
    (*borrower.lent)->Send(std::string(kMuch, 'x'));
  });
  ReadSome(peer, kMuch);
  Await([&] { return pool_->lent() == 0; });
  AwaitTurns();
  EXPECT_EQ(State(), kOneIdle);
}

TEST_F(ConnectionPoolReturnTest, InOnTimeout) {
  MakePool();
  Borrower& b = Borrow(server_.endpoint());
  On([&] {
    b.lent->SetCallbacks({.on_timeout = [&](TcpConnection&, CloseReason) {
      b.lent->Return();
      Acquire(server_.endpoint());
    }});
    (*b.lent)->ExpectWithin(absl::Seconds(1));
  });
  Advance(absl::Seconds(1));
  Await([&] { return borrowers_.back().answered() && borrowers_.size() == 2; });
  On([&] { EXPECT_TRUE(borrowers_.back().holds()); });
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolReturnTest, EachLimitIsCounted) {
  MakePool(
      {.max_total = 1, .max_waiting = 1, .idle_timeout = absl::Seconds(5)});
  const UniqueFd evicted = MakeIdle(server_);
  Borrower& lent = Borrow(other_.endpoint());
  const Borrower& late = Acquire(other_.endpoint(), absl::Seconds(1));
  const Borrower& refused = Acquire(other_.endpoint());
  AwaitAnswer(refused);
  Advance(absl::Seconds(1));
  AwaitAnswer(late);
  Return(lent);
  Borrower& again = Borrow(other_.endpoint());
  Return(again);
  Advance(absl::Seconds(5));
  AwaitState(kNothing);
  const ConnectionPool::Counts counts = Counts();
  EXPECT_EQ(counts.evicted, 1u);
  EXPECT_EQ(counts.refused, 1u);
  EXPECT_EQ(counts.timed_out, 1u);
  EXPECT_EQ(counts.reused, 1u);
  EXPECT_EQ(counts.expired, 1u);
  EXPECT_EQ(counts.stale, 0u);
}

}  // namespace
}  // namespace rondo
