// Listening, placing and counting. What Start() refuses and stopping have files
// of their own.
#include "net/tcp/tcp_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/ipv6.h"

namespace rondo {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// Which loop serves whom.
class Placements {
 public:
  void Add(TcpConnection& c) {
    std::lock_guard lock(mu_);
    loop_of_[c.peer_address().ToString()] = c.loop();
    EXPECT_TRUE(c.loop()->IsInLoopThread());
    added_.Add();
  }

  void Await(int connections) { added_.Await(connections); }

  EventLoop* LoopOf(const LoopbackClient& client) {
    std::lock_guard lock(mu_);
    return loop_of_[client.LocalAddress().ToString()];
  }

  std::map<EventLoop*, int> Sums() {
    std::lock_guard lock(mu_);
    std::map<EventLoop*, int> sums;
    for (const auto& [client, loop] : loop_of_) ++sums[loop];
    return sums;
  }

 private:
  EventCount added_;
  std::mutex mu_;
  std::map<std::string, EventLoop*> loop_of_;
};

class TcpServerTest : public ServerFixture {
 protected:
  ~TcpServerTest() override { server_.reset(); }  // before what follows

  ConnectionCallbacks PlacementCallbacks() {
    ConnectionCallbacks callbacks = EchoCallbacks();
    callbacks.on_connect = [this](TcpConnection& c) { placements_.Add(c); };
    return callbacks;
  }

  // Connects so many clients, each when the one before has its loop.
  void ConnectInTurn(int clients) {
    for (int i = 0; i < clients; ++i) {
      clients_.push_back(Connect());
      placements_.Await(++connected_);
    }
  }

