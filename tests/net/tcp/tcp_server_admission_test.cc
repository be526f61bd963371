// Whom a server lets in, and what becomes of the others.
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/descriptors.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/admission_queue.h"
#include "net/tcp/memory_budget.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

// Threads and placement.
using Param = std::tuple<int, Placement>;

std::string Name(const ::testing::TestParamInfo<Param>& info) {
  const auto [threads, placement] = info.param;
  constexpr const char* kNames[] = {"RoundRobin", "LeastConnections",
                                    "ReusePort"};
  return kNames[static_cast<int>(placement)] + std::to_string(threads) +
         "Threads";
}

class TcpServerAdmissionTest : public ServerFixture,
                               public ::testing::WithParamInterface<Param> {
 protected:
  static TcpServerOptions Options() {
    TcpServerOptions options = LoopbackOptions(std::get<int>(GetParam()));
    options.placement = std::get<Placement>(GetParam());
    return options;
  }

  // A client that is being served.
  LoopbackClient Served() {
    LoopbackClient client = Connect();
    EXPECT_EQ(client.Exchange("hello"), "hello");
    return client;
  }

  void AwaitOpen(size_t count) {
    AwaitTrue([&] { return server_->open_connections() == count; });
  }
};

INSTANTIATE_TEST_SUITE_P(
    Everywhere, TcpServerAdmissionTest,
    ::testing::Combine(::testing::Values(0, 2),
                       ::testing::Values(Placement::kRoundRobin,
                                         Placement::kLeastConnections,
                                         Placement::kReusePort)),
    Name);

// --- Refusing. ---------------------------------------------------------------

TEST_P(TcpServerAdmissionTest, RefusesBeyondTheMostOfAll) {
  TcpServerOptions options = Options();
  options.max_connections = 3;
  options.max_connections_per_address = SIZE_MAX;
  Start(options);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Served());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Connect().AwaitEnd(), End::kReset);
  EXPECT_EQ(server_->refused_connections(Refusal::kConnectionLimit), 3u);
  EXPECT_EQ(server_->opened_connections(), 3u);
  clients.pop_back();
  AwaitOpen(2);
  clients.push_back(Served());
}

TEST_P(TcpServerAdmissionTest, RefusesBeyondTheMostOfOneAddress) {
  TcpServerOptions options = Options();
  options.max_connections_per_address = 2;
  Start(options);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 2; ++i) clients.push_back(Served());
  EXPECT_EQ(Connect().AwaitEnd(), End::kReset);
  EXPECT_EQ(server_->refused_connections(Refusal::kAddressLimit), 1u);
  EXPECT_EQ(server_->refused_connections(Refusal::kConnectionLimit), 0u);
  clients.pop_back();
  AwaitOpen(1);
  clients.push_back(Served());
}

TEST_P(TcpServerAdmissionTest, RefusesWhileMemoryIsLow) {
  Start(Options());
  MemoryBudget& budget = MemoryBudget::Process();
  const size_t limit = budget.limit_bytes();
  {
    MemoryShare share(budget);
    share.Add(1);
    budget.SetLimit(MemoryShare::kChunkBytes);
    EXPECT_EQ(Connect().AwaitEnd(), End::kReset);
  }
  budget.SetLimit(limit);
  EXPECT_EQ(server_->refused_connections(Refusal::kMemory), 1u);
  Served();
}

TEST_P(TcpServerAdmissionTest, TheDefaultIsAShareOfTheDescriptors) {
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = before;
  few.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const size_t left = DescriptorsLeft();
  Start(Options());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  // Half of it from one address, and three descriptors are each loop's.
  const int loops = std::max(Options().threads, 1);
  const auto all = static_cast<int>((left - 3 * loops) * 0.9);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < all / 2; ++i) clients.push_back(Served());
  EXPECT_EQ(Connect().AwaitEnd(), End::kReset);
  EXPECT_EQ(server_->refused_connections(Refusal::kAddressLimit), 1u);
}

// --- Waiting. ----------------------------------------------------------------

