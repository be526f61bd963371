// Connected sockets. Those that listen are in socket_listen_test.cc.
#include "net/tcp/socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "tests/net/tcp/socket_option.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

TEST(SocketTest, HoldsNothingByDefault) {
  Socket socket;
  EXPECT_FALSE(socket.valid());
  char byte;
  EXPECT_EQ(socket.Read(&byte, 1).error, EBADF);
}

class SocketPairTest : public ::testing::Test {
 protected:
  FdPair pair_ = TcpPair();
  Socket socket_{std::move(pair_.a)};
  char block_[64];
};

TEST_F(SocketPairTest, ReadTellsBytesNothingYetAndTheEnd) {
  EXPECT_EQ(socket_.Read(block_, sizeof(block_)).error, EAGAIN);
  const FdPair pair = UnixPair();
  Socket local(UniqueFd(dup(pair.a.get())));
  Write(pair.b, "hello");
  IoResult result = local.Read(block_, 3);
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(std::string(block_, result.bytes), "hel");
  shutdown(pair.b.get(), SHUT_WR);
  result = local.Read(block_, sizeof(block_));
  EXPECT_EQ(std::string(block_, result.bytes), "lo");
  result = local.Read(block_, sizeof(block_));
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.bytes, 0u);
}

TEST_F(SocketPairTest, WriteTakesWhatThereIsRoomFor) {
  std::string much(64 << 20, 'x');
  const iovec slices[] = {{much.data(), 10}, {much.data(), much.size()}};
  const IoResult result = socket_.Write(slices, 2);
  EXPECT_EQ(result.error, 0);
  EXPECT_GT(result.bytes, 10u);
  EXPECT_LT(result.bytes, much.size());
  // Until the last of it has no room.
  while (socket_.Write(slices, 2).error == 0) {
  }
  EXPECT_EQ(socket_.Write(slices, 1).error, EAGAIN);
  EXPECT_EQ(socket_.Write(slices, 2).error, EAGAIN);
}

TEST_F(SocketPairTest, PeekTellsWhatAReadWouldFind) {
  EXPECT_EQ(socket_.PeekInput(), Pending::kNothing);
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  Write(pair.b, "x");
  EXPECT_EQ(socket.PeekInput(), Pending::kBytes);
  EXPECT_EQ(socket.PeekInput(), Pending::kBytes);
  EXPECT_EQ(socket.Read(block_, sizeof(block_)).bytes, 1u);
  EXPECT_EQ(socket.PeekInput(), Pending::kNothing);
  pair.b.Reset();
  EXPECT_EQ(socket.PeekInput(), Pending::kEnd);
  socket.Close();
  EXPECT_EQ(socket.PeekInput(), Pending::kError);
}

TEST_F(SocketPairTest, PeekTellsOfAReset) {
  CloseWithReset(std::move(pair_.b));
  EXPECT_TRUE(AwaitInput(socket_.fd()));
  EXPECT_EQ(socket_.PeekInput(), Pending::kError);
}

TEST_F(SocketPairTest, TellsWhoseThePeerIs) {
  FdPair pair = UnixPair();
  const auto user = Socket(std::move(pair.a)).PeerUid();
  ASSERT_TRUE(user.ok()) << user.status();
  EXPECT_EQ(*user, geteuid());
  EXPECT_FALSE(Socket().PeerUid().ok());
}

TEST_F(SocketPairTest, WritingToAClosedPeerRaisesNoSignal) {
  // The default action would end the test.
  const auto before = signal(SIGPIPE, SIG_DFL);
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  pair.b.Reset();
  const iovec slices[] = {{block_, 1}, {block_, 1}};
  EXPECT_EQ(socket.Write(slices, 1).error, EPIPE);
  EXPECT_EQ(socket.Write(slices, 2).error, EPIPE);
  signal(SIGPIPE, before);
}

TEST_F(SocketPairTest, SendFileTakesWhatThereIsRoomFor) {
  constexpr size_t kMuch = 64 << 20;
  const MemoryFile file = MakeSparseFile(kMuch);
  const IoResult result = socket_.SendFile(file->get(), 0, kMuch);
  EXPECT_EQ(result.error, 0);
  EXPECT_GT(result.bytes, 0u);
  EXPECT_LT(result.bytes, kMuch);
  while (socket_.SendFile(file->get(), 0, kMuch).error == 0) {
  }
  EXPECT_EQ(socket_.SendFile(file->get(), 0, kMuch).error, EAGAIN);
}

