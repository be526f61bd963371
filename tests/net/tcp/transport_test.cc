#include "net/tcp/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/tcp/socket_calls.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// Writes down the flags of each send.
struct SendFlags final : public SocketCalls {
  ssize_t Send(int fd, const void* from, size_t bytes, int flags) override {
    seen.push_back(flags);
    return SocketCalls::Send(fd, from, bytes, flags);
  }

  std::vector<int> seen;
};

class TransportTest : public ::testing::Test {
 protected:
  FdPair pair_ = UnixPair();
  const int fd_ = pair_.a.get();
  Transport transport_{Socket(std::move(pair_.a))};
};

TEST_F(TransportTest, OwnsTheSocket) {
  EXPECT_EQ(transport_.socket().fd(), fd_);
  { const Transport gone(std::move(transport_.socket())); }
  EXPECT_EQ(ReadErrno(pair_.b), 0);  // the end
}

TEST_F(TransportTest, ReadsFromTheSocket) {
  char block[8];
  EXPECT_EQ(transport_.Read(block, sizeof(block)).error, EAGAIN);
  Write(pair_.b, "hello there");
  const IoResult result = transport_.Read(block, 5);
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(std::string_view(block, result.bytes), "hello");
  pair_.b.Reset();
  EXPECT_EQ(transport_.Read(block, sizeof(block)).bytes, 6u);
  EXPECT_EQ(transport_.Read(block, sizeof(block)).bytes, 0u);
}

TEST_F(TransportTest, WritesSlicesToTheSocket) {
  std::string one = "one ";
  std::string two = "two";
  const iovec slices[] = {{one.data(), one.size()}, {two.data(), two.size()}};
  EXPECT_EQ(transport_.Write(slices, 2, /*more=*/false).bytes, 7u);
  EXPECT_EQ(Read(pair_.b), "one two");
}

TEST_F(TransportTest, SaysWhenMoreFollows) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  SendFlags flags;
  const ScopedSocketCalls scoped(&flags);
  char byte = 'x';
  const iovec slice = {&byte, 1};
  transport_.Write(&slice, 1, /*more=*/true);
  transport_.Write(&slice, 1, /*more=*/false);
  EXPECT_THAT(flags.seen, ElementsAre(MSG_NOSIGNAL | MSG_MORE, MSG_NOSIGNAL));
}

TEST_F(TransportTest, SendsAPartOfAFileByTheSocket) {
  const MemoryFile file = MakeFile("hello there");
  EXPECT_EQ(transport_.SendFile(file->get(), 6, 100).bytes, 5u);
  EXPECT_EQ(Read(pair_.b), "there");
}

TEST_F(TransportTest, ShutsDownOneDirection) {
  transport_.ShutdownWrite();
  EXPECT_EQ(ReadErrno(pair_.b), 0);  // the end
  Write(pair_.b, "back");
  char block[8];
  EXPECT_EQ(transport_.Read(block, sizeof(block)).bytes, 4u);
}

}  // namespace
}  // namespace rondo
