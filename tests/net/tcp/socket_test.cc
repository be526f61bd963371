#include "net/tcp/socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include "tests/net/tcp/addresses.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

InetAddress Loopback() { return *InetAddress::Parse("127.0.0.1:0"); }
InetAddress Loopback6() { return *InetAddress::Parse("[::1]:0"); }

Socket MustListen(const InetAddress& address, ListenOptions options = {}) {
  auto socket = Socket::Listen(address, options);
  EXPECT_TRUE(socket.ok()) << socket.status();
  return socket.ok() ? *std::move(socket) : Socket();
}

// Why there is no listening on `address`; it must be named.
std::string WhyNot(const InetAddress& address) {
  const auto socket = Socket::Listen(address, {});
  EXPECT_FALSE(socket.ok()) << address.ToString();
  const std::string message(socket.status().message());
  EXPECT_THAT(message, HasSubstr(address.ToString()));
  return message;
}

Socket::Accepted AwaitAccept(Socket& listener) {
  pollfd watched = {.fd = listener.fd(), .events = POLLIN, .revents = 0};
  poll(&watched, 1, /*timeout_ms=*/60'000);
  return listener.Accept();
}

int Option(const Socket& socket, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  getsockopt(socket.fd(), level, name, &value, &length);
  return value;
}

bool IsNonBlockingAndCloseOnExec(const Socket& socket) {
  return (fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) != 0 &&
         (fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) != 0;
}

// A folder for socket files, which goes with what is in it.
class TempFolder {
 public:
  TempFolder() { EXPECT_NE(mkdtemp(path_), nullptr); }
  ~TempFolder() {
    unlink(Path().c_str());
    rmdir(Path().c_str());
    rmdir(path_);
  }

  std::string folder() const { return path_; }
  std::string Path() const { return folder() + "/x"; }
  InetAddress Address() const { return *InetAddress::Parse("unix:" + Path()); }

 private:
  char path_[32] = "/tmp/rondo-socket-XXXXXX";
};

// While it lives, this thread's file access is checked even for root.
class NoOverride {
 public:
  NoOverride() {
    syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct without[2] = {before_[0], before_[1]};
    without[0].effective &= ~(1u << CAP_DAC_OVERRIDE);
    syscall(SYS_capset, &header_, without);
  }
  ~NoOverride() { syscall(SYS_capset, &header_, before_); }

 private:
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// --- Listening. --------------------------------------------------------------

TEST(SocketTest, HoldsNothingByDefault) {
  Socket socket;
  EXPECT_FALSE(socket.valid());
  char byte;
  EXPECT_EQ(socket.Read(&byte, 1).error, EBADF);
}

TEST(SocketTest, ListensNonBlockingAndCloseOnExec) {
  for (const InetAddress& address :
       {Loopback(), Loopback6(), AbstractAddress()}) {
    const Socket listener = MustListen(address);
    EXPECT_TRUE(IsNonBlockingAndCloseOnExec(listener)) << address.ToString();
    EXPECT_EQ(Option(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
  }
}

TEST(SocketTest, TellsTheAddressThatTheSystemChose) {
  const Socket listener = MustListen(Loopback());
  const auto address = listener.LocalAddress();
  ASSERT_TRUE(address.ok());
  EXPECT_NE(address->port(), 0);
  EXPECT_EQ(address->WithPort(0), Loopback());
  const InetAddress abstract = AbstractAddress();
  EXPECT_EQ(*MustListen(abstract).LocalAddress(), abstract);
}

TEST(SocketTest, AcceptsNonBlockingAndCloseOnExec) {
  Socket listener = MustListen(Loopback());
  const LoopbackClient client(*listener.LocalAddress());
  const Socket::Accepted accepted = AwaitAccept(listener);
  ASSERT_EQ(accepted.error, 0);
  EXPECT_TRUE(IsNonBlockingAndCloseOnExec(accepted.socket));
  EXPECT_EQ(accepted.peer, client.LocalAddress());
  EXPECT_EQ(*accepted.socket.LocalAddress(), *listener.LocalAddress());
}

TEST(SocketTest, AcceptsOnAUnixSocket) {
  Socket listener = MustListen(AbstractAddress());
  const LoopbackClient client(*listener.LocalAddress());
  const Socket::Accepted accepted = listener.Accept();
  ASSERT_EQ(accepted.error, 0);
  EXPECT_EQ(accepted.peer, InetAddress());
  EXPECT_TRUE(IsNonBlockingAndCloseOnExec(accepted.socket));
}

TEST(SocketTest, KnowsWhetherAConnectionWaits) {
  Socket listener = MustListen(AbstractAddress());
  EXPECT_FALSE(listener.HasWaiting());
  EXPECT_EQ(listener.Accept().error, EAGAIN);
  const LoopbackClient client(*listener.LocalAddress());
  EXPECT_TRUE(listener.HasWaiting());
  EXPECT_EQ(listener.Accept().error, 0);
  EXPECT_FALSE(listener.HasWaiting());
}

TEST(SocketTest, AcceptedSocketsInheritTheOptions) {
  for (const bool on : {true, false}) {
    Socket listener =
        MustListen(Loopback(), {.tcp_no_delay = on, .keep_alive = on});
    const LoopbackClient client(*listener.LocalAddress());
    const Socket::Accepted accepted = AwaitAccept(listener);
    EXPECT_EQ(Option(accepted.socket, IPPROTO_TCP, TCP_NODELAY) != 0, on);
    EXPECT_EQ(Option(accepted.socket, SOL_SOCKET, SO_KEEPALIVE) != 0, on);
  }
}

TEST(SocketTest, ReusePortLetsSeveralListen) {
  const Socket first = MustListen(Loopback(), {.reuse_port = true});
  const Socket second = MustListen(*first.LocalAddress(), {.reuse_port = true});
  EXPECT_EQ(*first.LocalAddress(), *second.LocalAddress());
  EXPECT_FALSE(Socket::Listen(*first.LocalAddress(), {}).ok());
}

TEST(SocketTest, Ipv6OnlyLeavesIpv4ToOthers) {
  const Socket v4 = MustListen(*InetAddress::Parse("0.0.0.0:0"));
  const auto all =
      InetAddress::Parse("[::]:0")->WithPort(v4.LocalAddress()->port());
  EXPECT_FALSE(Socket::Listen(all, {}).ok());
  EXPECT_TRUE(MustListen(all, {.ipv6_only = true}).valid());
}

TEST(SocketTest, TellsWhetherOthersMayHaveThePort) {
  EXPECT_FALSE(MustListen(Loopback()).reuse_port());
  EXPECT_TRUE(MustListen(Loopback(), {.reuse_port = true}).reuse_port());
  EXPECT_FALSE(Socket().reuse_port());
}

// --- Sockets of others. ------------------------------------------------------

// A socket as others make them, blocking and inherited by child processes.
UniqueFd ForeignSocket(int family, int type) {
  UniqueFd fd(socket(family, type, 0));
  EXPECT_TRUE(fd.valid());
  return fd;
}

// Why `fd` is not taken over; it must be named.
std::string WhyNotAdopted(UniqueFd fd) {
  const int number = fd.get();
  const auto adopted = Socket::Adopt(std::move(fd));
  EXPECT_EQ(adopted.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(adopted.status().message());
  EXPECT_THAT(message, HasSubstr("descriptor " + std::to_string(number)));
  return message;
}

TEST(SocketTest, AdoptsAListeningSocket) {
  for (const int family : {AF_INET, AF_INET6, AF_UNIX}) {
    UniqueFd fd = ForeignSocket(family, SOCK_STREAM);
    const InetAddress address = family == AF_INET    ? Loopback()
                                : family == AF_INET6 ? Loopback6()
                                                     : AbstractAddress();
    sockaddr_storage storage;
    const socklen_t length = address.ToSockaddr(&storage);
    ASSERT_EQ(
        bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length), 0);
    ASSERT_EQ(listen(fd.get(), 1), 0);
    auto adopted = Socket::Adopt(std::move(fd));
    ASSERT_TRUE(adopted.ok()) << adopted.status();
    EXPECT_TRUE(IsNonBlockingAndCloseOnExec(*adopted));
    const LoopbackClient client(*adopted->LocalAddress());
    EXPECT_EQ(AwaitAccept(*adopted).error, 0);
  }
}

TEST(SocketTest, AdoptsNothingElse) {
  EXPECT_THAT(WhyNotAdopted(UniqueFd()), HasSubstr("not open"));
  EXPECT_THAT(WhyNotAdopted(EventFd()), HasSubstr("not a socket"));
  EXPECT_THAT(WhyNotAdopted(ForeignSocket(AF_INET, SOCK_DGRAM)),
              HasSubstr("SOCK_STREAM"));
  EXPECT_THAT(WhyNotAdopted(ForeignSocket(AF_INET, SOCK_STREAM)),
              HasSubstr("listen(2)"));
  EXPECT_THAT(WhyNotAdopted(TcpPair().a), HasSubstr("listen(2)"));
}

// --- What cannot be listened on. ---------------------------------------------

TEST(SocketTest, AnAddressInUse) {
  for (const InetAddress& address :
       {Loopback(), Loopback6(), AbstractAddress()}) {
    const Socket first = MustListen(address);
    EXPECT_THAT(WhyNot(*first.LocalAddress()),
                HasSubstr(address.is_unix() ? "something else has this path"
                                            : "another socket has it"));
  }
}

TEST(SocketTest, AnAddressOfAnotherMachine) {
  EXPECT_THAT(WhyNot(*InetAddress::Parse("192.0.2.1:0")),
              HasSubstr("this machine has no such address"));
}

TEST(SocketTest, AUnixAddressWithoutAPath) {
  EXPECT_THAT(WhyNot(InetAddress()), HasSubstr("without a path"));
}

TEST(SocketTest, AMissingFolder) {
  EXPECT_THAT(WhyNot(*InetAddress::Parse("unix:/no/such/folder/x.sock")),
              AllOf(HasSubstr("folder"), HasSubstr("create it")));
}

TEST(SocketTest, NoPermission) {
  const TempFolder temp;
  ASSERT_EQ(chmod(temp.folder().c_str(), 0555), 0);
  const NoOverride no_override;
  EXPECT_THAT(WhyNot(temp.Address()), HasSubstr("may not write to the folder"));
}

TEST(SocketTest, OutOfDescriptors) {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none = {.rlim_cur = 3, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const std::string why = WhyNot(Loopback());
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_THAT(why, HasSubstr("raise `ulimit -n`"));
}

// --- Socket files. -----------------------------------------------------------

TEST(SocketTest, AStaleSocketFileIsReplaced) {
  const TempFolder temp;
  { const Socket gone = MustListen(temp.Address()); }
  ASSERT_TRUE(Exists(temp.Path()));
  Socket listener = MustListen(temp.Address());
  const LoopbackClient client(temp.Address());
  EXPECT_EQ(listener.Accept().error, 0);
}

TEST(SocketTest, ASocketFileHasTheModeThatWasAskedFor) {
  const TempFolder temp;
  const Socket listener = MustListen(temp.Address(), {.file_mode = 0600});
  struct stat file;
  ASSERT_EQ(lstat(temp.Path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST(SocketTest, ALiveSocketFileIsNotReplaced) {
  const TempFolder temp;
  Socket listener = MustListen(temp.Address());
  EXPECT_THAT(WhyNot(temp.Address()),
              HasSubstr("something else has this path"));
  // The failed one has looked; then comes the client.
  const LoopbackClient client(temp.Address());
  EXPECT_EQ(listener.Accept().error, 0);
  EXPECT_EQ(listener.Accept().error, 0);
}

TEST(SocketTest, AnotherKindOfFileIsNotReplaced) {
  const TempFolder temp;
  std::ofstream(temp.Path()) << "precious";
  WhyNot(temp.Address());
  std::string contents;
  std::ifstream(temp.Path()) >> contents;
  EXPECT_EQ(contents, "precious");
}

TEST(SocketTest, AFolderIsNotReplaced) {
  const TempFolder temp;
  ASSERT_EQ(mkdir(temp.Path().c_str(), 0700), 0);
  WhyNot(temp.Address());
  EXPECT_TRUE(Exists(temp.Path()));
}

// --- Reading and writing. ----------------------------------------------------

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
  pollfd watched = {.fd = socket_.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
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

TEST_F(SocketPairTest, ShutdownWriteEndsOneDirection) {
  socket_.ShutdownWrite();
  const iovec slice = {block_, 1};
  EXPECT_EQ(socket_.Write(&slice, 1).error, EPIPE);
  pollfd watched = {.fd = pair_.b.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
  EXPECT_EQ(ReadErrno(pair_.b), 0);
  Write(pair_.b, "back");
  watched.fd = socket_.fd();
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
  EXPECT_EQ(socket_.Read(block_, sizeof(block_)).bytes, 4u);
}

TEST_F(SocketPairTest, ResetOnCloseSendsRst) {
  socket_.ResetOnClose();
  socket_.Close();
  pollfd watched = {.fd = pair_.b.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
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
  pollfd watched = {.fd = refused.fd(), .events = POLLOUT, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
  EXPECT_EQ(refused.TakeError(), ECONNREFUSED);
  EXPECT_EQ(refused.TakeError(), 0);
}

TEST_F(SocketPairTest, SetsOptionsOnAndOff) {
  for (const bool on : {true, false}) {
    socket_.SetNoDelay(on);
    socket_.SetKeepAlive(on);
    EXPECT_EQ(Option(socket_, IPPROTO_TCP, TCP_NODELAY) != 0, on);
    EXPECT_EQ(Option(socket_, SOL_SOCKET, SO_KEEPALIVE) != 0, on);
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
