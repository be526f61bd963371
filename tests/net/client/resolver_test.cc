// What a Resolver answers. Its cache: resolver_cache_test.cc; when it is
// destroyed, withdrawn or asked again: resolver_lifetime_test.cc.
#include "net/client/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "tests/net/client/resolver_fixture.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr AddressFamily kIpv4 = AddressFamily::kIpv4;
constexpr AddressFamily kIpv6 = AddressFamily::kIpv6;
constexpr absl::Duration kSecond = absl::Seconds(1);

using ResolverTest = ResolverFixture;

// A status with this code whose message names the host.
auto IsError(absl::StatusCode code, std::string_view host) {
  return AllOf(::testing::Property(&absl::Status::code, code),
               ::testing::Property(&absl::Status::message,
                                   HasSubstr(std::string(host))));
}

// An address where datagrams are refused, and nobody else can listen: its
// socket hears only itself.
class RefusingPort {
 public:
  RefusingPort() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(fd_.get(), generic, length), 0);
    EXPECT_EQ(::getsockname(fd_.get(), generic, &length), 0);
    EXPECT_EQ(::connect(fd_.get(), generic, length), 0);
    address_ = *InetAddress::FromSockaddr(generic, length);
  }

  const InetAddress& address() const { return address_; }

 private:
  UniqueFd fd_;
  InetAddress address_;
};

// A name in /etc/hosts that is not localhost's, and its IPv4 address.
std::pair<std::string, std::string> FindInEtcHosts() {
  std::ifstream hosts("/etc/hosts");
  for (std::string line; std::getline(hosts, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, name;
    while (words >> (address.empty() ? address : name)) {
      if (name.empty() || name.find("localhost") != name.npos) continue;
      if (address.find(':') == address.npos) return {name, address};
    }
  }
  return {};
}

// --- Answers. ----------------------------------------------------------------

TEST_F(ResolverTest, FindsAnIpv4Address) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(server_.queries(), 1);
  EXPECT_EQ(queries(), 1);
}

TEST_F(ResolverTest, FindsAnIpv6Address) {
  server_.Set("host.example", DnsType::kAaaa, Addresses({"2001:db8::1"}));
  EXPECT_THAT(Texts(Ask("host.example", kIpv6)), ElementsAre("[2001:db8::1]"));
  EXPECT_EQ(server_.queries(), 1);
}

TEST_F(ResolverTest, FindsSeveralAddresses) {
  server_.Set("host.example", DnsType::kA,
              Addresses({"192.0.2.3", "192.0.2.1", "192.0.2.2"}));
  EXPECT_THAT(Texts(Ask("host.example")),
              ElementsAre("192.0.2.3", "192.0.2.1", "192.0.2.2"));
}

