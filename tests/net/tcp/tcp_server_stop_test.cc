// The end of a server: from anywhere, at any moment, more than once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

constexpr int kClients = 4;

class TcpServerStopTest : public ServerFixture {
 protected:
  // Clients that are being served.
  void ConnectClients(int count = kClients) {
    for (int i = 0; i < count; ++i) {
      clients_.push_back(Connect());
      EXPECT_EQ(clients_.back().Exchange("hello"), "hello");
    }
  }

  void ExpectClientsEnd() {
    for (LoopbackClient& client : clients_) {
      EXPECT_NE(client.AwaitEnd(), End::kStuck);
    }
  }

  std::vector<LoopbackClient> clients_;
};

// --- From outside. -----------------------------------------------------------

TEST_F(TcpServerStopTest, EndsEveryConnection) {
  for (const int threads : {0, 1, 3}) {
    Start(LoopbackOptions(threads));
    ConnectClients();
    server_->Stop();
    EXPECT_EQ(server_->open_connections(), 0u);
    EXPECT_EQ(server_->closed_connections(CloseReason::kServerStopped),
              uint64_t{kClients});
    ExpectClientsEnd();
    clients_.clear();
    server_.reset();
  }
}

TEST_F(TcpServerStopTest, DropsWhatIsUnsent) {
  EventCount sent;
  Start(LoopbackOptions(1), {.on_connect = [&](TcpConnection& c) {
          c.Send(std::string(64 << 20, 'x'));
          sent.Add();
        }});
  clients_.push_back(Connect());
  sent.Await(1);
  server_.reset();
  EXPECT_LT(clients_[0].ReceiveAll().size(), size_t{64 << 20});
}

TEST_F(TcpServerStopTest, NoCallbackRunsAfterwards) {
  for (const int threads : {0, 2}) {
    std::atomic<bool> stopped = false;
    const auto check = [&] { EXPECT_FALSE(stopped); };
    Start(LoopbackOptions(threads),
          {.on_connect = [&](TcpConnection&) { check(); },
           .on_message =
               [&](TcpConnection& c, Buffer& input) {
                 check();
                 c.Send(input.view());
                 input.Clear();
               },
           .on_write_complete = [&](TcpConnection&) { check(); },
           .on_close = [&](TcpConnection&, CloseReason) { check(); }});
    ConnectClients();
    for (LoopbackClient& client : clients_) client.Send("on its way");
    server_->Stop();
    stopped = true;
    clients_.clear();
    AwaitTurns();
    server_.reset();
  }
}

TEST_F(TcpServerStopTest, TwiceIsOnce) {
  Start(LoopbackOptions(2));
  ConnectClients();
  server_->Stop();
  server_->Stop();
  EXPECT_EQ(server_->closed_connections(CloseReason::kServerStopped),
            uint64_t{kClients});
  ExpectClientsEnd();
}

TEST_F(TcpServerStopTest, EachOfSeveralThreadsWaitsForTheEnd) {
  Start(LoopbackOptions(2));
  ConnectClients();
  constexpr int kStoppers = 4;
  std::latch together(kStoppers);
  std::vector<std::thread> stoppers;
  for (int i = 0; i < kStoppers; ++i) {
    stoppers.emplace_back([&] {
      together.arrive_and_wait();
      server_->Stop();
      EXPECT_EQ(server_->open_connections(), 0u);
    });
  }
  for (std::thread& stopper : stoppers) stopper.join();
}

TEST_F(TcpServerStopTest, TellsItsAddressesStill) {
  Start();
  const uint16_t port = server_->port();
  server_->Stop();
  EXPECT_EQ(server_->port(), port);
  // Free again: nothing is left listening.
  TcpServerOptions options = LoopbackOptions();
  options.listen = server_->addresses();
  TcpServer next(acceptor_loop(), options, EchoCallbacks());
  EXPECT_TRUE(next.Start().ok());
}

// --- Before it starts, before its loop runs, after its loop ended. -----------

TEST_F(TcpServerStopTest, MayBeDestroyedUnstarted) {
  TcpServer server(acceptor_loop(), LoopbackOptions(2), EchoCallbacks());
}

TEST_F(TcpServerStopTest, MayBeStoppedUnstarted) {
  TcpServer server(acceptor_loop(), LoopbackOptions(2), EchoCallbacks());
  server.Stop();
  server.Stop();
}

TEST_F(TcpServerStopTest, MayBeStoppedBeforeTheAcceptorsLoopRuns) {
  for (const int threads : {0, 2}) {
    const auto loop = NewLoop();
    TcpServer server(loop.get(), LoopbackOptions(threads), EchoCallbacks());
    ASSERT_TRUE(server.Start().ok());
    LoopbackClient in_backlog(server.addresses()[0]);
    server.Stop();
    EXPECT_NE(in_backlog.AwaitEnd(), End::kStuck);
    RunTurns(*loop, 2);
    EXPECT_EQ(server.opened_connections(), 0u);
  }
}

TEST_F(TcpServerStopTest, StartsAndStopsOnAnotherThreadThanTheLoopsOwn) {
  const auto loop = NewLoop();
  std::thread([&] {
    TcpServer server(loop.get(), LoopbackOptions(1), EchoCallbacks());
    EXPECT_TRUE(server.Start().ok());
  }).join();
  RunTurns(*loop, 1);
}

TEST_F(TcpServerStopTest, MayBeStoppedAfterTheAcceptorsLoopEnded) {
  for (const int threads : {0, 2}) {
    Start(LoopbackOptions(threads));
    ConnectClients();
    const auto acceptor = std::move(acceptor_thread_);
    acceptor->loop()->Stop();
    if (threads == 0) ExpectClientsEnd();
    server_->Stop();
    ExpectClientsEnd();
    server_.reset();
    acceptor_thread_ = StartLoopThread();
    clients_.clear();
  }
}

