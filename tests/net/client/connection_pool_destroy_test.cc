// Pools that are destroyed by their callbacks, many times over. What matters is
// what sanitizers say.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "net/client/connection_pool.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

constexpr int kTimes = 1'000;

// The server echoes, and closes when it is told "bye".
class ConnectionPoolDestroyTest : public ConnectionPoolFixture {
 protected:
  // On the loop, after the pool was made; calls DestroyPool() some time.
  using Scene = std::function<void()>;

  ConnectionPoolDestroyTest()
      : server_thread_(*EventLoopThread::Start()),
        server_(server_thread_->loop(),
                {.listen = {*InetAddress::Parse("127.0.0.1:0")}},
                {.on_message = [](TcpConnection& c, Buffer& input) {
                  c.Send(input.view());
                  if (input.view() == "bye") c.Close();
                  input.Clear();
                }}) {
    EXPECT_TRUE(server_.Start().ok());
  }

  Endpoint endpoint() const { return server_.addresses().front(); }
  static Endpoint nobody() { return AbstractAddress(); }

  void Repeat(const Scene& scene, ConnectionPoolOptions options = {}) {
    for (int i = 0; i < kTimes && !HasFailure(); ++i) {
      MakePool(options);
      On(scene);
      Await([this] { return pool_ == nullptr; });
      On([this] {
        borrowers_.clear();
        answered_.clear();
      });
    }
  }

  // Whoever gets one asks the server `question`, and then `then` happens.
  Borrower& Ask(const std::string& question, Borrower::Hook then) {
    return Acquire(endpoint(), kForever, [question, then](Borrower& b) {
      b.on_message = [then](Borrower& self, Buffer& input) {
        input.Clear();
        then(self);
      };
      (*b.lent)->Send(question);
    });
  }

  std::unique_ptr<EventLoopThread> server_thread_;
  TcpServer server_;
};

TEST_F(ConnectionPoolDestroyTest, Unused) {
  Repeat([this] { DestroyPool(); });
}

TEST_F(ConnectionPoolDestroyTest, WithOneWhoHasJustCome) {
  Repeat([this] {
    Acquire(endpoint());
    DestroyPool();
  });
}

TEST_F(ConnectionPoolDestroyTest, WhileDialing) {
  Repeat([this] {
    Acquire(endpoint());
    Acquire(nobody());
    loop()->RunAfter(absl::ZeroDuration(), [this] { DestroyPool(); });
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneIsLent) {
  Repeat(
      [this] {
        Acquire(endpoint(), kForever, [this](Borrower&) { DestroyPool(); });
        Acquire(endpoint());
        Acquire(nobody());
      },
      {.max_per_endpoint = 1});
}

TEST_F(ConnectionPoolDestroyTest, WhenOneIsLentAgain) {
  Repeat([this] {
    Acquire(endpoint(), kForever, [this](Borrower& b) {
      b.lent->Return();
      Acquire(endpoint(), kForever, [this](Borrower&) { DestroyPool(); });
      Acquire(endpoint());
    });
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneFails) {
  Repeat([this] {
    Acquire(nobody(), kForever, [this](Borrower&) { DestroyPool(); });
    Acquire(endpoint());
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneIsRefused) {
  Repeat(
      [this] {
        Acquire(endpoint());
        Acquire(endpoint(), kForever, [this](Borrower&) { DestroyPool(); });
        Acquire(endpoint());
      },
      {.max_waiting = 1});
}

TEST_F(ConnectionPoolDestroyTest, WhenOneIsTooLate) {
  Repeat([this] {
    Acquire(endpoint(), absl::ZeroDuration(),
            [this](Borrower&) { DestroyPool(); });
    Acquire(endpoint(), absl::ZeroDuration());
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenAnAnswerComes) {
  Repeat([this] { Ask("hello", [this](Borrower&) { DestroyPool(); }); });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneWasReturned) {
  Repeat([this] {
    Ask("hello", [this](Borrower& b) {
      b.lent->Return();
      DestroyPool();
    });
  });
}

TEST_F(ConnectionPoolDestroyTest, BeforeOneIsReturned) {
  Repeat([this] {
    Ask("hello", [this](Borrower& b) {
      DestroyPool();
      b.lent->Return();
    });
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneIsIdle) {
  Repeat([this] {
    Ask("hello", [this](Borrower& b) {
      b.lent->Return();
      loop()->QueueInLoop([this] { DestroyPool(); });
    });
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenAllIsWritten) {
  Repeat([this] {
    Acquire(endpoint(), kForever, [this](Borrower& b) {
      b.lent->SetCallbacks(
          {.on_write_complete = [this](TcpConnection&) { DestroyPool(); }});
      (*b.lent)->Send("hello");
    });
  });
}

TEST_F(ConnectionPoolDestroyTest, WhenOneCloses) {
  Repeat([this] {
    Ask("bye", [this](Borrower& b) {
      b.on_close = [this](Borrower&) { DestroyPool(); };
    });
    Acquire(endpoint());
  });
}

// In the last step of a turn.
TEST_F(ConnectionPoolDestroyTest, WhenTheTurnsGarbageGoes) {
  Repeat([this] {
    Ask("hello", [this](Borrower&) {
      loop()->DeferDelete(std::make_unique<std::shared_ptr<void>>(
          OnDestroy([this] { DestroyPool(); })));
    });
  });
}

}  // namespace
}  // namespace rondo
