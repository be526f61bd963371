// Pools that are destroyed in every state, and what becomes of those who wait,
// hold a lease or are called back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/client/connection_pool.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ConnectionPoolEndTest : public ConnectionPoolFixture {
 protected:
  ManualServer server_;
  ManualServer other_;
};

TEST_F(ConnectionPoolEndTest, ClosesWhatIsIdleAndWhatIsLent) {
  MakePool();
  Borrower& lent = Borrow(server_.endpoint());
  const UniqueFd lent_peer = server_.Accept();
  Borrower& idle = Borrow(server_.endpoint());
  const UniqueFd idle_peer = server_.Accept();
  Return(idle);
  On([&] {
    DestroyPool();
    EXPECT_THAT(lent.heard, IsEmpty());  // not from inside the destructor
  });
  EXPECT_EQ(ReadToEnd(lent_peer), "");
  EXPECT_EQ(ReadToEnd(idle_peer), "");
  AwaitHeard(lent, "close force closed");
  EXPECT_THAT(Heard(idle), IsEmpty());
  On([&] { EXPECT_EQ(lent.lent->get(), nullptr); });
  Return(lent);
  Drop(lent);
  EXPECT_EQ(Heard(lent).size(), 1u);
}

TEST_F(ConnectionPoolEndTest, ForgetsWhoWaits) {
  MakePool({.max_per_endpoint = 1});
  BusyListener busy;
  bool destroyed = false;
  On([&] {
    Acquire(server_.endpoint());
    Acquire(server_.endpoint(), absl::Seconds(1));
    Acquire(busy.endpoint());
    borrowers_.emplace_back().request = pool_->Acquire(
        server_.endpoint(), kForever,
        [owned = OnDestroy([&] { destroyed = true; })](const auto&) {});
    DestroyPool();
    EXPECT_TRUE(destroyed);
  });
  Advance(absl::Hours(1));
  EXPECT_THAT(answered_, IsEmpty());
}

TEST_F(ConnectionPoolEndTest, ForgottenOnesMayOwnOtherRequestsAndLeases) {
  MakePool({.max_per_endpoint = 1});
  Borrower& lent = Borrow(server_.endpoint());
  On([&] {
    auto first = std::make_shared<Request>();
    auto second = std::make_shared<Request>();
    auto lease = std::make_shared<PooledConnection>(*std::move(lent.lent));
    *first = pool_->Acquire(server_.endpoint(), kForever,
                            [second, lease](const auto&) {});
    *second = pool_->Acquire(server_.endpoint(), kForever,
                             [first, lease](const auto&) {});
    first.reset();
    second.reset();
    lease.reset();
    DestroyPool();
  });
  EXPECT_EQ(ReadToEnd(server_.Accept()), "");
}

TEST_F(ConnectionPoolEndTest, CallbacksMayOwnThePool) {
  MakePool();
  Borrower& lent = Borrow(server_.endpoint());
  On([&] {
    auto pool =
        std::make_shared<std::unique_ptr<ConnectionPool>>(std::move(pool_));
    lent.lent->SetCallbacks({.on_message = [pool](TcpConnection&, Buffer&) {}});
    pool.reset();
    lent.lent->Return();
  });
  EXPECT_EQ(ReadToEnd(server_.Accept()), "");
}

TEST_F(ConnectionPoolEndTest, LeasesAndRequestsMayStayBehind) {
  MakePool({.max_per_endpoint = 1});
  Borrower& lent = Borrow(server_.endpoint());
  Borrower& waits = Acquire(server_.endpoint());
  On([&] {
    DestroyPool();
    waits.request.Withdraw();
    lent.lent->SetCallbacks({});
    (*lent.lent)->Send("nothing comes of it");
    lent.lent->Return();
  });
  EXPECT_EQ(ReadToEnd(server_.Accept()), "");
}

TEST_F(ConnectionPoolEndTest, LeasesMayOutliveTheLoop) {
  std::optional<PooledConnection> lease;
  {
    const auto thread = *EventLoopThread::Start();
    std::unique_ptr<ConnectionPool> pool;
    Request request;
    EventCount lent;
    thread->loop()->RunAndWait([&] {
      pool = std::make_unique<ConnectionPool>(thread->loop(),
                                              ConnectionPoolOptions{});
      request = pool->Acquire(server_.endpoint(), kForever, [&](auto result) {
        lease.emplace(*std::move(result));
        lent.Add();
      });
    });
    lent.Await(1);
    thread->loop()->RunAndWait([&] { pool.reset(); });
    thread->Stop();
    EXPECT_EQ(lease->get(), nullptr);
  }
  lease->Return();
}

