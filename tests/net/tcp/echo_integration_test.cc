// The whole layer over loopback: thousands of connections that come, talk and
// go at random moments. Every byte that comes back is compared.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "tests/net/tcp/echo_swarm.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/seed.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

// For loops, listeners and the test itself.
constexpr int kOtherDescriptors = 200;

// As many clients as there can be descriptors, of which each costs two here.
int Affordable(int clients) {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  const int allowed = static_cast<int>(
      std::min<rlim_t>(limit.rlim_max, 2 * clients + kOtherDescriptors));
  AllowDescriptors(allowed);
  return (allowed - kOtherDescriptors) / 2;
}

class EchoIntegrationTest : public ServerFixture {
 protected:
  // Runs the swarm and checks that the server has the same counts.
  void RunAndCheck(EchoSwarmOptions swarm) {
    swarm.server = address();
    swarm.seed = ChooseSeed();
    const EchoSwarmResult result = RunEchoSwarm(swarm);
    const int connections = swarm.clients * swarm.connections_each;
    EXPECT_EQ(result.completed + result.left_early, connections);
    if (swarm.percent_leaving_early == 0) {
      EXPECT_EQ(result.completed, connections);
    }
    // All that were accepted have ended; of those that were reset before that,
    // the kernel tells or not.
    AwaitTrue([&] { return server_->open_connections() == 0; });
    EXPECT_LE(server_->opened_connections(), uint64_t(connections));
    EXPECT_GE(server_->opened_connections(), uint64_t(result.completed));
    EXPECT_EQ(Closed(), server_->opened_connections());
  }

  uint64_t Closed() const {
    uint64_t closed = 0;
    for (size_t i = 0; i < kCloseReasons; ++i) {
      closed += server_->closed_connections(static_cast<CloseReason>(i));
    }
    return closed;
  }
};

// --- Many at once, on each poller. -------------------------------------------

using Backend = std::tuple<const char*, int>;  // its name, how many clients

class EchoIntegrationPollerTest
    : public EchoIntegrationTest,
      public ::testing::WithParamInterface<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, EchoIntegrationPollerTest,
                         ::testing::Values(Backend("epoll", 2'000),
                                           Backend("poll", 1'000),
                                           Backend("select", 400)),
                         [](const auto& info) {
                           return std::get<const char*>(info.param);
                         });

TEST_P(EchoIntegrationPollerTest, ThousandsAtOnce) {
  TcpServerOptions options = LoopbackOptions(2);
  options.loop.poller = std::get<const char*>(GetParam());
  Start(options);
  RunAndCheck({.clients = Affordable(std::get<int>(GetParam())),
               .max_bytes = Scaled(16 * 1'024)});
}

// --- Coming and going, on each placement. ------------------------------------

class EchoIntegrationPlacementTest
    : public EchoIntegrationTest,
      public ::testing::WithParamInterface<std::tuple<Placement, int>> {};

INSTANTIATE_TEST_SUITE_P(
    Placements, EchoIntegrationPlacementTest,
    ::testing::Combine(::testing::Values(Placement::kRoundRobin,
                                         Placement::kLeastConnections,
                                         Placement::kReusePort),
                       ::testing::Values(0, 3)),
    [](const auto& info) {
      std::string name(ToString(std::get<Placement>(info.param)));
      std::erase(name, '-');
      return name + std::to_string(std::get<int>(info.param)) + "threads";
    });

TEST_P(EchoIntegrationPlacementTest, ComingAndGoingAtRandom) {
  TcpServerOptions options = LoopbackOptions(std::get<int>(GetParam()));
  options.placement = std::get<Placement>(GetParam());
  options.max_accepts_per_turn = 3;
  Start(options);
  RunAndCheck({.clients = 100,
               .connections_each = static_cast<int>(Scaled(20)),
               .max_bytes = 10'000,
               .max_write_bytes = 1'000,
               .percent_leaving_early = 50});
}

TEST_F(EchoIntegrationTest, OverAUnixSocket) {
  TcpServerOptions options = LoopbackOptions(2);
  options.listen = {UnixAddress("integration")};
  Start(options);
  RunAndCheck({.clients = 100,
               .connections_each = static_cast<int>(Scaled(10)),
               .max_bytes = 10'000});
}

TEST_F(EchoIntegrationTest, ByteByByte) {
  Start(LoopbackOptions(2));
  RunAndCheck(
      {.clients = 20, .max_bytes = Scaled(2'000), .max_write_bytes = 1});
}

}  // namespace
}  // namespace rondo
