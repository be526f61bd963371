#include "net/client/host_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

std::string Canonical(std::string_view name) {
  const auto canonical = CanonicalHostName(name);
  return canonical.ok() ? *canonical : canonical.status().ToString();
}

TEST(HostNameTest, HasOneForm) {
  EXPECT_EQ(Canonical("host.example"), "host.example");
  EXPECT_EQ(Canonical("HOST.Example"), "host.example");
  EXPECT_EQ(Canonical("host.example."), "host.example");
  EXPECT_EQ(Canonical("localhost"), "localhost");
  EXPECT_EQ(Canonical("_service._tcp.a-b.example"),
            "_service._tcp.a-b.example");
  EXPECT_EQ(Canonical("1.2.3.4x"), "1.2.3.4x");
  EXPECT_EQ(Canonical("4711.example"), "4711.example");
}

TEST(HostNameTest, MayBe253BytesInLabelsOf63) {
  const std::string label(kMaxLabelBytes, 'a');
  const std::string longest =
      label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), kMaxHostNameBytes);
  EXPECT_EQ(Canonical(longest), longest);
  EXPECT_EQ(Canonical(longest + "."), longest);
  EXPECT_TRUE(
      absl::IsInvalidArgument(CanonicalHostName(longest + "a").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(CanonicalHostName(label + "a").status()));
}

TEST(HostNameTest, RefusesWhatNoHostIsCalled) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".a"),
        std::string("a..b"), std::string("a.."), std::string("a b"),
        std::string("a\\.b"), std::string("a\0b", 3),
        std::string("h\xc3\xb6st"), std::string("host:80"),
        std::string("[::1]"), std::string("1.2.3"), std::string("256.1.1.1"),
        std::string("1.2.3.04"), std::string("host.1.")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CanonicalHostName(name).status()))
        << name;
  }
}

TEST(HostNameTest, AnErrorShowsTheName) {
  EXPECT_THAT(Canonical("a b"), HasSubstr("\"a b\""));
  EXPECT_THAT(Canonical(std::string("a\0b", 3)), HasSubstr("\"a\\000b\""));
  EXPECT_LT(Canonical(std::string(1'000'000, 'a')).size(), 1'000);
}

}  // namespace
}  // namespace rondo
