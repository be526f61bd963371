// What a Resolver remembers. The cache by itself: answer_cache_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/client/resolver.h"
#include "tests/net/client/resolver_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kTick = absl::Nanoseconds(1);

using ResolverTest = ResolverFixture;

TEST_F(ResolverTest, ACachedAnswerCostsNoQuery) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  Ask("host.example").IgnoreError();
  EXPECT_EQ(cached_answers(), 1);
  EXPECT_THAT(Texts(Ask("HOST.example.")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(server_.queries(), 1);
  EXPECT_EQ(queries(), 1);
  Ask("host.example", AddressFamily::kIpv6).IgnoreError();
  EXPECT_EQ(server_.queries(), 2);
}

TEST_F(ResolverTest, AnAnswerExpiresWithItsRecords) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}, 60));
  Ask("host.example").IgnoreError();
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.2"}, 60));
  Advance(absl::Seconds(60) - kTick);
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
  Advance(kTick);
  EXPECT_EQ(cached_answers(), 0);
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.2"));
  EXPECT_EQ(server_.queries(), 2);
}

TEST_F(ResolverTest, TheShortestLifeOfAllAddressesCounts) {
  DnsReply reply = Addresses({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, 60);
  reply.records[1].ttl_seconds = 20;
  server_.Set("host.example", DnsType::kA, reply);
  Ask("host.example").IgnoreError();
  Advance(absl::Seconds(20) - kTick);
  EXPECT_EQ(cached_answers(), 1);
  Advance(kTick);
  EXPECT_EQ(cached_answers(), 0);
}

TEST_F(ResolverTest, TheLifeOfAliasesCounts) {
  server_.Set("www.example", DnsType::kA,
              {.records = {{DnsType::kCname, "host.example", 10},
                           {DnsType::kA, "192.0.2.1", 60, "host.example"}}});
  Ask("www.example").IgnoreError();
  Advance(absl::Seconds(10) - kTick);
  EXPECT_EQ(cached_answers(), 1);
  Advance(kTick);
  EXPECT_EQ(cached_answers(), 0);
}

TEST_F(ResolverTest, NothingIsKeptForLongerThanMaxTtl) {
  auto options = Options();
  options.max_ttl = absl::Seconds(30);
  Use(options);
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}, 86'400));
  Ask("host.example").IgnoreError();
  Advance(absl::Seconds(30) - kTick);
  EXPECT_EQ(cached_answers(), 1);
  Advance(kTick);
  EXPECT_EQ(cached_answers(), 0);
}

TEST_F(ResolverTest, AMaxTtlOfZeroKeepsNothing) {
  auto options = Options();
  options.max_ttl = absl::ZeroDuration();
  Use(options);
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  Ask("host.example").IgnoreError();
  EXPECT_EQ(cached_answers(), 0);
}

TEST_F(ResolverTest, WhatMayNotBeKeptIsNot) {
  // RFC 2181 section 8: with the highest bit set it means 0.
  for (const uint32_t ttl : {0u, 0x8000'0000u, 0xffff'ffffu}) {
    server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}, ttl));
    EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
    EXPECT_EQ(cached_answers(), 0) << ttl;
  }
  EXPECT_EQ(server_.queries(), 3);
}

TEST_F(ResolverTest, BeyondItsBoundTheAnswerThatExpiresFirstGoes) {
  auto options = Options();
  options.max_cached_answers = 2;
  Use(options);
  server_.Set("a.example", DnsType::kA, Addresses({"192.0.2.1"}, 60));
  server_.Set("b.example", DnsType::kA, Addresses({"192.0.2.2"}, 10));
  server_.Set("c.example", DnsType::kA, Addresses({"192.0.2.3"}, 30));
  for (const char* name : {"a.example", "b.example", "c.example"}) {
    Ask(name).IgnoreError();
  }
  EXPECT_EQ(cached_answers(), 2);
  for (const char* name : {"a.example", "c.example", "b.example"}) {
    Ask(name).IgnoreError();
  }
  EXPECT_EQ(server_.queries("a.example", DnsType::kA), 1);
  EXPECT_EQ(server_.queries("c.example", DnsType::kA), 1);
  EXPECT_EQ(server_.queries("b.example", DnsType::kA), 2);
}

TEST_F(ResolverTest, ErrorsAreNotKept) {
  EXPECT_TRUE(absl::IsNotFound(Ask("host.example").status()));
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, ForgetsWhenTold) {
  server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
  Ask("host.example").IgnoreError();
  OnLoop([this] { resolver_->ClearCache(); });
  EXPECT_EQ(cached_answers(), 0);
  Ask("host.example").IgnoreError();
  EXPECT_EQ(server_.queries(), 2);
}

}  // namespace
}  // namespace rondo