  Placements placements_;
  std::vector<LoopbackClient> clients_;
  int connected_ = 0;
};

// How many sockets listen on 127.0.0.1 and `port`, as the kernel tells.
int Listeners(uint16_t port) {
  char local[16];
  snprintf(local, sizeof(local), "0100007F:%04X", port);
  std::ifstream table("/proc/net/tcp");
  int listeners = 0;
  std::string line;
  while (std::getline(table, line)) {
    if (line.find(std::string(local) + " 00000000:0000 0A") != line.npos) {
      ++listeners;
    }
  }
  return listeners;
}

// --- Listening. --------------------------------------------------------------

TEST_F(TcpServerTest, TellsNothingBeforeItStarts) {
  TcpServer server(acceptor_loop(), LoopbackOptions(2), EchoCallbacks());
  EXPECT_EQ(server.port(), 0);
  EXPECT_THAT(server.addresses(), IsEmpty());
  EXPECT_THAT(server.loops(), IsEmpty());
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(TcpServerTest, TellsThePortThatTheSystemChose) {
  Start();
  EXPECT_GT(server_->port(), 0);
  EXPECT_THAT(server_->addresses(), ElementsAre(*InetAddress::FromHostAndPort(
                                        "127.0.0.1", server_->port())));
  EXPECT_EQ(Connect().Exchange("hello"), "hello");
}

TEST_F(TcpServerTest, SeveralListenersServeTheSameLoops) {
  TcpServerOptions options = LoopbackOptions(2);
  options.listen.push_back(*InetAddress::Parse("127.0.0.1:0"));
  options.listen.push_back(UnixAddress("several"));
  if (HasIpv6()) options.listen.push_back(*InetAddress::Parse("[::1]:0"));
  Start(options, PlacementCallbacks());
  const std::vector<InetAddress> addresses = server_->addresses();
  ASSERT_EQ(addresses.size(), options.listen.size());
  EXPECT_EQ(server_->port(), addresses[0].port());
  EXPECT_NE(addresses[0].port(), addresses[1].port());
  for (const InetAddress& address : addresses) {
    LoopbackClient client(address);
    EXPECT_EQ(client.Exchange("through " + address.ToString()),
              "through " + address.ToString());
    client.Close();
  }
  EXPECT_EQ(server_->opened_connections(), addresses.size());
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6 << "; the others are as they should";
}

TEST_F(TcpServerTest, TheSocketFileGoesWithTheServer) {
  TcpServerOptions options = LoopbackOptions();
  options.listen = {UnixAddress("goes")};
  Start(options);
  EXPECT_TRUE(FileExists(options.listen[0].unix_path()));
  server_.reset();
  EXPECT_FALSE(FileExists(options.listen[0].unix_path()));
}

// --- Placement. --------------------------------------------------------------

TEST_F(TcpServerTest, RoundRobinIsExactlyEven) {
  constexpr int kLoops = 4;
  constexpr int kEach = 10;
  Start(LoopbackOptions(kLoops), PlacementCallbacks());
  for (int i = 0; i < kLoops * kEach; ++i) clients_.push_back(Connect());
  placements_.Await(kLoops * kEach);
  EXPECT_THAT(placements_.Sums(), SizeIs(kLoops));
  EXPECT_THAT(placements_.Sums(), Each(Pair(testing::_, kEach)));
  EXPECT_EQ(server_->loops().size(), size_t{kLoops});
}

TEST_F(TcpServerTest, RoundRobinTakesTheLoopsInTurn) {
  Start(LoopbackOptions(3), PlacementCallbacks());
  ConnectInTurn(6);
  for (size_t i = 0; i < clients_.size(); ++i) {
    EXPECT_EQ(placements_.LoopOf(clients_[i]), server_->loops()[i % 3]);
  }
}

TEST_F(TcpServerTest, LeastConnectionsFillsTheEmptiestLoop) {
  TcpServerOptions options = LoopbackOptions(3);
  options.placement = Placement::kLeastConnections;
  Start(options, PlacementCallbacks());
  ConnectInTurn(6);
  EXPECT_THAT(placements_.Sums(), Each(Pair(testing::_, 2)));
  EventLoop* const emptied = placements_.LoopOf(clients_[1]);
  for (LoopbackClient& client : clients_) {
    if (placements_.LoopOf(client) == emptied) client.Close();
  }
  AwaitTrue([&] { return server_->open_connections() == 4; });
  ConnectInTurn(2);
  EXPECT_EQ(placements_.LoopOf(clients_[6]), emptied);
  EXPECT_EQ(placements_.LoopOf(clients_[7]), emptied);
}

TEST_F(TcpServerTest, ReusePortListensOnEveryLoop) {
  constexpr int kLoops = 3;
  TcpServerOptions options = LoopbackOptions(kLoops);
  options.placement = Placement::kReusePort;
  Start(options, PlacementCallbacks());
  EXPECT_THAT(server_->addresses(), SizeIs(1));
  EXPECT_EQ(Listeners(server_->port()), kLoops);
  // The kernel's hash leaves a loop out once in 10^17 runs.
  constexpr int kClients = 100;
  for (int i = 0; i < kClients; ++i) clients_.push_back(Connect());
  placements_.Await(kClients);
  EXPECT_THAT(placements_.Sums(), SizeIs(kLoops));
  for (LoopbackClient& client : clients_) {
    EXPECT_EQ(client.Exchange("hello"), "hello");
  }
  server_->Stop();
  EXPECT_EQ(Listeners(address().port()), 0);
}

TEST_F(TcpServerTest, WithoutThreadsTheAcceptorsLoopServes) {
  for (const Placement placement :
       {Placement::kRoundRobin, Placement::kLeastConnections,
        Placement::kReusePort}) {
    TcpServerOptions options = LoopbackOptions();
    options.placement = placement;
    Start(options, PlacementCallbacks());
    EXPECT_THAT(server_->loops(), ElementsAre(acceptor_loop()));
    ConnectInTurn(2);
    EXPECT_THAT(placements_.Sums(), Each(Pair(acceptor_loop(), testing::_)));
    EXPECT_EQ(clients_.back().Exchange("hello"), "hello");
    server_.reset();
  }
}

TEST_F(TcpServerTest, ThreadsHaveTheServersName) {
  EventCount connected;
  std::mutex mu;
  std::set<std::string> names;
  TcpServerOptions options = LoopbackOptions(2);
  options.name = "named";
  options.pin_cpus = true;
  Start(options, {.on_connect = [&](TcpConnection&) {
          char name[16];
          pthread_getname_np(pthread_self(), name, sizeof(name));
          std::lock_guard lock(mu);
          names.insert(name);
          connected.Add();
        }});
  for (int i = 0; i < 2; ++i) clients_.push_back(Connect());
  connected.Await(2);
  server_.reset();  // before what its callbacks use
  EXPECT_THAT(names, ElementsAre("named-0", "named-1"));
}

class TcpServerPollerTest : public ServerFixture,
                            public ::testing::WithParamInterface<const char*> {
};

INSTANTIATE_TEST_SUITE_P(Backends, TcpServerPollerTest,
                         ::testing::Values("epoll", "poll", "select"),
                         [](const auto& info) { return info.param; });

TEST_P(TcpServerPollerTest, Serves) {
  TcpServerOptions options = LoopbackOptions(2);
  options.loop.poller = GetParam();
  Start(options);
  for (EventLoop* loop : server_->loops()) {
    EXPECT_EQ(loop->poller_name(), GetParam());
  }
  const std::string much(1 << 20, 'x');
  for (int i = 0; i < 4; ++i) {
    LoopbackClient client = Connect();
    EXPECT_EQ(client.Exchange("hello"), "hello");
    client.ShutdownWrite();
    EXPECT_EQ(client.AwaitEnd(), LoopbackClient::End::kFin);
  }
}

// --- Counters, and two servers. ----------------------------------------------

TEST_F(TcpServerTest, CountsConnections) {
  Start(LoopbackOptions(2));
  for (int i = 0; i < 3; ++i) {
    clients_.push_back(Connect());
    EXPECT_EQ(clients_.back().Exchange("x"), "x");
  }
  EXPECT_EQ(server_->opened_connections(), 3u);
  EXPECT_EQ(server_->open_connections(), 3u);
  clients_[0].Close();
  clients_[1].Reset();
  AwaitTrue([&] { return server_->open_connections() == 1; });
  EXPECT_EQ(server_->closed_connections(CloseReason::kPeerClosed), 1u);
  EXPECT_EQ(server_->closed_connections(CloseReason::kPeerReset), 1u);
  server_->Stop();
  EXPECT_EQ(server_->closed_connections(CloseReason::kServerStopped), 1u);
  EXPECT_EQ(server_->open_connections(), 0u);
  EXPECT_EQ(server_->opened_connections(), 3u);
}

TEST_F(TcpServerTest, TwoServersOnOneLoopKeepApart) {
  Start();
  TcpServer other(acceptor_loop(), LoopbackOptions(),
                  {.on_connect = [](TcpConnection& c) { c.Send("other"); }});
  ASSERT_TRUE(other.Start().ok());
  LoopbackClient client = Connect();
  EXPECT_EQ(client.Exchange("mine"), "mine");
  EXPECT_EQ(LoopbackClient(other.addresses()[0]).Receive(5), "other");
  other.Stop();
  EXPECT_EQ(client.Exchange("still mine"), "still mine");
  EXPECT_EQ(server_->opened_connections(), 1u);
}

}  // namespace
}  // namespace rondo