TEST_F(ResolverTest, FollowsAliases) {
  server_.Set(
      "www.example", DnsType::kA,
      {.records = {{DnsType::kCname, "alias.example", 60},
                   {DnsType::kCname, "host.example", 60, "alias.example"},
                   {DnsType::kA, "192.0.2.1", 60, "host.example"}}});
  EXPECT_THAT(Texts(Ask("www.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(server_.queries(), 1);
}

TEST_F(ResolverTest, AsksOverTcpWhatUdpTruncates) {
  DnsReply reply;
  for (int i = 1; i <= 100; ++i) {
    reply.records.push_back({DnsType::kA, absl::StrCat("192.0.2.", i), 60});
  }
  reply.truncated_over_udp = true;
  server_.Set("large.example", DnsType::kA, reply);
  EXPECT_EQ(Texts(Ask("large.example")).size(), 100);
  EXPECT_EQ(server_.queries(), 2);
  EXPECT_EQ(server_.tcp_queries(), 1);
}

TEST_F(ResolverTest, HonoursEtcHosts) {
  const auto [name, address] = FindInEtcHosts();
  if (name.empty()) GTEST_SKIP() << "/etc/hosts has no name but localhost";
  server_.SetDefault(Addresses({"192.0.2.1"}));
  EXPECT_THAT(Texts(Ask(name)), Contains(address));
  EXPECT_EQ(queries(), 1);
  EXPECT_EQ(server_.queries(), 0);
  EXPECT_EQ(cached_answers(), 0) << "a change of the file would not be seen";
}

TEST_F(ResolverTest, LocalhostIsTheLoopbackAddress) {
  server_.SetDefault(Addresses({"192.0.2.1"}));
  for (const char* name : {"localhost", "LocalHost.", "a.localhost"}) {
    EXPECT_THAT(Texts(Ask(name)), ElementsAre("127.0.0.1"));
    EXPECT_THAT(Texts(Ask(name, kIpv6)), ElementsAre("[::1]"));
  }
  EXPECT_EQ(server_.queries(), 0);
  EXPECT_THAT(Texts(Ask("mylocalhost")), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, AnswersNumericAddressesByItself) {
  EXPECT_THAT(Texts(Ask("192.0.2.1")), ElementsAre("192.0.2.1"));
  EXPECT_THAT(Texts(Ask("2001:DB8::1", kIpv6)), ElementsAre("[2001:db8::1]"));
  EXPECT_THAT(Texts(Ask("fe80::1%lo", kIpv6)), ElementsAre("[fe80::1%lo]"));
  EXPECT_THAT(Ask("192.0.2.1", kIpv6).status(),
              IsError(absl::StatusCode::kNotFound, "192.0.2.1"));
  EXPECT_THAT(Ask("2001:db8::1", kIpv4).status(),
              IsError(absl::StatusCode::kNotFound, "2001:db8::1"));
  EXPECT_EQ(server_.queries(), 0);
  EXPECT_EQ(queries(), 0);
}

TEST_F(ResolverTest, ALoopHasOne) {
  auto asked = std::make_shared<AskedQuestion>();
  OnLoop([&] {
    asked->request = loop()->Local<Resolver>().Resolve(
        "localhost", kIpv4, absl::InfiniteDuration(),
        [asked](const Resolver::Answer& answer) { asked->Add(answer); });
  });
  EXPECT_EQ(Texts(asked->Await()).front(), "127.0.0.1");
  OnLoop([&] { asked->request.Withdraw(); });
}

// --- Sharing. ----------------------------------------------------------------

TEST_F(ResolverTest, TheSameQuestionsShareOneQuery) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  server_.Hold();
  std::vector<std::shared_ptr<AskedQuestion>> asked;
  OnLoop([&] {
    for (int i = 0; i < 100; ++i) asked.push_back(BeginOnLoop("host.example"));
  });
  server_.AwaitQueries(1);
  asked.push_back(Begin("host.example"));
  server_.Release();
  for (const auto& a : asked) {
    EXPECT_THAT(Texts(a->Await()), ElementsAre("192.0.2.1"));
  }
  EXPECT_EQ(server_.queries(), 1);
  EXPECT_EQ(queries(), 1);
}

TEST_F(ResolverTest, TheSpellingsOfANameAreTheSameQuestion) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  server_.Hold();
  const auto a = Begin("host.example");
  const auto b = Begin("Host.EXAMPLE");
  const auto c = Begin("host.example.");
  server_.AwaitQueries(1);
  server_.Release();
  for (const auto& asked : {a, b, c}) {
    EXPECT_THAT(Texts(asked->Await()), ElementsAre("192.0.2.1"));
  }
  EXPECT_EQ(server_.queries(), 1);
}

TEST_F(ResolverTest, TheFamiliesAreDifferentQuestions) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  server_.Set("host.example", DnsType::kAaaa, Addresses({"2001:db8::1"}));
  server_.Hold();
  const auto v4 = Begin("host.example", kIpv4);
  const auto v6 = Begin("host.example", kIpv6);
  server_.AwaitQueries(2);
  server_.Release();
  EXPECT_THAT(Texts(v4->Await()), ElementsAre("192.0.2.1"));
  EXPECT_THAT(Texts(v6->Await()), ElementsAre("[2001:db8::1]"));
}

// On the machine's clock: should the kernel drop a datagram, it is sent again.
TEST_F(ResolverTest, TenThousandQuestionsAtOnce) {
  constexpr int kQuestions = 10'000;
  auto options = Options();
  options.tries = 10;
  UseRealClock(options);
  server_.SetDefault(Addresses({"192.0.2.1"}));
  std::vector<std::shared_ptr<AskedQuestion>> asked;
  OnLoop([&] {
    for (int i = 0; i < kQuestions; ++i) {
      asked.push_back(BeginOnLoop(absl::StrCat("host", i, ".example")));
    }
  });
  for (const auto& a : asked) {
    ASSERT_THAT(Texts(a->Await()), ElementsAre("192.0.2.1"));
  }
  EXPECT_EQ(queries(), kQuestions);
}

// --- Errors. -----------------------------------------------------------------

TEST_F(ResolverTest, TheNameDoesNotExist) {
  const auto status = Ask("nosuch.example").status();
  EXPECT_EQ(status.message(), "no such host: nosuch.example (NXDOMAIN)");
  EXPECT_TRUE(absl::IsNotFound(status));
}

TEST_F(ResolverTest, TheNameHasNoSuchAddress) {
  server_.Set("v4.example", DnsType::kA, Addresses({"192.0.2.1"}));
  server_.Set("v4.example", DnsType::kAaaa, {});
  const auto status = Ask("v4.example", kIpv6).status();
  EXPECT_EQ(status.message(), "no IPv6 address: v4.example (NODATA)");
  EXPECT_TRUE(absl::IsNotFound(status));
}

TEST_F(ResolverTest, TheAliasLeadsNowhere) {
  server_.Set("www.example", DnsType::kA,
              {.records = {{DnsType::kCname, "host.example", 60}}});
  EXPECT_THAT(Ask("www.example").status(),
              IsError(absl::StatusCode::kNotFound, "www.example"));
}

TEST_F(ResolverTest, TheServerFails) {
  server_.SetDefault({.rcode = DnsRcode::kServFail});
  EXPECT_THAT(Ask("host.example").status(),
              IsError(absl::StatusCode::kUnavailable, "host.example"));
}

TEST_F(ResolverTest, TheServerRefuses) {
  server_.SetDefault({.rcode = DnsRcode::kRefused});
  EXPECT_THAT(Ask("host.example").status(),
              IsError(absl::StatusCode::kUnavailable, "host.example"));
}

TEST_F(ResolverTest, NobodyListens) {
  const RefusingPort port;
  Use({.servers = {port.address()}});
  EXPECT_THAT(Ask("host.example").status(),
              IsError(absl::StatusCode::kUnavailable, "host.example"));
}

TEST_F(ResolverTest, TheNextServerIsAsked) {
  const RefusingPort port;
  DnsServer failing;
  failing.SetDefault({.rcode = DnsRcode::kServFail});
  Use({.servers = {port.address(), failing.address(), server_.address()}});
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(failing.queries(), 1);
}

TEST_F(ResolverTest, NoDescriptorIsLeft) {
  server_.SetDefault(Addresses({"192.0.2.1"}));
  std::shared_ptr<AskedQuestion> asked;
  OnLoop([&] {
    const DescriptorFamine famine;
    asked = BeginOnLoop("host.example");
  });
  EXPECT_THAT(asked->Await().status(),
              IsError(absl::StatusCode::kUnavailable, "host.example"));
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, TheServersCannotBeUsed) {
  Use({.servers = {*InetAddress::Parse("unix:/run/dns")}});
  const auto status = Ask("host.example").status();
  EXPECT_THAT(status, IsError(absl::StatusCode::kUnavailable, "host.example"));
  EXPECT_THAT(status.message(), HasSubstr("unix:/run/dns"));
  EXPECT_THAT(Texts(Ask("192.0.2.1")), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, ThisCannotBeAName) {
  const std::string label(63, 'a');
  const std::string longest =
      label + "." + label + "." + label + "." + std::string(61, 'a');
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a..b"),
        std::string(64, 'a') + ".example", longest + "a", std::string("a b"),
        std::string("a\0b", 3), std::string("256.1.1.1"),
        std::string("unix:/run/a"), std::string("[::1]")}) {
    const auto status = Ask(name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }
  EXPECT_THAT(Ask("a b").status().message(), HasSubstr("\"a b\""));
  EXPECT_EQ(server_.queries(), 0);
  EXPECT_TRUE(absl::IsNotFound(Ask(longest).status()));
  EXPECT_EQ(server_.queries(), 1);
}

// --- Deadlines. --------------------------------------------------------------

TEST_F(ResolverTest, NoAnswerInTime) {
  server_.SetDefault({.silent = true});
  const auto asked = Begin("host.example", kIpv4, kSecond);
  server_.AwaitQueries(1);
  Advance(kSecond - absl::Nanoseconds(1));
  EXPECT_EQ(asked->answers(), 0);
  Advance(absl::Nanoseconds(1));
  EXPECT_THAT(asked->Await().status(),
              IsError(absl::StatusCode::kDeadlineExceeded, "host.example"));
}

TEST_F(ResolverTest, ADeadlineIsOfOneWhoAsksNotOfTheQuery) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  server_.Hold();
  const auto patient = Begin("host.example");
  const auto hasty = Begin("host.example", kIpv4, kSecond);
  const auto at_once = Begin("host.example", kIpv4, absl::ZeroDuration());
  server_.AwaitQueries(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(at_once->Await().status()));
  Advance(kSecond);
  EXPECT_TRUE(absl::IsDeadlineExceeded(hasty->Await().status()));
  EXPECT_EQ(patient->answers(), 0);
  server_.Release();
  EXPECT_THAT(Texts(patient->Await()), ElementsAre("192.0.2.1"));
  EXPECT_EQ(hasty->answers(), 1);
  EXPECT_EQ(cached_answers(), 1);
  EXPECT_EQ(server_.queries(), 1);
}

// On the machine's clock, which c-ares goes by.
TEST_F(ResolverTest, TheServersAreSilent) {
  server_.SetDefault({.silent = true});
  auto options = Options();
  options.try_timeout = absl::Milliseconds(1);
  options.tries = 3;
  UseRealClock(options);
  EXPECT_THAT(Ask("host.example").status(),
              IsError(absl::StatusCode::kDeadlineExceeded, "host.example"));
  server_.AwaitQueries(3);
  EXPECT_EQ(server_.queries(), 3);
}

}  // namespace
}  // namespace rondo
