// Callbacks that own whom they were given to, or who holds what they came from.
// AddressSanitizer is the judge of most of these.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/client/connection_pool.h"
#include "net/client/dialer.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

class ConnectionPoolOwnerTest : public ConnectionPoolFixture {
 protected:
  ManualServer server_;
  ManualServer other_;
};

TEST_F(ConnectionPoolOwnerTest, ARequestIsSetToNothing) {
  MakePool();
  On([&] {
    struct Session {
      Request request;
    };
    auto session = std::make_shared<Session>();
    Session* const s = session.get();
    s->request =
        pool_->Acquire(server_.endpoint(), kForever, [session](const auto&) {});
    session.reset();
    s->request = {};
  });
  AwaitTurns();
}

TEST_F(ConnectionPoolOwnerTest, ARequestInAnOptionalGoes) {
  MakePool();
  On([&] {
    struct Session {
      std::optional<Request> request;
    };
    auto session = std::make_shared<Session>();
    Session* const s = session.get();
    s->request =
        pool_->Acquire(server_.endpoint(), kForever, [session](const auto&) {});
    session.reset();
    s->request.reset();
  });
  AwaitTurns();
}

TEST_F(ConnectionPoolOwnerTest, ARequestIsReplaced) {
  MakePool();
  On([&] {
    auto asker = std::make_shared<Request>();
    Request& request = *asker;
    request =
        pool_->Acquire(server_.endpoint(), kForever, [asker](const auto&) {});
    asker.reset();
    request = pool_->Acquire(server_.endpoint(), kForever, [](const auto&) {});
  });
  AwaitTurns();
}

TEST_F(ConnectionPoolOwnerTest, ALeaseInAnOptionalGoes) {
  MakePool();
  Borrower& borrower = Borrow(server_.endpoint());
  On([&] {
    struct Session {
      std::optional<PooledConnection> lent;
    };
    auto session = std::make_shared<Session>();
    session->lent.emplace(*std::move(borrower.lent));
    session->lent->SetCallbacks(
        {.on_message = [session](TcpConnection&, Buffer&) {}});
    Session* const s = session.get();
    session.reset();
    s->lent.reset();
  });
  EXPECT_EQ(ReadToEnd(server_.Accept()), "");
}

TEST_F(ConnectionPoolOwnerTest, ALeaseIsMovedOver) {
  MakePool();
  Borrower& one = Borrow(server_.endpoint());
  Borrower& two = Borrow(server_.endpoint());
  On([&] {
    struct Session {
      explicit Session(PooledConnection c) : lent(std::move(c)) {}
      PooledConnection lent;
    };
    auto session = std::make_shared<Session>(*std::move(one.lent));
    Session* const s = session.get();
    s->lent.SetCallbacks({.on_message = [session](TcpConnection&, Buffer&) {}});
    session.reset();
    s->lent = *std::move(two.lent);
  });
  AwaitState(kNothing);
}

TEST_F(ConnectionPoolOwnerTest, APoolInAnOptionalGoes) {
  On([&] {
    struct Proxy {
      std::optional<ConnectionPool> pool;
    };
    auto proxy = std::make_shared<Proxy>();
    proxy->pool.emplace(loop(), ConnectionPoolOptions{});
    Proxy* const p = proxy.get();
    Request request =
        p->pool->Acquire(server_.endpoint(), kForever, [proxy](const auto&) {});
    proxy.reset();
    p->pool.reset();
  });
  AwaitTurns();
}

TEST_F(ConnectionPoolOwnerTest, ADialerInAnOptionalGoes) {
  On([&] {
    struct Proxy {
      std::optional<Dialer> dialer;
    };
    auto proxy = std::make_shared<Proxy>();
    proxy->dialer.emplace(loop(), DialerOptions{}, ConnectionCallbacks{});
    Proxy* const p = proxy.get();
    Request request =
        p->dialer->Dial(server_.endpoint(), [proxy](const auto&) {});
    proxy.reset();
    p->dialer.reset();
  });
  AwaitTurns();
}

TEST_F(ConnectionPoolOwnerTest, APoolThatEndsIsAskedAgain) {
  struct Proxy {
    explicit Proxy(EventLoop* loop) : pool(loop, {.max_per_endpoint = 1}) {}
    ConnectionPool pool;
  };
  Request again;
  On([&] {
    auto proxy = std::make_unique<Proxy>(loop());
    Proxy* const p = proxy.get();
    const Endpoint endpoint = server_.endpoint();
    Request request = p->pool.Acquire(
        endpoint, kForever, [owned = OnDestroy([&again, p, endpoint] {
                               again =
                                   p->pool.Acquire(endpoint, absl::Seconds(1),
                                                   [](const auto&) {});
                             })](const auto&) {});
    proxy.reset();
  });
  Advance(absl::Seconds(1));
  On([&] { again.Withdraw(); });
}

TEST_F(ConnectionPoolOwnerTest, ThePoolGoesWithADroppedCallback) {
  for (int i = 0; i < 5; ++i) {
    for (const std::string how :
         {"withdraw", "set", "return", "return in", "set in", "abandon",
          "abandon in", "answered", "assign", "close"}) {
      MakePool({.max_per_endpoint = 2});
      borrowers_.clear();
      Borrower& b = Borrow(server_.endpoint());
      Borrower& other = Borrow(server_.endpoint());
      const UniqueFd peer = server_.Accept();
      const UniqueFd peer2 = server_.Accept();
      Request r;
      On([&] {
        auto end = OnDestroy([this] { DestroyPool(); });
        if (how == "withdraw") {
          r = pool_->Acquire(server_.endpoint(), kForever,
                             [end](const auto&) {});
          end.reset();
          r.Withdraw();
        } else if (how == "answered") {
          r = pool_->Acquire(server_.endpoint(), kForever,
                             [end](const auto&) {});
          end.reset();
          other.lent->Return();
        } else {
          ConnectionCallbacks c;
          c.on_message = [&, end, how](TcpConnection&, Buffer& input) {
            input.Clear();
            if (how == "return in") b.lent->Return();
            if (how == "set in") b.lent->SetCallbacks({});
            if (how == "abandon in") b.lent.reset();
          };
          b.lent->SetCallbacks(std::move(c));
          end.reset();
          if (how == "set") b.lent->SetCallbacks({});
          if (how == "return") b.lent->Return();
          if (how == "abandon") b.lent.reset();
          if (how == "assign") *b.lent = *std::move(other.lent);
          if (how == "close") (*b.lent)->Close();
        }
      });
      Write(peer, "now");
      Await([&] { return pool_ == nullptr; });
      On([&] {
        r.Withdraw();
        borrowers_.clear();
      });
      AwaitTurns();
    }
  }
}

}  // namespace
}  // namespace rondo
