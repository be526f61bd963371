#include "net/tcp/inet_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

InetAddress Parsed(std::string_view text) {
  const auto address = InetAddress::Parse(text);
  EXPECT_TRUE(address.ok()) << address.status();
  return address.ok() ? *address : InetAddress();
}

const std::vector<std::string>& GoodTexts() {
  static const auto& texts = *new std::vector<std::string>{
      "0.0.0.0:0",
      "127.0.0.1:80",
      "255.255.255.255:65535",
      "[::]:0",
      "[::1]:80",
      "[2001:db8::42:8329]:65535",
      "[::ffff:192.0.2.1]:443",
      "[fe80::1%lo]:80",
      "[fe80::1%4711]:80",  // an interface that is not there
      "unix:",
      "unix:/run/app.sock",
      "unix:relative path with spaces:and colons",
      "unix:@abstract",
      "unix:@",
      "unix:/" + std::string(106, 'p'),
      "unix:@" + std::string(106, 'a'),
  };
  return texts;
}

// --- Text. -------------------------------------------------------------------

TEST(InetAddressTest, PrintsWhatItParsed) {
  for (const std::string& text : GoodTexts()) {
    EXPECT_EQ(Parsed(text).ToString(), text);
  }
}

TEST(InetAddressTest, PrintsIpv6InItsShortForm) {
  EXPECT_EQ(Parsed("[0:0:0:0:0:0:0:1]:80").ToString(), "[::1]:80");
  EXPECT_EQ(Parsed("[2001:DB8:0:0:1:0:0:1]:80").ToString(),
            "[2001:db8::1:0:0:1]:80");
}

