#include "net/tcp/fd_passing.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

class FdPassingTest : public ::testing::Test {
 protected:
  // What arrives in one read.
  std::string Receive(size_t bytes = 64) {
    std::string to(bytes, '\0');
    last_ = ReceiveFds(receiver_, to.data(), to.size(), &fds_);
    to.resize(last_.bytes);
    return to;
  }

  FdPair pair_ = UnixPair();
  Socket sender_{std::move(pair_.a)};
  Socket receiver_{std::move(pair_.b)};
  IoResult last_;
  std::vector<UniqueFd> fds_;
};

TEST_F(FdPassingTest, DescriptorsComeInOrderAndCloseOnExec) {
  const FdPair one = Pipe();
  const FdPair two = Pipe();
  const int fds[] = {one.a.get(), two.a.get()};
  EXPECT_EQ(SendFds(sender_, "hello", fds).bytes, 5u);
  EXPECT_EQ(Receive(), "hello");
  ASSERT_EQ(fds_.size(), 2u);
  Write(one.b, "one");
  Write(two.b, "two");
  EXPECT_EQ(Read(fds_[0]), "one");
  EXPECT_EQ(Read(fds_[1]), "two");
  for (const UniqueFd& fd : fds_) {
    EXPECT_NE(fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST_F(FdPassingTest, TheSendersMayGoAtOnce) {
  FdPair pipe = Pipe();
  const int fd = pipe.a.get();
  SendFds(sender_, "x", {&fd, 1});
  pipe.a.Reset();
  Receive();
  ASSERT_EQ(fds_.size(), 1u);
  Write(pipe.b, "still there");
  EXPECT_EQ(Read(fds_[0]), "still there");
}

TEST_F(FdPassingTest, BytesAloneCarryNone) {
  EXPECT_EQ(SendFds(sender_, "alone", {}).bytes, 5u);
  EXPECT_EQ(Receive(), "alone");
  EXPECT_TRUE(fds_.empty());
}

TEST_F(FdPassingTest, TakesAMessageFull) {
  const FdPair pipe = Pipe();
  const std::vector<int> full(kMaxFdsPerMessage, pipe.a.get());
  EXPECT_EQ(SendFds(sender_, "1", full).bytes, 1u);
  EXPECT_EQ(SendFds(sender_, "2", full).bytes, 1u);
  // The descriptors of two messages do not come at once.
  EXPECT_EQ(Receive(), "1");
  EXPECT_EQ(fds_.size(), kMaxFdsPerMessage);
  EXPECT_EQ(Receive(), "2");
  EXPECT_EQ(fds_.size(), 2 * kMaxFdsPerMessage);
}

TEST_F(FdPassingTest, TheFirstOfTheBytesCarriesThem) {
  const FdPair pipe = Pipe();
  const int fd = pipe.a.get();
  SendFds(sender_, "hello", {&fd, 1});
  EXPECT_EQ(Receive(1), "h");
  EXPECT_EQ(fds_.size(), 1u);
  EXPECT_EQ(Receive(), "ello");
  EXPECT_EQ(fds_.size(), 1u);
}

TEST_F(FdPassingTest, OutOfDescriptorsLosesThemAndSaysSo) {
  const FdPair pipe = Pipe();
  const std::vector<int> three(3, pipe.a.get());
  Receive();  // UBSan opens descriptors when it first sees an object's type
  SendFds(sender_, "x", three);
  {
    const DescriptorFamine famine;
    Receive();
  }
  EXPECT_EQ(last_.error, EMFILE);
  EXPECT_TRUE(fds_.empty());
}

TEST_F(FdPassingTest, TellsNothingYetAndTheEnd) {
  Receive();
  EXPECT_EQ(last_.error, EAGAIN);
  sender_.Close();
  EXPECT_EQ(Receive(), "");
  EXPECT_EQ(last_.error, 0);
  EXPECT_EQ(SendFds(receiver_, "x", {}).error, EPIPE);
}

TEST_F(FdPassingTest, AwaitsInput) {
  EXPECT_FALSE(AwaitInput(receiver_, Clock::Real().Now()));
  EXPECT_FALSE(
      AwaitInput(receiver_, Clock::Real().Now() + absl::Milliseconds(1)));
  SendFds(sender_, "x", {});
  // Also when it is late already.
  EXPECT_TRUE(AwaitInput(receiver_, Clock::Real().Now() + absl::Hours(-1)));
  EXPECT_TRUE(AwaitInput(receiver_, MonotonicTime::InfiniteFuture()));
}

// --- Connecting. -------------------------------------------------------------

absl::StatusCode Connect(const std::string& path,
                         absl::Duration timeout = absl::Minutes(1)) {
  return ConnectUnix(path, timeout).status().code();
}

TEST(ConnectUnixTest, Connects) {
  const InetAddress address = AbstractAddress();
  Socket listener = *Socket::Listen(address, {});
  const auto connection =
      ConnectUnix(address.unix_path(), absl::InfiniteDuration());
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_NE(fcntl(connection->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(connection->fd(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(listener.Accept().error, 0);
}

TEST(ConnectUnixTest, FindsNobody) {
  const InetAddress address = UnixAddress("nobody");
  const std::string& path = address.unix_path();
  EXPECT_EQ(Connect(path), absl::StatusCode::kNotFound);
  { const Socket gone = *Socket::Listen(address, {}); }
  EXPECT_EQ(Connect(path), absl::StatusCode::kNotFound);  // stale
  unlink(path.c_str());
}

TEST(ConnectUnixTest, FindsNobodyWhoAccepts) {
  const InetAddress address = AbstractAddress();
  const Socket listener = *Socket::Listen(address, {.backlog = 0});
  // The kernel lets one more wait than the backlog says.
  const auto first = ConnectUnix(address.unix_path(), absl::Minutes(1));
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(Connect(address.unix_path(), absl::Milliseconds(1)),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(ConnectUnixTest, RefusesWhatIsNoPath) {
  EXPECT_EQ(Connect(std::string(200, 'x')), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Connect("/dev/null/x"), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace rondo