TEST_F(SocketPairTest, SendFileEndsWhereTheFileEnds) {
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  const MemoryFile file = MakeFile("0123456789");
  EXPECT_EQ(socket.SendFile(file->get(), 3, 4).bytes, 4u);
  EXPECT_EQ(socket.SendFile(file->get(), 8, 4).bytes, 2u);
  for (const uint64_t offset : {uint64_t{10}, uint64_t{1} << 40}) {
    const IoResult result = socket.SendFile(file->get(), offset, 4);
    EXPECT_EQ(result.error, 0);
    EXPECT_EQ(result.bytes, 0u);
  }
  EXPECT_EQ(Read(pair.b), "345689");
}

TEST_F(SocketPairTest, SendFileFailsForWhatIsNoFile) {
  EXPECT_EQ(socket_.SendFile(EventFd().get(), 0, 8).error, ESPIPE);
  EXPECT_EQ(socket_.SendFile(-1, 0, 8).error, EBADF);
}

// In a thread of its own, where nothing has been sent before.
TEST_F(SocketPairTest, SendFileToAClosedPeerRaisesNoSignal) {
  const auto before = signal(SIGPIPE, SIG_DFL);
  std::thread([] {
    const MemoryFile file = MakeFile("x");
    FdPair pair = UnixPair();
    Socket socket(std::move(pair.a));
    pair.b.Reset();
    EXPECT_EQ(socket.SendFile(file->get(), 0, 1).error, EPIPE);
    EXPECT_EQ(socket.SendFile(file->get(), 0, 1).error, EPIPE);
  }).join();
  signal(SIGPIPE, before);
}

TEST_F(SocketPairTest, ShutdownWriteEndsOneDirection) {
  socket_.ShutdownWrite();
  const iovec slice = {block_, 1};
  EXPECT_EQ(socket_.Write(&slice, 1).error, EPIPE);
  EXPECT_TRUE(AwaitInput(pair_.b.get()));
  EXPECT_EQ(ReadErrno(pair_.b), 0);
  Write(pair_.b, "back");
  EXPECT_TRUE(AwaitInput(socket_.fd()));
  EXPECT_EQ(socket_.Read(block_, sizeof(block_)).bytes, 4u);
}

TEST_F(SocketPairTest, ResetOnCloseSendsRst) {
  socket_.ResetOnClose();
  socket_.Close();
  EXPECT_TRUE(AwaitInput(pair_.b.get()));
  EXPECT_EQ(ReadErrno(pair_.b), ECONNRESET);
}

TEST_F(SocketPairTest, CloseClosesNow) {
  EXPECT_TRUE(socket_.valid());
  socket_.Close();
  EXPECT_FALSE(socket_.valid());
  EXPECT_EQ(socket_.Read(block_, 1).error, EBADF);
  EXPECT_FALSE(socket_.LocalAddress().ok());
  socket_.Close();
}

TEST_F(SocketPairTest, TakeErrorTakesItOnce) {
  EXPECT_EQ(socket_.TakeError(), 0);
  Socket refused(RefusedConnection());
  EXPECT_TRUE(AwaitEvents(refused.fd(), POLLOUT));
  EXPECT_EQ(refused.TakeError(), ECONNREFUSED);
  EXPECT_EQ(refused.TakeError(), 0);
}

TEST_F(SocketPairTest, SetsOptionsOnAndOff) {
  for (const bool on : {true, false}) {
    socket_.SetNoDelay(on);
    socket_.SetKeepAlive(on);
    EXPECT_EQ(SocketOption(socket_, IPPROTO_TCP, TCP_NODELAY) != 0, on);
    EXPECT_EQ(SocketOption(socket_, SOL_SOCKET, SO_KEEPALIVE) != 0, on);
  }
}

TEST_F(SocketPairTest, TcpOptionsOnAUnixSocketDoNothing) {
  const FdPair pair = UnixPair();
  Socket socket(UniqueFd(dup(pair.a.get())));
  socket.SetNoDelay(true);
  Write(pair.b, "x");
  EXPECT_EQ(socket.Read(block_, 1).bytes, 1u);
}

}  // namespace
}  // namespace rondo
