// What TcpServer::Start() refuses, and says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "net/reactor/event_loop_thread_pool.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/ipv6.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TcpServerStartTest : public ServerFixture {
 protected:
  // The Status of starting a server with these options.
  absl::Status StartStatus(TcpServerOptions options) {
    TcpServer server(acceptor_loop(), std::move(options), EchoCallbacks());
    return server.Start();
  }
};

TEST_F(TcpServerStartTest, NoListenerIsRefused) {
  EXPECT_EQ(StartStatus({}),
            absl::InvalidArgumentError("no address to listen on"));
}

TEST_F(TcpServerStartTest, ABadThreadCountIsRefused) {
  for (const int threads : {-1, EventLoopThreadPool::kMaxThreads + 1}) {
    const absl::Status status = StartStatus(LoopbackOptions(threads));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(std::to_string(threads)), HasSubstr("0 to")));
  }
}

TEST_F(TcpServerStartTest, ReusePortOnAUnixSocketIsRefused) {
  TcpServerOptions options = LoopbackOptions(1);
  options.listen.push_back(UnixAddress("reuse"));
  options.placement = Placement::kReusePort;
  const absl::Status status = StartStatus(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(options.listen[1].ToString()));
}

TEST_F(TcpServerStartTest, AnUnknownPollerIsRefused) {
  TcpServerOptions options = LoopbackOptions(1);
  options.loop.poller = "kqueue";
  const absl::Status status = StartStatus(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'kqueue'"));
}

TEST_F(TcpServerStartTest, AnAddressInUseIsRefusedWithARemedy) {
  Start();
  for (const int threads : {0, 2}) {
    TcpServerOptions options = LoopbackOptions(threads);
    options.listen = {address()};
    const absl::Status status = StartStatus(options);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(address().ToString()),
                      HasSubstr("choose another port")));
  }
  EXPECT_EQ(Connect().Exchange("still there"), "still there");
}

TEST_F(TcpServerStartTest, ListensOnAllAddressesOrOnNone) {
  Start();
  const InetAddress file = UnixAddress("all-or-none");
  TcpServerOptions options = LoopbackOptions(1);
  options.listen = {file, address()};
  TcpServer server(acceptor_loop(), options, EchoCallbacks());
  EXPECT_FALSE(server.Start().ok());
  EXPECT_FALSE(FileExists(file.unix_path()));
  EXPECT_EQ(server.port(), 0);
  EXPECT_THAT(server.addresses(), IsEmpty());
  EXPECT_THAT(server.loops(), IsEmpty());
}

TEST_F(TcpServerStartTest, BesideIpv4AllOfIpv6IsIpv6Only) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  TcpServerOptions options = LoopbackOptions();
  options.listen = {*InetAddress::Parse("0.0.0.0:0")};
  Start(options);
  const auto all = InetAddress::Parse("[::]:0")->WithPort(server_->port());
  options.listen = {all};
  EXPECT_FALSE(StartStatus(options).ok()) << "it wants IPv4 as well";
  options.listen = {*InetAddress::Parse("127.0.0.1:0"), all};
  EXPECT_TRUE(StartStatus(options).ok());
}

}  // namespace
}  // namespace rondo