// --- From inside a callback. -------------------------------------------------

enum class Callback { kConnect, kMessage, kWriteComplete, kClose };
using Where = std::tuple<Callback, int>;  // and how many threads

std::string WhereName(const ::testing::TestParamInfo<Where>& info) {
  constexpr const char* kNames[] = {"OnConnect", "OnMessage", "OnWriteComplete",
                                    "OnClose"};
  const auto [callback, threads] = info.param;
  return kNames[static_cast<int>(callback)] + std::to_string(threads) +
         "Threads";
}

// A callback does something to the server, once, when the trap is set.
class TcpServerCallbackTest : public TcpServerStopTest,
                              public ::testing::WithParamInterface<Where> {
 protected:
  ConnectionCallbacks Callbacks(absl::AnyInvocable<void()> act) {
    act_ = std::move(act);
    return {
        .on_connect = [this](TcpConnection&) { Pass(Callback::kConnect); },
        .on_message =
            [this](TcpConnection& c, Buffer& input) {
              c.Send(input.view());
              input.Clear();
              Pass(Callback::kMessage);
            },
        .on_write_complete =
            [this](TcpConnection&) { Pass(Callback::kWriteComplete); },
        .on_close =
            [this](TcpConnection&, CloseReason) {
              Pass(Callback::kClose);
              closed_.Add();
            },
    };
  }

  // Returns when each client's connection has had its last callback, the one
  // that sprang the trap last of all.
  void AwaitCloses() {
    ExpectClientsEnd();
    closed_.Await(static_cast<int>(clients_.size()));
  }

  // Sets the trap and has one client spring it.
  void Provoke() {
    armed_ = true;
    switch (callback_) {
      case Callback::kConnect:
        clients_.push_back(Connect());
        break;
      case Callback::kMessage:
      case Callback::kWriteComplete:
        clients_[0].Send("x");
        break;
      case Callback::kClose:
        clients_[0].ShutdownWrite();
        break;
    }
    acted_.Await(1);
  }

  // Not GetParam() on the server's threads: it is the main thread's.
  const Callback callback_ = std::get<Callback>(GetParam());
  const int threads_ = std::get<int>(GetParam());

 private:
  void Pass(Callback callback) {
    if (callback != callback_) return;
    if (!armed_.exchange(false)) return;
    act_();
    acted_.Add();
  }

  absl::AnyInvocable<void()> act_;
  std::atomic<bool> armed_ = false;
  EventCount acted_;
  EventCount closed_;
};

INSTANTIATE_TEST_SUITE_P(
    Everywhere, TcpServerCallbackTest,
    ::testing::Combine(::testing::Values(Callback::kConnect, Callback::kMessage,
                                         Callback::kWriteComplete,
                                         Callback::kClose),
                       ::testing::Values(0, 1, 3)),
    WhereName);

TEST_P(TcpServerCallbackTest, MayStopTheServer) {
  Start(LoopbackOptions(threads_), Callbacks([this] { server_->Stop(); }));
  ConnectClients();
  Provoke();
  ExpectClientsEnd();
  server_->Stop();
  AwaitTurns();
  EXPECT_EQ(server_->open_connections(), 0u);
}

TEST_P(TcpServerCallbackTest, MayStopTheServerThatIsThenDestroyed) {
  Start(LoopbackOptions(threads_), Callbacks([this] { server_->Stop(); }));
  ConnectClients();
  Provoke();
  server_.reset();
  AwaitCloses();
}

TEST_P(TcpServerCallbackTest, MayDestroyTheServer) {
  Start(LoopbackOptions(threads_), Callbacks([this] { server_.reset(); }));
  ConnectClients();
  Provoke();
  AwaitCloses();
}

TEST_F(TcpServerStopTest, ACallbackMayStopWhatIsBeingStopped) {
  for (const int threads : {0, 2}) {
    EventCount stops;
    Start(LoopbackOptions(threads),
          {.on_message =
               [](TcpConnection& c, Buffer& input) {
                 c.Send(input.view());
                 input.Clear();
               },
           .on_close =
               [&](TcpConnection&, CloseReason) {
                 server_->Stop();  // waiting here would be waiting for itself
                 stops.Add();
               }});
    ConnectClients();
    server_->Stop();
    EXPECT_EQ(stops.count(), kClients);
    clients_.clear();
    server_.reset();
  }
}

// A connection may be accepted and on its way to a loop whose callback stops
// the server just then.
TEST_F(TcpServerStopTest, FromACallbackAlsoEndsThoseOnTheirWay) {
  EventCount in_callback;
  EventCount go;
  EventCount stopped;
  std::atomic<int> connects_after_stop = 0;
  Start(LoopbackOptions(1),
        {.on_connect =
             [&](TcpConnection&) { connects_after_stop += stopped.count(); },
         .on_message =
             [&](TcpConnection&, Buffer& input) {
               input.Clear();
               in_callback.Add();
               go.Await(1);
               server_->Stop();
               stopped.Add();
             }});
  clients_.push_back(Connect());
  clients_[0].Send("stop");
  in_callback.Await(1);
  clients_.push_back(Connect());
  AwaitTrue([&] { return server_->opened_connections() == 2; });
  go.Add();
  stopped.Await(1);
  AwaitTurns();
  EXPECT_EQ(connects_after_stop, 0);
  EXPECT_EQ(server_->open_connections(), 0u);
  server_.reset();  // before what its callbacks use
}

}  // namespace
}  // namespace rondo
