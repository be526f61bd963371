// What a connection knows of itself.
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>

#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

using TcpConnectionStateTest = ConnectionFixture;

bool OptionIsSet(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  PCHECK(getsockopt(fd, level, name, &value, &length) == 0);
  return value != 0;
}

TEST_F(TcpConnectionStateTest, IsAtRestWhileNothingIsOnItsWay) {
  on_message_ = [](TcpConnection& c, Buffer& input) {
    EXPECT_TRUE(c.IsAtRest());  // what it leaves, it has not left yet
    input.Consume(1);
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { EXPECT_TRUE(opened->IsAtRest()); },
      [&] {
        opened->Send("x");
        EXPECT_FALSE(opened->IsAtRest());
      },
      [&] {
        EXPECT_TRUE(opened->IsAtRest());
        Write(opened.peer, "ab");
        EXPECT_FALSE(opened->IsAtRest()) << "it is in the kernel";
      },
      [&] { EXPECT_FALSE(opened->IsAtRest()) << "the handler has left some"; });
}

TEST_F(TcpConnectionStateTest, IsNotAtRestWhenHeldOrHalfClosed) {
  const Opened held = Open();
  const Opened shut = Open();
  const Opened ended = Open();
  RunSteps(loop_, [&] {
    ConnectionHold hold = held->Hold();
    EXPECT_FALSE(held->IsAtRest());
    hold.Release(held.connection);
    EXPECT_TRUE(held->IsAtRest());
    shut->Shutdown();
    EXPECT_FALSE(shut->IsAtRest());
    shutdown(ended.peer.get(), SHUT_WR);
    EXPECT_FALSE(ended->IsAtRest());
  });
}

TEST_F(TcpConnectionStateTest, KnowsItsAddressesAndLoop) {
  const auto peer = *InetAddress::Parse("192.0.2.1:4711");
  FdPair pair = TcpPair();
  Socket socket(std::move(pair.a));
  const auto local = *socket.LocalAddress();
  TcpConnection connection(&table(),
                           std::make_unique<Transport>(std::move(socket)), peer,
                           ConnectionMembership(group_, 0));
  EXPECT_EQ(connection.peer_address(), peer);
  EXPECT_EQ(*connection.local_address(), local);
  EXPECT_EQ(connection.loop(), &loop_);
}

TEST_F(TcpConnectionStateTest, SetsSocketOptions) {
  FdPair pair = TcpPair();
  const int fd = pair.a.get();
  const Opened opened = Open(std::move(pair));
  for (const bool on : {true, false}) {
    opened->SetTcpNoDelay(on);
    opened->SetKeepAlive(on);
    EXPECT_EQ(OptionIsSet(fd, IPPROTO_TCP, TCP_NODELAY), on);
    EXPECT_EQ(OptionIsSet(fd, SOL_SOCKET, SO_KEEPALIVE), on);
  }
}

TEST_F(TcpConnectionStateTest, ContextIsFoundByItsTypeOnly) {
  const Opened opened = Open();
  EXPECT_EQ(opened->context<int>(), nullptr);
  EXPECT_EQ(opened->EmplaceContext<int>(7), 7);
  ASSERT_NE(opened->context<int>(), nullptr);
  EXPECT_EQ(*opened->context<int>(), 7);
  EXPECT_EQ(opened->context<unsigned>(), nullptr);
  EXPECT_EQ(opened->context<std::string>(), nullptr);
}

TEST_F(TcpConnectionStateTest, ContextIsDestroyedOnce) {
  std::vector<int> destroyed;
  const auto context = [&](int id) {
    return OnDestroy([&destroyed, id] { destroyed.push_back(id); });
  };
  const Opened opened = Open();
  opened->EmplaceContext<std::shared_ptr<void>>(context(1));
  opened->EmplaceContext<std::shared_ptr<void>>(context(2));
  EXPECT_THAT(destroyed, ElementsAre(1));
  opened->EmplaceContext<std::pair<int, std::shared_ptr<void>>>(3, context(3));
  EXPECT_THAT(destroyed, ElementsAre(1, 2));
  EXPECT_EQ(opened->context<std::shared_ptr<void>>(), nullptr);
  RunSteps(
      loop_, [&] { opened->Close(); },
      [&] { EXPECT_THAT(destroyed, ElementsAre(1, 2, 3)); });
  EXPECT_THAT(destroyed, ElementsAre(1, 2, 3));
}

TEST_F(TcpConnectionStateTest, ContextIsThereInTheLastCallback) {
  const Opened opened = Open();
  opened->EmplaceContext<std::string>("still here");
  std::string seen;
  on_close_ = [&](TcpConnection& c, CloseReason) {
    seen = *c.context<std::string>();
  };
  RunSteps(loop_, [&] { opened->Close(); });
  EXPECT_EQ(seen, "still here");
}

}  // namespace
}  // namespace rondo
