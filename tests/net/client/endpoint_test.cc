#include "net/client/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rondo {
namespace {

using ::testing::HasSubstr;

TEST(EndpointTest, ReadsWhatItWrites) {
  for (const std::string text :
       {"example.com:80", "a:0", "x-1.y_2.z:65535", "127.0.0.1:80", "[::1]:80",
        "unix:/run/app.sock", "unix:@name", "1.2.3.example:9"}) {
    const auto endpoint = Endpoint::Parse(text);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->ToString(), text);
    EXPECT_EQ(*Endpoint::Parse(endpoint->ToString()), *endpoint);
  }
}

TEST(EndpointTest, KnowsNamesFromAddresses) {
  EXPECT_TRUE(Endpoint::Parse("localhost:80")->is_name());
  EXPECT_EQ(Endpoint::Parse("localhost:80")->name(), "localhost");
  EXPECT_EQ(Endpoint::Parse("localhost:80")->port(), 80);
  EXPECT_FALSE(Endpoint::Parse("127.0.0.1:80")->is_name());
  EXPECT_EQ(Endpoint::Parse("127.0.0.1:80")->port(), 80);
  EXPECT_FALSE(Endpoint::Parse("unix:/a")->is_name());
}

TEST(EndpointTest, CaseAndALastDotMakeNoDifference) {
  EXPECT_EQ(*Endpoint::Parse("Example.COM.:80"),
            *Endpoint::Parse("example.com:80"));
  EXPECT_NE(*Endpoint::Parse("example.com:81"),
            *Endpoint::Parse("example.com:80"));
}

TEST(EndpointTest, ComesFromHostAndPort) {
  EXPECT_EQ(Endpoint::FromHostAndPort("example.com", 80)->ToString(),
            "example.com:80");
  EXPECT_EQ(Endpoint::FromHostAndPort("::1", 80)->ToString(), "[::1]:80");
  EXPECT_EQ(Endpoint::FromHostAndPort("unix:/a", 80)->ToString(), "unix:/a");
}

TEST(EndpointTest, RefusesWhatIsNeitherNameNorAddress) {
  for (const std::string text :
       {"", ":", ":80", "a", "a:", "a:b", "a:-1", "a:+1", "a: 1", "a:65536",
        "a b:80", "a..b:80", ".a:80", "256.0.0.1:80", "1.2.3:80", "a/b:80",
        "::1:80:x", "[::1]", "a:80 "}) {
    EXPECT_FALSE(Endpoint::Parse(text).ok()) << text;
  }
}

TEST(EndpointTest, KnowsTheLimitsOfNames) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." +
                              std::string(61, 'b');  // 253 bytes
  EXPECT_TRUE(Endpoint::FromHostAndPort(label, 1).ok());
  EXPECT_FALSE(Endpoint::FromHostAndPort(label + "a", 1).ok());
  EXPECT_TRUE(Endpoint::FromHostAndPort(longest, 1).ok());
  EXPECT_TRUE(Endpoint::FromHostAndPort(longest + ".", 1).ok());
  EXPECT_FALSE(Endpoint::FromHostAndPort(longest + "b", 1).ok());
}

TEST(EndpointTest, AnErrorShowsTheTextAndWhatToWrite) {
  const std::string message(Endpoint::Parse("no\nhost:80").status().message());
  EXPECT_THAT(message, HasSubstr("no\\nhost:80"));
  EXPECT_THAT(message, HasSubstr("write name:port"));
}

}  // namespace
}  // namespace rondo