TEST(InetAddressTest, KnowsItsFamilyPortAndPath) {
  EXPECT_EQ(Parsed("127.0.0.1:80").family(), AF_INET);
  EXPECT_EQ(Parsed("127.0.0.1:80").port(), 80);
  EXPECT_EQ(Parsed("[::1]:65535").family(), AF_INET6);
  EXPECT_EQ(Parsed("[::1]:65535").port(), 65'535);
  const InetAddress unix_socket = Parsed("unix:/run/app.sock");
  EXPECT_EQ(unix_socket.family(), AF_UNIX);
  EXPECT_TRUE(unix_socket.is_unix());
  EXPECT_EQ(unix_socket.port(), 0);
  EXPECT_EQ(unix_socket.unix_path(), "/run/app.sock");
  EXPECT_EQ(Parsed("unix:@name").unix_path(), "@name");
}

TEST(InetAddressTest, IsUnnamedByDefault) {
  EXPECT_TRUE(InetAddress().is_unix());
  EXPECT_EQ(InetAddress().unix_path(), "");
  EXPECT_EQ(InetAddress().ToString(), "unix:");
}

TEST(InetAddressTest, ChangesOnlyThePort) {
  EXPECT_EQ(Parsed("127.0.0.1:80").WithPort(8'080), Parsed("127.0.0.1:8080"));
  EXPECT_EQ(Parsed("[fe80::1%lo]:80").WithPort(0), Parsed("[fe80::1%lo]:0"));
  EXPECT_EQ(Parsed("unix:@name").WithPort(1), Parsed("unix:@name"));
}

TEST(InetAddressTest, ComparesByValue) {
  EXPECT_EQ(Parsed("[::1]:80"), Parsed("[0::0:1]:80"));
  EXPECT_FALSE(Parsed("[::1]:80") == Parsed("[::1]:81"));
  EXPECT_FALSE(Parsed("[fe80::1]:80") == Parsed("[fe80::1%lo]:80"));
  EXPECT_FALSE(Parsed("unix:@a") == Parsed("unix:a"));
  EXPECT_FALSE(Parsed("127.0.0.1:80") == Parsed("[::ffff:127.0.0.1]:80"));
}

class InetAddressBadTextTest
    : public ::testing::TestWithParam<std::string_view> {};

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    Table, InetAddressBadTextTest,
    ::testing::Values(
        // No port, or none that is one.
        "", "127.0.0.1", "localhost", "::1", "[::1]",
        "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:65536",
        "127.0.0.1:4294967376", "127.0.0.1:99999999999999999999",
        "127.0.0.1:http", "127.0.0.1:80x", "127.0.0.1:0x50", "127.0.0.1: 80",
        "127.0.0.1:80 ", "127.0.0.1:80\n",
        // No host, or none that is one.
        ":80", "[]:80", "localhost:80", "example.org:80", "127.0.0:80",
        "127.0.0.256:80", "127.0.0.1.1:80", " 127.0.0.1:80", "1:80",
        "0x7f.0.0.1:80", "127.0.0.1\0:80"sv,
        // Brackets are for IPv6, and IPv6 needs them.
        "::1:80", "[127.0.0.1]:80", "[::1:80", "::1]:80", "[::1]80",
        "[[::1]]:80", "[::1]x:80",
        // IPv6 that is none.
        "[::1::]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80",
        "[::g]:80", "[12345::]:80", "[::1\0]:80"sv,
        // Zones.
        "[fe80::1%]:80", "[fe80::1%no such interface]:80", "[fe80::1%-1]:80",
        "[fe80::1% 1]:80", "[%lo]:80",
        // Unix paths: too long, or with a NUL.
        "unix:/"
        "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
        "ppppppppppppppppppppppppppppppppppppppppppp",
        "unix:/with\0nul"sv, "Unix:/run/app.sock"));

TEST_P(InetAddressBadTextTest, IsRefusedByName) {
  const std::string text(GetParam());
  const auto address = InetAddress::Parse(text);
  ASSERT_FALSE(address.ok()) << address->ToString();
  EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(address.status().message()),
              HasSubstr("'" + text + "'"));
}

// --- Host and port. ----------------------------------------------------------

TEST(InetAddressTest, ReadsHostAndPortFromTwoFlags) {
  EXPECT_EQ(InetAddress::FromHostAndPort("0.0.0.0", 0)->ToString(),
            "0.0.0.0:0");
  EXPECT_EQ(InetAddress::FromHostAndPort("::1", 65'535)->ToString(),
            "[::1]:65535");
  EXPECT_EQ(InetAddress::FromHostAndPort("fe80::1%lo", 80)->ToString(),
            "[fe80::1%lo]:80");
  EXPECT_EQ(InetAddress::FromHostAndPort("unix:/path", 80)->ToString(),
            "unix:/path");
  EXPECT_EQ(InetAddress::FromHostAndPort("unix:@name", -1)->ToString(),
            "unix:@name");
}

TEST(InetAddressTest, RefusesBadHostsAndPortsByName) {
  for (const char* host : {"", "localhost", "[::1]", "127.0.0.1:80", "*"}) {
    const auto address = InetAddress::FromHostAndPort(host, 80);
    ASSERT_FALSE(address.ok()) << host;
    EXPECT_THAT(std::string(address.status().message()),
                HasSubstr("'" + std::string(host) + "'"));
  }
  for (const int port : {-1, 65'536, 70'000, 1 << 30}) {
    const auto address = InetAddress::FromHostAndPort("127.0.0.1", port);
    ASSERT_FALSE(address.ok()) << port;
    EXPECT_THAT(std::string(address.status().message()),
                HasSubstr(std::to_string(port)));
  }
}

// --- The kernel's form. ------------------------------------------------------

TEST(InetAddressTest, ComesBackFromTheKernelsForm) {
  for (const std::string& text : GoodTexts()) {
    sockaddr_storage storage;
    std::memset(&storage, 0xff, sizeof(storage));
    const socklen_t length = Parsed(text).ToSockaddr(&storage);
    const auto* native = reinterpret_cast<const sockaddr*>(&storage);
    const auto back = InetAddress::FromSockaddr(native, length);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->ToString(), text);
  }
}

TEST(InetAddressTest, WritesTheKernelsFormOfIpv4) {
  sockaddr_storage storage;
  EXPECT_EQ(Parsed("192.0.2.1:80").ToSockaddr(&storage), sizeof(sockaddr_in));
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  EXPECT_EQ(v4->sin_family, AF_INET);
  EXPECT_EQ(v4->sin_port, htons(80));
  EXPECT_EQ(v4->sin_addr.s_addr, htonl(0xc0000201));
}

TEST(InetAddressTest, WritesTheKernelsFormOfIpv6WithItsZone) {
  sockaddr_storage storage;
  EXPECT_EQ(Parsed("[fe80::1%lo]:80").ToSockaddr(&storage),
            sizeof(sockaddr_in6));
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
  EXPECT_EQ(v6->sin6_family, AF_INET6);
  EXPECT_EQ(v6->sin6_port, htons(80));
  EXPECT_EQ(v6->sin6_scope_id, if_nametoindex("lo"));
}

TEST(InetAddressTest, WritesTheKernelsFormOfUnixPaths) {
  constexpr size_t kHeader = offsetof(sockaddr_un, sun_path);
  sockaddr_storage storage;
  const auto* un = reinterpret_cast<const sockaddr_un*>(&storage);
  EXPECT_EQ(Parsed("unix:/ab").ToSockaddr(&storage), kHeader + 4);
  EXPECT_EQ(std::string(un->sun_path, 4), std::string("/ab\0", 4));
  EXPECT_EQ(Parsed("unix:@ab").ToSockaddr(&storage), kHeader + 3);
  EXPECT_EQ(std::string(un->sun_path, 3), std::string("\0ab", 3));
  EXPECT_EQ(Parsed("unix:").ToSockaddr(&storage), kHeader);
  EXPECT_EQ(un->sun_family, AF_UNIX);
}

TEST(InetAddressTest, RefusesOtherFamilies) {
  sockaddr_storage storage = {};
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  for (const sa_family_t family : {AF_UNSPEC, AF_PACKET, AF_NETLINK}) {
    storage.ss_family = family;
    EXPECT_FALSE(InetAddress::FromSockaddr(native, sizeof(storage)).ok());
  }
  storage.ss_family = AF_INET;
  EXPECT_FALSE(InetAddress::FromSockaddr(native, 0).ok());
  EXPECT_FALSE(InetAddress::FromSockaddr(native, 1).ok());
}

// No more of it is there to be read.
TEST(InetAddressTest, RefusesAKernelsFormThatIsTooShort) {
  for (const sa_family_t family : {AF_INET, AF_INET6}) {
    sockaddr_storage storage = {};
    storage.ss_family = family;
    const size_t length =
        (family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)) - 1;
    EXPECT_FALSE(InetAddress::FromSockaddr(
                     reinterpret_cast<const sockaddr*>(&storage), length)
                     .ok());
  }
}

}  // namespace
}  // namespace rondo