TEST_P(TcpServerAdmissionTest, WhoMustWaitIsServedOnceOthersLeave) {
  TcpServerOptions options = Options();
  options.max_connections = 2;
  options.max_connections_per_address = SIZE_MAX;
  options.over_connections = OverLimit::kWait;
  Start(options);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 2; ++i) clients.push_back(Served());
  std::vector<LoopbackClient> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send("hello");
  }
  AwaitTurns();
  EXPECT_EQ(server_->opened_connections(), 2u);
  clients.clear();
  // Each leaves when it has its answer; the order is the kernel's.
  std::vector<std::thread> threads;
  for (LoopbackClient& client : waiting) {
    threads.emplace_back([&client] {
      EXPECT_EQ(client.Receive(5), "hello");
      client.Close();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_->opened_connections(), 8u);
  EXPECT_EQ(server_->refused_connections(Refusal::kConnectionLimit), 0u);
}

TEST_P(TcpServerAdmissionTest, WhoseAddressHasNoRoomWaitsAndIsServed) {
  TcpServerOptions options = Options();
  options.max_connections_per_address = 1;
  options.over_address = OverLimit::kWait;
  Start(options);
  LoopbackClient first = Served();
  std::vector<LoopbackClient> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send("hello");
  }
  AwaitTurns();
  EXPECT_EQ(server_->opened_connections(), 1u);
  first.Close();
  std::vector<std::thread> threads;
  for (LoopbackClient& client : waiting) {
    threads.emplace_back([&client] {
      EXPECT_EQ(client.Receive(5), "hello");
      client.Close();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_->opened_connections(), 5u);
  EXPECT_EQ(server_->refused_connections(Refusal::kAddressLimit), 0u);
}

TEST_P(TcpServerAdmissionTest, MayBeStoppedWhileSomeWait) {
  TcpServerOptions options = Options();
  options.max_connections_per_address = 1;
  options.over_address = OverLimit::kWait;
  Start(options);
  LoopbackClient first = Served();
  LoopbackClient waiting = Connect();
  AwaitTurns();
  server_.reset();
  EXPECT_NE(first.AwaitEnd(), End::kStuck);
  EXPECT_NE(waiting.AwaitEnd(), End::kStuck);
}

TEST_P(TcpServerAdmissionTest, MayBeStoppedWhileAllAreHeld) {
  TcpServerOptions options = Options();
  options.max_connections = 1;
  options.over_connections = OverLimit::kWait;
  Start(options);
  LoopbackClient first = Served();
  LoopbackClient waiting = Connect();
  server_->Stop();
  EXPECT_NE(first.AwaitEnd(), End::kStuck);
  EXPECT_NE(waiting.AwaitEnd(), End::kStuck);
  EXPECT_EQ(server_->opened_connections(), 1u);
}

// --- Where one address is not all. -------------------------------------------

using TcpServerAdmissionUnixTest = ServerFixture;

TEST_F(TcpServerAdmissionUnixTest, UnixClientsCountForNobody) {
  TcpServerOptions options = LoopbackOptions(0);
  options.listen = {AbstractAddress()};
  options.max_connections_per_address = 1;
  Start(options);
  LoopbackClient one = Connect();
  LoopbackClient two = Connect();
  EXPECT_EQ(one.Exchange("hello"), "hello");
  EXPECT_EQ(two.Exchange("hello"), "hello");
}

// --- The queue itself, turn by turn. -----------------------------------------

class AdmissionQueueTest : public ::testing::Test {
 protected:
  // Has somebody of `address` come.
  void Offer(const char* address) {
    FdPair pair = UnixPair();
    peers_.push_back(std::move(pair.b));
    queue_.Offer(Socket(std::move(pair.a)), *InetAddress::Parse(address));
  }

  std::unique_ptr<Acceptor> NewAcceptor() {
    auto acceptor =
        Acceptor::Create(loop_.get(), *InetAddress::Parse("127.0.0.1:0"), {},
                         [this](Socket socket, InetAddress peer) {
                           ++accepted_;
                           queue_.Offer(std::move(socket), std::move(peer));
                         });
    CHECK(acceptor.ok()) << acceptor.status();
    return *std::move(acceptor);
  }

  // The admitted one of `key` leaves.
  void Leave(AddressKey key) {
    admitted_.erase(key);
    control_.Leave(key);
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  const std::shared_ptr<ConnectionGroup> group_ =
      std::make_shared<ConnectionGroup>(
          ConnectionCallbacks(), /*loops=*/1, ConnectionLimits(),
          AdmissionLimits{.max_connections = 2'000,
                          .max_connections_per_address = 1,
                          .over_connections = OverLimit::kWait,
                          .over_address = OverLimit::kWait});
  AdmissionControl& control_ = group_->admission();
  std::map<AddressKey, Socket> admitted_;
  int accepted_ = 0;
  AdmissionQueue queue_{loop_.get(), group_,
                        [this](Socket socket, InetAddress, AddressKey key) {
                          admitted_[key] = std::move(socket);
                        }};
  const std::unique_ptr<Acceptor> acceptor_ = NewAcceptor();
  std::vector<UniqueFd> peers_;
};

TEST_F(AdmissionQueueTest, OneAddressThatWaitsHoldsUpNoOther) {
  queue_.SetAcceptor(acceptor_.get());
  RunSteps(*loop_, [&] {
    Offer("192.0.2.1:1");
    Offer("192.0.2.1:2");
    Offer("192.0.2.2:1");
    EXPECT_EQ(admitted_.size(), 2u);
    EXPECT_EQ(queue_.waiting(), 1u);
  });
}

TEST_F(AdmissionQueueTest, WhoWaitsIsAdmittedInTheNextTurn) {
  queue_.SetAcceptor(acceptor_.get());
  RunSteps(
      *loop_,
      [&] {
        Offer("192.0.2.1:1");
        Offer("192.0.2.1:2");
        Offer("192.0.2.1:3");
        Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:1")));
        EXPECT_EQ(queue_.waiting(), 2u);
      },
      [] {},
      [&] {
        EXPECT_EQ(queue_.waiting(), 1u);
        EXPECT_EQ(admitted_.size(), 1u);
        Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:1")));
      },
      [] {}, [&] { EXPECT_EQ(queue_.waiting(), 0u); });
}

TEST_F(AdmissionQueueTest, WhoWouldBeOneTooManyOfItsAddressIsRefused) {
  queue_.SetAcceptor(acceptor_.get());
  std::vector<Step> steps;
  std::unique_ptr<LoopbackClient> other;
  AllowDescriptors(3 * AdmissionQueue::kMaxWaiting);
  steps.push_back([&] {
    Offer("192.0.2.1:1");
    for (size_t i = 0; i < AdmissionQueue::kMaxWaiting + 1; ++i) {
      Offer("192.0.2.1:2");
    }
    EXPECT_EQ(queue_.waiting(), AdmissionQueue::kMaxWaiting);
    EXPECT_EQ(control_.refused(Refusal::kAddressLimit), 1u);
    other = std::make_unique<LoopbackClient>(acceptor_->address());
  });
  for (int i = 0; i < 5; ++i) steps.push_back([] {});
  steps.push_back([&] {
    EXPECT_EQ(admitted_.size(), 2u) << "another address must not be held up";
    Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:1")));
  });
  for (int i = 0; i < 5; ++i) steps.push_back([] {});
  steps.push_back(
      [&] { EXPECT_EQ(queue_.waiting(), AdmissionQueue::kMaxWaiting - 1); });
  RunSteps(*loop_, std::move(steps));
}

TEST_F(AdmissionQueueTest, ClosedByWhomItAdmitsItAdmitsNobodyElse) {
  int admitted = 0;
  std::unique_ptr<AdmissionQueue> own;
  own = std::make_unique<AdmissionQueue>(loop_.get(), group_,
                                         [&](Socket, InetAddress, AddressKey) {
                                           if (++admitted > 1) own->Close();
                                         });
  own->SetAcceptor(acceptor_.get());
  const auto offer = [&](const char* address) {
    FdPair pair = UnixPair();
    own->Offer(Socket(std::move(pair.a)), *InetAddress::Parse(address));
    peers_.push_back(std::move(pair.b));
  };
  RunSteps(
      *loop_,
      [&] {
        for (const char* a : {"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3"}) {
          offer(a);
        }
        control_.Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:1")));
      },
      [] {}, [&] { EXPECT_EQ(admitted, 2); },
      [&] {
        control_.Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:2")));
        EXPECT_EQ(own->waiting(), 0u);
      },
      [] {},
      [&] {
        EXPECT_EQ(admitted, 2);
        EXPECT_EQ(Read(peers_.back()), "") << "who waited was not dropped";
      });
}

TEST_F(AdmissionQueueTest, WhoWaitsMayBeDestroyed) {
  queue_.SetAcceptor(acceptor_.get());
  auto own = std::make_unique<AdmissionQueue>(
      loop_.get(), group_,
      [](Socket, InetAddress, AddressKey) { ADD_FAILURE(); });
  own->SetAcceptor(acceptor_.get());
  RunSteps(
      *loop_,
      [&] {
        Offer("192.0.2.1:1");
        FdPair pair = UnixPair();
        own->Offer(Socket(std::move(pair.a)),
                   *InetAddress::Parse("192.0.2.1:2"));
        peers_.push_back(std::move(pair.b));
        Leave(AddressKeyOf(*InetAddress::Parse("192.0.2.1:1")));
        own.reset();
        EXPECT_EQ(Read(peers_.back()), "");
      },
      [] {}, [] {});
}

}  // namespace
}  // namespace rondo