TEST_F(ConnectionPoolEndTest, WithoutALoopThatRuns) {
  auto loop = EventLoop::Create();
  ConnectionPool pool(loop->get(), {});
  Request request = pool.Acquire(server_.endpoint(), kForever, [](const auto&) {
    ADD_FAILURE() << "nobody runs this";
  });
}

TEST_F(ConnectionPoolEndTest, AfterTheLoopsEnd) {
  MakePool();
  Borrower& lent = Borrow(server_.endpoint());
  thread_->Stop();
  EXPECT_THAT(Heard(lent), ElementsAre("close loop ended"));
  EXPECT_EQ(State(), kNothing);
}

TEST_F(ConnectionPoolEndTest, ByOneOfSeveralWhoAreServed) {
  MakePool();
  Borrower& a = Borrow(server_.endpoint());
  Borrower& b = Borrow(other_.endpoint());
  Return(a);
  Return(b);
  On([&] {
    Acquire(server_.endpoint(), kForever, [this](Borrower&) { DestroyPool(); });
    Acquire(other_.endpoint(), kForever, [](Borrower&) { ADD_FAILURE(); });
  });
  Await([&] { return pool_ == nullptr; });
  AwaitTurns();
}

TEST_F(ConnectionPoolEndTest, EndsItsIdleTimer) {
  MakePool({.idle_timeout = absl::Seconds(1)});
  const UniqueFd idle = MakeIdle(server_);
  On([&] { DestroyPool(); });
  Advance(absl::Hours(1));
}

TEST_F(ConnectionPoolEndTest, ByTheFirstOfTwoDialsThatEndInOneTurn) {
  for (int i = 0; i < 100; ++i) {
    MakePool({.idle_timeout = absl::Seconds(1)});
    On([&] {
      for (ManualServer* l : {&server_, &other_}) {
        Acquire(l->endpoint(), kForever, [this](Borrower&) { DestroyPool(); });
      }
    });
    Await([&] { return pool_ == nullptr; });
    AwaitTurns();
    Advance(absl::Seconds(2));
    On([&] {
      EXPECT_EQ(borrowers_[0].answers + borrowers_[1].answers, 1);
      borrowers_.clear();
    });
    server_.Accept();
    other_.Accept();
  }
}

TEST_F(ConnectionPoolEndTest, ByTheOtherCallbacks) {
  for (const std::string how : {"high", "low", "half", "timeout"}) {
    SCOPED_TRACE(how);
    MakePool({.dialer = {.limits = {.low_water_mark_bytes = 1,
                                    .high_water_mark_bytes = 2,
                                    .max_output_bytes = 100 << 20,
                                    .allow_half_close = true}}});
    borrowers_.clear();
    Borrower& b = Borrow(server_.endpoint());
    const UniqueFd peer = server_.Accept();
    On([&] {
      ConnectionCallbacks c;
      const auto end = [&](TcpConnection&) {
        if (b.lent) b.lent->Return();
        DestroyPool();
      };
      if (how == "high") c.on_high_water = end;
      if (how == "low") c.on_low_water = end;
      if (how == "half") c.on_half_close = end;
      if (how == "timeout") {
        c.on_timeout = [end](TcpConnection& t, CloseReason) { end(t); };
        (*b.lent)->ExpectWithin(absl::Seconds(1));
      }
      b.lent->SetCallbacks(std::move(c));
      if (how == "high" || how == "low") {
        (*b.lent)->Send(std::string(8 << 20, 'x'));
      }
    });
    if (how == "half") shutdown(peer.get(), SHUT_WR);
    if (how == "timeout") Advance(absl::Seconds(1));
    if (how == "low") ReadSome(peer, 8 << 20);
    Await([&] { return pool_ == nullptr; });
    On([&] { borrowers_.clear(); });
  }
}

}  // namespace
}  // namespace rondo
