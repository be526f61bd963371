// How a pool gets to a server, and what it says if it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_error.h"
#include "net/mysql/mysql_pool.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/mysql/mysql_wire.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/ipv6.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class MySqlPoolConnectTest : public MySqlFixture {};

TEST_F(MySqlPoolConnectTest, SelectOneOverTcpByAddressAndByName) {
  StartServer({.network = true});
  for (const char* host : {"127.0.0.1", "localhost"}) {
    MySqlPoolOptions options{.mysql = TcpOptionsFor(server())};
    options.mysql.server = *Endpoint::FromHostAndPort(host, server().port());
    MakePool(options);
    const auto result = Query("SELECT 1");
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->Int(0, 0), 1);
    DestroyPool();
  }
}

// --- A name that has two addresses. ------------------------------------------

// localhost: 127.0.0.1 comes before ::1.
class MySqlPoolTwoAddressesTest : public MySqlPoolConnectTest {
 protected:
  void SetUp() override {
    if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  }
  void StartServerAtTheSecond() {
    StartServer({.network = true, .flags = {"--bind-address=::1"}});
  }
  MySqlPoolOptions PoolOptions() {
    MySqlPoolOptions options{.mysql = TcpOptionsFor(server())};
    options.mysql.server =
        *Endpoint::FromHostAndPort("localhost", server().port());
    return options;
  }
  // Somebody else, at the same port.
  InetAddress NextTo(const std::string& host) {
    return *InetAddress::Parse(absl::StrCat(host, ":", server().port()));
  }
};

TEST_F(MySqlPoolTwoAddressesTest, AreTriedInOrder) {
  StartServerAtTheSecond();
  ListeningSocket first(NextTo("127.0.0.1"));
  MakePool(PoolOptions());
  Asked& asked = Ask("SELECT 1");
  Socket socket = first.Accept();
  EXPECT_EQ(State(), "0 idle, 0 busy, 1 connecting, 1 waiting");
  socket.Close();
  const auto result = AwaitAnswer(asked);
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Counts().connected, 1u);
  EXPECT_EQ(Counts().connect_failures, 0u);
}

TEST_F(MySqlPoolTwoAddressesTest, OneThatRefusesIsPassedOver) {
  StartServerAtTheSecond();
  MySqlPoolOptions options = PoolOptions();
  options.idle_timeout = absl::ZeroDuration();
  MakePool(options);
  for (int i = 0; i < 4; ++i) {
    const auto result = Query("SELECT 1");
    EXPECT_TRUE(result.ok()) << result.status();
    AwaitState("0 idle, 0 busy, 0 connecting, 0 waiting");
  }
  EXPECT_EQ(Counts().connected, 4u);
  EXPECT_EQ(Counts().connect_failures, 0u);
}

// However many have found it to be so together: if each of an even number
// counted, the next would begin with it again.
TEST_F(MySqlPoolTwoAddressesTest, OneThatIsSilentIsNotTheFirstForEver) {
  for (const int together : {1, 8}) {
    StartServerAtTheSecond();
    ListeningSocket silent(NextTo("127.0.0.1"));
    MySqlPoolOptions options = PoolOptions();
    options.mysql.connect_timeout = absl::Seconds(1);
    MakePool(options);
    std::vector<Asked*> asked;
    On([&] {
      for (int i = 0; i < together; ++i) {
        Asked* const a = &asked_.emplace_back();
        asked.push_back(a);
        a->request = pool_->Query(
            "SELECT 1", {.timeout = kForever},
            [a](auto result) { a->answers.push_back(std::move(result)); });
      }
    });
    for (Asked* a : asked) {
      const auto first = AwaitAnswer(*a);
      EXPECT_TRUE(absl::IsDeadlineExceeded(first.status())) << first.status();
    }
    EXPECT_EQ(Counts().connect_failures, static_cast<uint64_t>(together));
    const auto second = Query("SELECT 1");
    EXPECT_TRUE(second.ok()) << second.status();
    DestroyPool();
  }
}

