// Sockets that listen: on what, why not, and the files of unix sockets.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
#include <vector>

#include "net/tcp/socket.h"
#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/socket_option.h"
#include "tests/testing/ipv6.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

InetAddress Loopback() { return *InetAddress::Parse("127.0.0.1:0"); }
InetAddress Loopback6() { return *InetAddress::Parse("[::1]:0"); }

// One of each family that this machine has.
std::vector<InetAddress> OfEachFamily() {
  std::vector<InetAddress> result = {Loopback(), AbstractAddress()};
  if (HasIpv6()) result.push_back(Loopback6());
  return result;
}

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
  AwaitInput(listener.fd());
  return listener.Accept();
}

bool IsNonBlockingAndCloseOnExec(const Socket& socket) {
  return (fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) != 0 &&
         (fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) != 0;
}

// A folder for socket files, which goes with what is in it. Its name is short:
// TempDir()'s can be longer than a unix address may be, 108 bytes.
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

// --- Listening. --------------------------------------------------------------

TEST(SocketListenTest, ListensNonBlockingAndCloseOnExec) {
  for (const InetAddress& address : OfEachFamily()) {
    const Socket listener = MustListen(address);
    EXPECT_TRUE(IsNonBlockingAndCloseOnExec(listener)) << address.ToString();
    EXPECT_EQ(SocketOption(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
  }
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6 << "; the others are as they should";
}

TEST(SocketListenTest, TellsTheAddressThatTheSystemChose) {
  const Socket listener = MustListen(Loopback());
  const auto address = listener.LocalAddress();
  ASSERT_TRUE(address.ok());
  EXPECT_NE(address->port(), 0);
  EXPECT_EQ(address->WithPort(0), Loopback());
  const InetAddress abstract = AbstractAddress();
  EXPECT_EQ(*MustListen(abstract).LocalAddress(), abstract);
}

TEST(SocketListenTest, AcceptsNonBlockingAndCloseOnExec) {
  Socket listener = MustListen(Loopback());
  const LoopbackClient client(*listener.LocalAddress());
  const Socket::Accepted accepted = AwaitAccept(listener);
  ASSERT_EQ(accepted.error, 0);
  EXPECT_TRUE(IsNonBlockingAndCloseOnExec(accepted.socket));
  EXPECT_EQ(accepted.peer, client.LocalAddress());
  EXPECT_EQ(*accepted.socket.LocalAddress(), *listener.LocalAddress());
}

TEST(SocketListenTest, AcceptsOnAUnixSocket) {
  Socket listener = MustListen(AbstractAddress());
  const LoopbackClient client(*listener.LocalAddress());
  const Socket::Accepted accepted = listener.Accept();
  ASSERT_EQ(accepted.error, 0);
  EXPECT_EQ(accepted.peer, InetAddress());
  EXPECT_TRUE(IsNonBlockingAndCloseOnExec(accepted.socket));
}

TEST(SocketListenTest, KnowsWhetherAConnectionWaits) {
  Socket listener = MustListen(AbstractAddress());
  EXPECT_FALSE(listener.HasWaiting());
  EXPECT_EQ(listener.Accept().error, EAGAIN);
  const LoopbackClient client(*listener.LocalAddress());
  EXPECT_TRUE(listener.HasWaiting());
  EXPECT_EQ(listener.Accept().error, 0);
  EXPECT_FALSE(listener.HasWaiting());
}

TEST(SocketListenTest, AcceptedSocketsInheritTheOptions) {
  for (const bool on : {true, false}) {
    Socket listener =
        MustListen(Loopback(), {.tcp_no_delay = on, .keep_alive = on});
    const LoopbackClient client(*listener.LocalAddress());
    const Socket::Accepted accepted = AwaitAccept(listener);
    EXPECT_EQ(SocketOption(accepted.socket, IPPROTO_TCP, TCP_NODELAY) != 0, on);
    EXPECT_EQ(SocketOption(accepted.socket, SOL_SOCKET, SO_KEEPALIVE) != 0, on);
  }
}

TEST(SocketListenTest, ReusePortLetsSeveralListen) {
  const Socket first = MustListen(Loopback(), {.reuse_port = true});
  const Socket second = MustListen(*first.LocalAddress(), {.reuse_port = true});
  EXPECT_EQ(*first.LocalAddress(), *second.LocalAddress());
  EXPECT_FALSE(Socket::Listen(*first.LocalAddress(), {}).ok());
}

TEST(SocketListenTest, Ipv6OnlyLeavesIpv4ToOthers) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  const Socket v4 = MustListen(*InetAddress::Parse("0.0.0.0:0"));
  const auto all =
      InetAddress::Parse("[::]:0")->WithPort(v4.LocalAddress()->port());
  EXPECT_FALSE(Socket::Listen(all, {}).ok());
  EXPECT_TRUE(MustListen(all, {.ipv6_only = true}).valid());
}

TEST(SocketListenTest, TellsWhetherOthersMayHaveThePort) {
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

TEST(SocketListenTest, AdoptsAListeningSocket) {
  for (const InetAddress& address : OfEachFamily()) {
    UniqueFd fd = ForeignSocket(address.family(), SOCK_STREAM);
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
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6 << "; the others are as they should";
}

TEST(SocketListenTest, AdoptsNothingElse) {
  EXPECT_THAT(WhyNotAdopted(UniqueFd()), HasSubstr("not open"));
  EXPECT_THAT(WhyNotAdopted(EventFd()), HasSubstr("not a socket"));
  EXPECT_THAT(WhyNotAdopted(ForeignSocket(AF_INET, SOCK_DGRAM)),
              HasSubstr("SOCK_STREAM"));
  EXPECT_THAT(WhyNotAdopted(ForeignSocket(AF_INET, SOCK_STREAM)),
              HasSubstr("listen(2)"));
  EXPECT_THAT(WhyNotAdopted(TcpPair().a), HasSubstr("listen(2)"));
}

// --- What cannot be listened on. ---------------------------------------------

TEST(SocketListenTest, AnAddressInUse) {
  for (const InetAddress& address : OfEachFamily()) {
    const Socket first = MustListen(address);
    EXPECT_THAT(WhyNot(*first.LocalAddress()),
                HasSubstr(address.is_unix() ? "something else has this path"
                                            : "another socket has it"));
  }
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6 << "; the others are as they should";
}

TEST(SocketListenTest, AnAddressOfAnotherMachine) {
  EXPECT_THAT(WhyNot(*InetAddress::Parse("192.0.2.1:0")),
              HasSubstr("this machine has no such address"));
}

TEST(SocketListenTest, AUnixAddressWithoutAPath) {
  EXPECT_THAT(WhyNot(InetAddress()), HasSubstr("without a path"));
}

TEST(SocketListenTest, AMissingFolder) {
  EXPECT_THAT(WhyNot(*InetAddress::Parse("unix:/no/such/folder/x.sock")),
              AllOf(HasSubstr("folder"), HasSubstr("create it")));
}

TEST(SocketListenTest, NoPermission) {
  const TempFolder temp;
  ASSERT_EQ(chmod(temp.folder().c_str(), 0555), 0);
  const NoOverride no_override;
  EXPECT_THAT(WhyNot(temp.Address()), HasSubstr("may not write to the folder"));
}

TEST(SocketListenTest, OutOfDescriptors) {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none = {.rlim_cur = 3, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const std::string why = WhyNot(Loopback());
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_THAT(why, HasSubstr("raise `ulimit -n`"));
}

// --- Socket files. -----------------------------------------------------------

TEST(SocketListenTest, AStaleSocketFileIsReplaced) {
  const TempFolder temp;
  { const Socket gone = MustListen(temp.Address()); }
  ASSERT_TRUE(FileExists(temp.Path()));
  Socket listener = MustListen(temp.Address());
  const LoopbackClient client(temp.Address());
  EXPECT_EQ(listener.Accept().error, 0);
}

TEST(SocketListenTest, ASocketFileHasTheModeThatWasAskedFor) {
  const TempFolder temp;
  const Socket listener = MustListen(temp.Address(), {.file_mode = 0600});
  struct stat file;
  ASSERT_EQ(lstat(temp.Path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST(SocketListenTest, ALiveSocketFileIsNotReplaced) {
  const TempFolder temp;
  Socket listener = MustListen(temp.Address());
  EXPECT_THAT(WhyNot(temp.Address()),
              HasSubstr("something else has this path"));
  // The failed one has looked; then comes the client.
  const LoopbackClient client(temp.Address());
  EXPECT_EQ(listener.Accept().error, 0);
  EXPECT_EQ(listener.Accept().error, 0);
}

TEST(SocketListenTest, AnotherKindOfFileIsNotReplaced) {
  const TempFolder temp;
  std::ofstream(temp.Path()) << "precious";
  WhyNot(temp.Address());
  std::string contents;
  std::ifstream(temp.Path()) >> contents;
  EXPECT_EQ(contents, "precious");
}

TEST(SocketListenTest, AFolderIsNotReplaced) {
  const TempFolder temp;
  ASSERT_EQ(mkdir(temp.Path().c_str(), 0700), 0);
  WhyNot(temp.Address());
  EXPECT_TRUE(FileExists(temp.Path()));
}

}  // namespace
}  // namespace rondo
