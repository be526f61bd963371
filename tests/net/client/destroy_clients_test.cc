// Clients that other threads destroy in every state, again and again. What
// matters is what sanitizers say, that nothing hangs, and that no callback
// comes after the destructor.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string_view>
#include <utility>

#include "net/client/resolver.h"
#include "net/client/tcp_client.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/client/dns_server.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/seed.h"

namespace rondo {
namespace {

constexpr int kTimes = 1'000;

class DestroyClientsTest : public ServerFixture {
 protected:
  DestroyClientsTest() { Start(LoopbackOptions(/*threads=*/1)); }

  // A client on a loop of another thread, whose callbacks must not come once
  // it is gone.
  std::unique_ptr<TcpClient> Make(TcpClientOptions options) {
    auto gone = std::make_shared<std::atomic<bool>>(false);
    gone_ = gone;
    const auto check = [gone] { EXPECT_FALSE(*gone); };
    return std::make_unique<TcpClient>(
        client_thread_->loop(), std::move(options),
        ConnectionCallbacks{
            .on_connect =
                [this, check](TcpConnection& c) {
                  check();
                  c.Send("hello");
                  ++connects_;
                },
            .on_message =
                [this, check](TcpConnection& c, Buffer& input) {
                  check();
                  c.Send(input.view());
                  input.Clear();
                  ++messages_;
                },
            .on_close = [check](TcpConnection&, CloseReason) { check(); }},
        [this, check](const ConnectFailure&) {
          check();
          ++failures_;
        });
  }

  void Destroy(std::unique_ptr<TcpClient> client) {
    client.reset();
    *gone_ = true;
  }

  TcpClientOptions To(const InetAddress& address) {
    return {.server = address,
            .retry = {.initial_delay = absl::Microseconds(50)},
            .reconnect = true};
  }

  std::unique_ptr<EventLoopThread> client_thread_ = StartLoopThread();
  std::shared_ptr<std::atomic<bool>> gone_;
  std::atomic<int> connects_{0};
  std::atomic<int> messages_{0};
  std::atomic<int> failures_{0};
};

TEST_F(DestroyClientsTest, Idle) {
  for (int i = 0; i < kTimes; ++i) Destroy(Make(To(address())));
}

TEST_F(DestroyClientsTest, SomewhereOnTheWayToItsConnection) {
  for (int i = 0; i < kTimes; ++i) {
    auto client = Make(To(address()));
    client->Connect();
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, WhileItsConnectionTalks) {
  for (int i = 0; i < kTimes; ++i) {
    const int before = messages_;
    auto client = Make(To(address()));
    client->Connect();
    AwaitTrue([&] { return messages_ > before; });
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, WhileItTriesAgainAndAgain) {
  const RefusingAddress nobody;
  for (int i = 0; i < kTimes; ++i) {
    const int before = failures_;
    auto client = Make(To(nobody.address()));
    client->Connect();
    AwaitTrue([&] { return failures_ > before; });
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, WhileItsNameIsLookedUp) {
  DnsServer names;
  names.SetDefault({.silent = true});
  std::unique_ptr<Resolver> resolver;
  client_thread_->loop()->RunAndWait([&] {
    resolver = std::make_unique<Resolver>(
        client_thread_->loop(), ResolverOptions{.servers = {names.address()}});
  });
  for (int i = 0; i < kTimes; ++i) {
    TcpClientOptions options = To(address());
    options.server = *Endpoint::Parse("server.example:80");
    options.dialer.resolver = resolver.get();
    auto client = Make(std::move(options));
    client->Connect();
    if (i % 2 == 0) client_thread_->loop()->RunAndWait([] {});
    Destroy(std::move(client));
  }
  client_thread_->loop()->RunAndWait([&] { resolver.reset(); });
}

TEST_F(DestroyClientsTest, WhileItsConnectionCloses) {
  for (int i = 0; i < kTimes; ++i) {
    const int before = connects_;
    auto client = Make(To(address()));
    client->Connect();
    AwaitTrue([&] { return connects_ > before; });
    client->Disconnect();
    if (i % 2 == 0) client->Connect();
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, WhileNobodyAnswers) {
  ListeningSocket full(*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/0);
  full.FillBacklog();
  for (int i = 0; i < kTimes; ++i) {
    auto client = Make(To(full.address()));
    client->Connect();
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, WhileItIsToldThisAndThat) {
  std::mt19937 random(ChooseSeed());
  for (int i = 0; i < kTimes; ++i) {
    auto client = Make(To(address()));
    for (int calls = random() % 6; calls > 0; --calls) {
      switch (random() % 4) {
        case 0:
          client->Disconnect();
          break;
        case 1:
          (void)client->connection().Send("more");
          break;
        default:
          client->Connect();
      }
    }
    if (random() % 4 == 0) client->Stop();
    Destroy(std::move(client));
  }
}

TEST_F(DestroyClientsTest, AfterItsLoopHasEnded) {
  auto client = Make(To(address()));
  client->Connect();
  AwaitTrue([this] { return connects_ > 0; });
  client_thread_->loop()->Stop();
  client_thread_->loop()->RunAndWait([] {});
  Destroy(std::move(client));
}

}  // namespace
}  // namespace rondo