TEST_F(MySqlPoolTwoAddressesTest, OneThatSaysNoStaysTheFirst) {
  StartServer({.network = true});
  ListeningSocket second(NextTo("[::1]"));
  MySqlPoolOptions options = PoolOptions();
  options.mysql.password = "wrong";
  options.mysql.connect_timeout = absl::Minutes(1);
  MakePool(options);
  for (int i = 0; i < 2; ++i) {
    const auto result = Query("SELECT 1");
    EXPECT_TRUE(absl::IsPermissionDenied(result.status())) << result.status();
  }
  EXPECT_FALSE(second.HasWaiting());
}

// --- Who cannot be reached. --------------------------------------------------

TEST_F(MySqlPoolConnectTest, NobodyThereIsUnavailableAndNamesTheAddress) {
  const InetAddress nobody = UnixAddress("nobody");
  MakePool({.mysql = {.server = nobody, .user = "me"}});
  const auto result = Query("SELECT 1");
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  EXPECT_THAT(result.status().message(), HasSubstr(nobody.ToString()));
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(2002));
  EXPECT_EQ(Counts().connect_failures, 1u);
}

TEST_F(MySqlPoolConnectTest, AClosedPortIsUnavailable) {
  const RefusingAddress nobody;
  MakePool({.mysql = {.server = nobody.address(), .user = "me"}});
  const auto result = Query("SELECT 1");
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
}

TEST_F(MySqlPoolConnectTest, AnUnknownNameSaysSo) {
  MakePool({.mysql = {.server = *Endpoint::Parse("no.such.invalid:3306"),
                      .user = "me",
                      .connect_timeout = absl::Seconds(1)}});
  const auto result = Query("SELECT 1");
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(result.status().message(), HasSubstr("no.such.invalid"));
}

// --- Who says no. ------------------------------------------------------------

TEST_F(MySqlPoolConnectTest, AWrongPasswordIsPermissionDenied) {
  StartServer();
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.password = "wrong";
  MakePool(options);
  const auto result = Query("SELECT 1");
  EXPECT_TRUE(absl::IsPermissionDenied(result.status())) << result.status();
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(1045));
  EXPECT_THAT(result.status().message(),
              AllOf(HasSubstr("Access denied"), HasSubstr("socket")));
}

// As root may on Debian: the server asks the kernel who is at the other end.
TEST_F(MySqlPoolConnectTest, AUnixSocketsUserNeedsNoPassword) {
  StartServer();
  const std::string me = getpwuid(geteuid())->pw_name;
  Tell(absl::StrCat("CREATE OR REPLACE USER '", me,
                    "'@localhost IDENTIFIED VIA unix_socket"));
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.user = me;
  options.mysql.password = "";
  options.mysql.database = "";
  MakePool(options);
  const auto result = Query("SELECT USER()");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Text(0, 0), me + "@localhost");
}

// A server that is not what it seems could ask for that.
TEST_F(MySqlPoolConnectTest, APasswordIsNotSentAsItIs) {
  ListeningSocket impostor;
  MakePool({.mysql = {.server = impostor.address(),
                      .user = "me",
                      .password = "my secret"}});
  Asked& asked = Ask("SELECT 1");
  Socket socket = impostor.Accept();
  const UniqueFd fd(dup(socket.fd()));
  Write(fd, GreetingPacket("mysql_clear_password"));
  ASSERT_TRUE(AwaitInput(fd.get()));
  EXPECT_THAT(Read(fd), Not(HasSubstr("my secret")));
  const auto result = AwaitAnswer(asked);
  EXPECT_THAT(result.status().message(), HasSubstr("mysql_clear_password"));
}

TEST_F(MySqlPoolConnectTest, AnUnknownDatabaseIsNotFound) {
  StartServer();
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.database = "nowhere";
  MakePool(options);
  EXPECT_TRUE(absl::IsNotFound(Query("SELECT 1").status()));
}

TEST_F(MySqlPoolConnectTest, OptionsThatMakeNoSenseFailEachQuery) {
  MakePool(
      {.mysql = {.server = *Endpoint::Parse("127.0.0.1:0"), .user = "me"}});
  EXPECT_TRUE(absl::IsInvalidArgument(Query("SELECT 1").status()));
  MakePool({.mysql = {.server = *Endpoint::Parse("127.0.0.1:1"), .user = "me"},
            .max_connections = 0});
  const auto result = Query("SELECT 1");
  EXPECT_THAT(result.status().message(), HasSubstr("max_connections is 0"));
}

}  // namespace
}  // namespace rondo
