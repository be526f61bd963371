#include "net/mysql/mysql_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "net/mysql/blocking_mysql_client.h"
#include "net/mysql/mysql_error.h"
#include "net/mysql/mysql_pool.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

MySqlOptions Good() {
  return {.server = *Endpoint::Parse("127.0.0.1:3306"), .user = "me"};
}

std::string Complaint(const MySqlOptions& options) {
  return std::string(options.Check().message());
}

TEST(MySqlOptionsTest, AnAddressANameAndAPathWillDo) {
  MySqlOptions options = Good();
  EXPECT_TRUE(options.Check().ok());
  options.server = *Endpoint::Parse("db.example.com:3306");
  EXPECT_TRUE(options.Check().ok());
  options.server = *Endpoint::Parse("unix:/run/mysqld/mysqld.sock");
  EXPECT_TRUE(options.Check().ok());
}

TEST(MySqlOptionsTest, WhatConnectorCCannotReachIsRefused) {
  MySqlOptions options = Good();
  for (const char* server : {"127.0.0.1:0", "unix:", "unix:@abstract"}) {
    options.server = *Endpoint::Parse(server);
    EXPECT_THAT(Complaint(options), HasSubstr(server));
  }
}

TEST(MySqlOptionsTest, ANulInTextIsRefused) {
  MySqlOptions options = Good();
  options.user = std::string("a\0b", 3);
  EXPECT_THAT(Complaint(options), HasSubstr("user"));
}

TEST(MySqlOptionsTest, AnEmptyUserIsRefused) {
  MySqlOptions options = Good();
  options.user = "";
  EXPECT_THAT(Complaint(options), HasSubstr("user is empty"));
}

// What both have is checked by both. A client that made but one attempt would
// never connect again.
template <typename Options>
class MySqlClientOptionsTest : public ::testing::Test {};
using ClientOptions =
    ::testing::Types<MySqlPoolOptions, BlockingMySqlClientOptions>;
TYPED_TEST_SUITE(MySqlClientOptionsTest, ClientOptions);

TYPED_TEST(MySqlClientOptionsTest, WhatEndsAllAttemptsIsRefused) {
  TypeParam options{.mysql = Good()};
  EXPECT_TRUE(options.Check().ok()) << options.Check();
  options.retry.max_attempts = 1;
  EXPECT_THAT(options.Check().message(),
              HasSubstr("retry.max_attempts is 1, and must be 0"));
  options = {.mysql = Good(), .idle_timeout = -absl::Seconds(1)};
  EXPECT_THAT(options.Check().message(), HasSubstr("idle_timeout is -1s"));
  options = {.mysql = Good(), .max_sends = 0};
  EXPECT_THAT(options.Check().message(), HasSubstr("max_sends is 0"));
}

// A limit that is as good as none.
TEST(MySqlPoolOptionsTest, TheLargestLimitsAreAllowed) {
  MySqlPoolOptions options{
      .mysql = Good(), .max_connections = SIZE_MAX, .max_waiting = SIZE_MAX};
  EXPECT_TRUE(options.Check().ok()) << options.Check();
  options.max_waiting = 0;
  EXPECT_THAT(options.Check().message(), HasSubstr("max_waiting is 0"));
  options.max_waiting = 1;
  options.max_sends = -1;
  EXPECT_THAT(options.Check().message(), HasSubstr("max_sends is -1"));
}

TEST(MySqlOptionsTest, ZeroLimitsAreRefused) {
  MySqlOptions options = Good();
  options.connect_timeout = absl::ZeroDuration();
  EXPECT_THAT(Complaint(options), HasSubstr("connect_timeout is 0"));
  options = Good();
  options.max_result_bytes = 0;
  EXPECT_THAT(Complaint(options), HasSubstr("max_result_bytes is 0"));
  options = Good();
  options.max_packet_bytes = 0;
  EXPECT_THAT(Complaint(options), HasSubstr("max_packet_bytes is 0"));
}

TEST(MySqlErrorTest, SaysWhoHasSaidWhat) {
  const absl::Status servers = MySqlError(1064, "42000", "what?", "h:1");
  EXPECT_EQ(servers.message(), "h:1 says 1064 (42000): what?");
  EXPECT_EQ(MySqlErrorNumber(servers), 1064);
  const absl::Status clients = MySqlError(2013, "HY000", "lost", "h:1");
  EXPECT_EQ(clients.message(), "h:1: lost (2013)");
  EXPECT_EQ(MySqlErrorNumber(absl::UnknownError("other")), std::nullopt);
}

TEST(MySqlErrorTest, OnlyAFailedWriteWasSurelyNotRun) {
  EXPECT_TRUE(WasSurelyNotRun(MySqlError(2006, "", "", "")));
  for (const int number : {1053, 1064, 1927, 2002, 2013, 2014}) {
    EXPECT_FALSE(WasSurelyNotRun(MySqlError(number, "", "", ""))) << number;
  }
}

TEST(MySqlErrorTest, TheClientsErrorsEndTheConnection) {
  for (const int number : {1053, 1153, 1927, 2006, 2013, 2014, 2027}) {
    EXPECT_TRUE(EndsMySqlConnection(MySqlError(number, "", "", ""))) << number;
  }
  for (const int number : {1064, 1062, 1205, 1213, 1317}) {
    EXPECT_FALSE(EndsMySqlConnection(MySqlError(number, "", "", "")));
  }
  EXPECT_TRUE(EndsMySqlConnection(absl::DeadlineExceededError("")));
}

}  // namespace
}  // namespace rondo
