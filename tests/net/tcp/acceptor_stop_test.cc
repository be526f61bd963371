// What becomes of those who wait, and of the socket, when an acceptor stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/tcp/acceptor.h"
#include "tests/net/tcp/acceptor_fixture.h"

namespace rondo {
namespace {

using ::testing::SizeIs;

using AcceptorStopTest = AcceptorFixture;

// What becomes of a new connection to `address`; EINPROGRESS: nothing, for as
// long as that.
int ConnectErrno(const InetAddress& address, int timeout_ms = 30'000) {
  const UniqueFd fd(
      socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  if (connect(fd.get(), native, length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd connecting = {.fd = fd.get(), .events = POLLOUT, .revents = 0};
  if (poll(&connecting, 1, timeout_ms) == 0) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

const InetAddress kLoopback = *InetAddress::Parse("127.0.0.1:0");

TEST_F(AcceptorStopTest, StoppedAfterWaitingItTakesAllThatWaitsAndCloses) {
  Create({.max_accepts_per_turn = 1}, kLoopback);
  const InetAddress address = acceptor_->address();
  Connect(5);
  int stopped = 0;
  RunSteps(
      loop_,
      [&] {
        acceptor_->StopAfterWaiting([&stopped] { ++stopped; });
        EXPECT_THAT(accepted_, SizeIs(5));
        clock_.Advance(Acceptor::kHandshakeTime);
      },
      [] {},
      [&] {
        EXPECT_EQ(stopped, 1);
        EXPECT_LT(acceptor_->fd(), 0);
        EXPECT_EQ(ConnectErrno(address), ECONNREFUSED);
        acceptor_->StopAfterWaiting([&stopped] { ++stopped; });
        EXPECT_EQ(stopped, 2);  // at once
      });
}

TEST_F(AcceptorStopTest, StoppedWhileItStopsAfterWaitingItForgetsThat) {
  Create({}, kLoopback);
  Connect(1);
  RunSteps(
      loop_,
      [&] {
        acceptor_->Hold();
        acceptor_->StopAfterWaiting();
        EXPECT_THAT(accepted_, SizeIs(1));
        acceptor_->Stop();
        acceptor_->Stop();
      },
      [&] { clock_.Advance(Acceptor::kHandshakeTime); }, [] {});
  EXPECT_THAT(accepted_, SizeIs(1));
}

// Who comes while it takes what waits is not let in, to be reset a little
// later: the kernel tells those to try again.
TEST_F(AcceptorStopTest, StoppingAfterWaitingLetsNobodyIn) {
  auto probe = Socket::Listen(kLoopback, {});
  ASSERT_TRUE(probe.ok()) << probe.status();
  if (!probe->RefuseNew()) GTEST_SKIP() << "not allowed here";
  Create({}, kLoopback);
  const InetAddress address = acceptor_->address();
  int error = -1;
  on_accept_ = [&] { error = ConnectErrno(address, /*timeout_ms=*/0); };
  Connect(1);
  acceptor_->StopAfterWaiting();
  EXPECT_EQ(error, EINPROGRESS);
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(AcceptorStopTest, WhoSharesTheSocketIsStillReached) {
  Create({}, kLoopback);
  const InetAddress address = acceptor_->address();
  const UniqueFd other(dup(acceptor_->fd()));  // as if in another process
  acceptor_->Share();
  acceptor_->StopAfterWaiting();
  RunTurns(loop_, 3);
  EXPECT_EQ(ConnectErrno(address), 0);
}

TEST_F(AcceptorStopTest, WhoMadeAnAdoptedSocketIsStillReachedAndKeepsItsFile) {
  const InetAddress address = UnixAddress("adopted");
  auto socket = Socket::Listen(address, {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  const UniqueFd maker(dup(socket->fd()));
  auto acceptor =
      Acceptor::Create(&loop_, *std::move(socket), {.adopted = true}, nullptr);
  ASSERT_TRUE(acceptor.ok()) << acceptor.status();
  (*acceptor)->StopAfterWaiting();
  acceptor->reset();
  EXPECT_EQ(ConnectErrno(address), 0);
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

}  // namespace
}  // namespace rondo
