// Servers and loops that go while clients are talking to them, again and again.
// What matters is what sanitizers say, that nothing hangs and nothing is left.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/net/tcp/echo_swarm.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/seed.h"

namespace rondo {
namespace {

constexpr int kTimes = 100;
constexpr int kClients = 12;

class DestroyUnderLoadTest : public ServerFixture {
 protected:
  // `kTimes` over: starts a server, lets clients loose on it and, after a
  // random number of connections, calls `end`. Clients go on until refused.
  void Repeat(const std::function<void()>& end) {
    const uint32_t seed = ChooseSeed();
    std::mt19937 random(seed);
    for (int i = 0; i < kTimes && !HasFailure(); ++i) {
      StartOne(i);
      EchoSwarmOptions swarm = Swarm(seed + i);
      std::thread clients([&] { RunEchoSwarm(swarm); });
      const uint64_t enough = random() % 60;
      AwaitTrue([&] { return server_->opened_connections() >= enough; });
      end();
      server_.reset();
      ended_ = true;  // from here on a callback is a failure
      clients.join();
      ended_ = false;
      if (acceptor_thread_ == nullptr) acceptor_thread_ = StartLoopThread();
    }
  }

  void StartOne(int i) {
    TcpServerOptions options = LoopbackOptions(i % 4);
    options.listen = {OwnLoopback()};
    if (i % 3 == 1) options.placement = Placement::kLeastConnections;
    if (i % 3 == 2) options.placement = Placement::kReusePort;
    Start(options, Callbacks());
  }

  EchoSwarmOptions Swarm(uint32_t seed) {
    return {.server = address(),
            .clients = kClients,
            .connections_each = 1'000'000,
            .max_bytes = 20'000,
            .percent_leaving_early = 20,
            .server_may_end = true,
            .seed = seed};
  }

  // Echo, with a look at the test's state in each callback.
  ConnectionCallbacks Callbacks() {
    return {
        .on_connect =
            [this](TcpConnection& c) {
              Check();
              Keep(c.handle());
            },
        .on_message =
            [this](TcpConnection& c, Buffer& input) {
              Check();
              c.Send(input.view());
              input.Clear();
            },
        .on_write_complete = [this](TcpConnection&) { Check(); },
        .on_close = [this](TcpConnection&, CloseReason) { Check(); },
    };
  }

  void Check() const {
    EXPECT_FALSE(ended_) << "a callback after the server's end";
  }

  void Keep(ConnectionHandle handle) {
    std::lock_guard lock(mu_);
    handles_[next_handle_++ % kHandles] = std::move(handle);
  }

  ConnectionHandle SomeHandle(uint32_t random) {
    std::lock_guard lock(mu_);
    return handles_[random % kHandles];
  }

  // Meddles with connections from outside until told to stop.
  void Meddle(const std::atomic<bool>& stop) {
    std::mt19937 random(4'711);
    while (!stop) {
      const ConnectionHandle handle = SomeHandle(random());
      switch (random() % 16) {
        case 0:
          handle.ForceClose();
          break;
        case 1:
          handle.Close();
          break;
        default:
          handle.Run([](TcpConnection* c) {
            EXPECT_TRUE(c == nullptr || !c->closed());
          });
          std::this_thread::yield();
      }
    }
  }

 private:
  static constexpr size_t kHandles = 32;

  std::atomic<bool> ended_ = false;
  std::mutex mu_;
  ConnectionHandle handles_[kHandles];
  size_t next_handle_ = 0;
};

TEST_F(DestroyUnderLoadTest, TheServer) {
  Repeat([] {});
}

TEST_F(DestroyUnderLoadTest, TheServerWhileSeveralStopIt) {
  Repeat([this] {
    std::thread one([this] { server_->Stop(); });
    std::thread two([this] { server_->Stop(); });
    one.join();
    two.join();
  });
}

TEST_F(DestroyUnderLoadTest, TheServerAfterItsAcceptorsLoopEnded) {
  std::unique_ptr<EventLoopThread> ended;
  Repeat([this, &ended] {
    // The one before had no server any more.
    ended = std::move(acceptor_thread_);
    ended->loop()->Stop();
  });
}

TEST_F(DestroyUnderLoadTest, TheServerWhileHandlesAreUsed) {
  std::atomic<bool> stop = false;
  std::thread meddler([&] { Meddle(stop); });
  Repeat([] {});
  stop = true;
  meddler.join();
}

}  // namespace
}  // namespace rondo
