#include "net/tcp/socket_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "net/tcp/socket.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// Every call is counted and fails with `error`.
class FailingCalls final : public SocketCalls {
 public:
  explicit FailingCalls(int error) : error_(error) {}

  int calls() const { return calls_; }

  int Accept4(int, sockaddr*, socklen_t*, int) override { return Fail(); }
  int Poll(pollfd*, nfds_t, int) override { return Fail(); }
  ssize_t Recv(int, void*, size_t, int) override { return Fail(); }
  ssize_t Recvmsg(int, msghdr*, int) override { return Fail(); }
  ssize_t Send(int, const void*, size_t, int) override { return Fail(); }
  ssize_t Sendmsg(int, const msghdr*, int) override { return Fail(); }
  ssize_t Sendfile(int, int, off_t*, size_t) override { return Fail(); }
  int Shutdown(int, int) override { return Fail(); }
  int Getsockopt(int, int, int, void*, socklen_t*) override { return Fail(); }
  int Setsockopt(int, int, int, const void*, socklen_t) override {
    return Fail();
  }

 private:
  int Fail() {
    ++calls_;
    errno = error_;
    return -1;
  }

  const int error_;
  int calls_ = 0;
};

class SocketCallsTest : public ::testing::Test {
 protected:
  IoResult WriteOne() {
    const iovec slice = {block_, 1};
    return socket_.Write(&slice, 1);
  }

  FdPair pair_ = UnixPair();
  Socket socket_{std::move(pair_.a)};
  char block_[8] = {};
};

TEST_F(SocketCallsTest, AreTheSystemsUnlessReplaced) {
  EXPECT_EQ(WriteOne().bytes, 1u);
  EXPECT_EQ(Read(pair_.b).size(), 1u);
}

TEST_F(SocketCallsTest, DecideWhatEveryCallOfASocketReturns) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  FailingCalls failing(ENETDOWN);
  const ScopedSocketCalls scoped(&failing);
  EXPECT_EQ(socket_.Read(block_, 1).error, ENETDOWN);
  EXPECT_EQ(WriteOne().error, ENETDOWN);
  const iovec slices[] = {{block_, 1}, {block_, 1}};
  EXPECT_EQ(socket_.Write(slices, 2).error, ENETDOWN);
  EXPECT_EQ(socket_.SendFile(0, 0, 1).error, ENETDOWN);
  EXPECT_EQ(socket_.PeekInput(), Pending::kError);
  EXPECT_EQ(socket_.Accept().error, ENETDOWN);
  EXPECT_FALSE(socket_.HasWaiting());
  EXPECT_EQ(socket_.TakeError(), ENETDOWN);
  EXPECT_FALSE(socket_.PeerUid().ok());
  EXPECT_FALSE(socket_.reuse_port());
  socket_.SetNoDelay(true);
  socket_.SetKeepAlive(true);
  socket_.ResetOnClose();
  socket_.ShutdownWrite();
  EXPECT_EQ(failing.calls(), 14);
  EXPECT_EQ(ReadErrno(pair_.b), EAGAIN);  // not even the FIN
}

// Writes down the flags of each send.
class SendFlags final : public SocketCalls {
 public:
  const std::vector<int>& seen() const { return seen_; }

  ssize_t Send(int fd, const void* from, size_t bytes, int flags) override {
    seen_.push_back(flags);
    return SocketCalls::Send(fd, from, bytes, flags);
  }
  ssize_t Sendmsg(int fd, const msghdr* message, int flags) override {
    seen_.push_back(flags);
    return SocketCalls::Sendmsg(fd, message, flags);
  }

 private:
  std::vector<int> seen_;
};

TEST_F(SocketCallsTest, HearWhenMoreFollowsAWrite) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  SendFlags flags;
  const ScopedSocketCalls scoped(&flags);
  const iovec slices[] = {{block_, 1}, {block_, 1}};
  for (const int count : {1, 2}) {
    socket_.Write(slices, count);
    socket_.Write(slices, count, /*more=*/true);
  }
  EXPECT_THAT(flags.seen(), ElementsAre(MSG_NOSIGNAL, MSG_NOSIGNAL | MSG_MORE,
                                        MSG_NOSIGNAL, MSG_NOSIGNAL | MSG_MORE));
  EXPECT_EQ(Read(pair_.b).size(), 6u);
}

TEST_F(SocketCallsTest, NestAndGoWithTheirScope) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  FailingCalls outer(ENETDOWN);
  FailingCalls inner(ENETUNREACH);
  {
    const ScopedSocketCalls outer_scope(&outer);
    {
      const ScopedSocketCalls inner_scope(&inner);
      EXPECT_EQ(WriteOne().error, ENETUNREACH);
    }
    EXPECT_EQ(WriteOne().error, ENETDOWN);
  }
  EXPECT_EQ(WriteOne().bytes, 1u);
}

TEST_F(SocketCallsTest, AreNotReplaceableInTheProduct) {
  if (kSocketCallsReplaceable) GTEST_SKIP() << "a build with assertions";
  FailingCalls failing(ENETDOWN);
  const ScopedSocketCalls scoped(&failing);
  EXPECT_EQ(WriteOne().bytes, 1u);
  EXPECT_EQ(failing.calls(), 0);
}

}  // namespace
}  // namespace rondo
