#include "examples/tcp_proxy/backends.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"

namespace rondo::examples {
namespace {

const absl::Status kRefused = absl::UnavailableError("refused");

class BackendsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Backends> Three(Backends::Options options = {}) {
    options.clock = &clock_;
    auto backends =
        Backends::Parse("127.0.0.1:1,127.0.0.1:2,127.0.0.1:3", options);
    EXPECT_TRUE(backends.ok()) << backends.status();
    return *std::move(backends);
  }

  // Who gets `count` connections that all succeed.
  std::map<size_t, int> Shares(Backends& backends, int count) {
    std::map<size_t, int> shares;
    for (int i = 0; i < count; ++i) {
      Backends::Choice choice = backends.Choose({});
      ++shares[choice.index()];
      choice.ReportSuccess();
    }
    return shares;
  }

  void Fail(Backends& backends, size_t index, int times) {
    for (int i = 0; i < times; ++i) {
      backends.Choose(Others(index)).ReportFailure(kRefused);
    }
  }

  static std::vector<size_t> Others(size_t index) {
    std::vector<size_t> others;
    for (size_t i = 0; i < 3; ++i) {
      if (i != index) others.push_back(i);
    }
    return others;
  }

  FakeClock clock_;
};

using Map = std::map<size_t, int>;

TEST_F(BackendsTest, AllHaveTheSameShare) {
  EXPECT_EQ(Shares(*Three(), 30), (Map{{0, 10}, {1, 10}, {2, 10}}));
}

TEST_F(BackendsTest, TheShareOfOneThatIsLeftOutIsSharedByTheOthers) {
  const auto backends = Three();
  Fail(*backends, 1, 3);
  EXPECT_EQ(Shares(*backends, 30), (Map{{0, 15}, {2, 15}}));
}

TEST_F(BackendsTest, TheShareOfOneThatFailsIsSharedByTheOthers) {
  const auto backends = Three({.fail_limit = 1'000});
  Map shares;
  for (int i = 0; i < 60; ++i) {
    Backends::Choice first = backends->Choose({});
    if (first.index() != 0) {
      ++shares[first.index()];
      first.ReportSuccess();
      continue;
    }
    first.ReportFailure(kRefused);
    Backends::Choice second = backends->Choose({0});
    ++shares[second.index()];
    second.ReportSuccess();
  }
  EXPECT_EQ(shares, (Map{{1, 30}, {2, 30}}));
}

TEST_F(BackendsTest, OneIsLeftOutAfterSoManyFailuresForSoLong) {
  const auto backends =
      Three({.fail_limit = 2, .fail_timeout = absl::Seconds(5)});
  Fail(*backends, 0, 1);
  EXPECT_EQ(Shares(*backends, 3)[0], 1);  // which also begins the count anew
  Fail(*backends, 0, 2);
  EXPECT_EQ(Shares(*backends, 30).count(0), 0u);
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Shares(*backends, 30)[0], 10);
}

TEST_F(BackendsTest, IfAllAreLeftOutNoneIs) {
  const auto backends = Three({.fail_limit = 1});
  for (size_t i = 0; i < 3; ++i) Fail(*backends, i, 1);
  EXPECT_EQ(backends->Choose({0, 2}).index(), 1u);
  EXPECT_EQ(Shares(*backends, 3), (Map{{0, 1}, {1, 1}, {2, 1}}));
}

TEST_F(BackendsTest, ClientsThatGiveUpInTimeAreNoFailures) {
  const auto backends =
      Three({.fail_limit = 1, .slow_connect = absl::Seconds(1)});
  {
    const Backends::Choice choice = backends->Choose({1, 2});
    clock_.Advance(absl::Milliseconds(999));
  }
  EXPECT_EQ(Shares(*backends, 30)[0], 10);
}

TEST_F(BackendsTest, ClientsThatGiveUpLateAreFailures) {
  const auto backends =
      Three({.fail_limit = 1, .slow_connect = absl::Seconds(1)});
  {
    Backends::Choice choice = backends->Choose({1, 2});
    clock_.Advance(absl::Seconds(1));
    const Backends::Choice moved = std::move(choice);
  }
  EXPECT_EQ(Shares(*backends, 30).count(0), 0u);
}

TEST_F(BackendsTest, ConnectionsThatLastAreNoFailures) {
  const auto backends = Three({.fail_limit = 1});
  {
    Backends::Choice choice = backends->Choose({1, 2});
    choice.ReportSuccess();
    const Backends::Choice moved = std::move(choice);
    clock_.Advance(absl::Hours(1));
  }
  EXPECT_EQ(Shares(*backends, 30)[0], 10);
}

TEST_F(BackendsTest, WhatThisSideLacksIsNoFailure) {
  const auto backends = Three({.fail_limit = 1});
  backends->Choose({1, 2}).ReportFailure(
      absl::ResourceExhaustedError("no descriptor"));
  EXPECT_EQ(Shares(*backends, 30)[0], 10);
}

TEST_F(BackendsTest, TheOneWithFewestConnectionsIsChosen) {
  const auto backends = Three({.balance = Balance::kLeastConnections});
  std::vector<Backends::Choice> open;
  Map shares;
  for (int i = 0; i < 6; ++i) {
    open.push_back(backends->Choose({}));
    ++shares[open.back().index()];
  }
  EXPECT_EQ(shares, (Map{{0, 2}, {1, 2}, {2, 2}}));
  const size_t ended = open[2].index();
  std::vector<Backends::Choice> left;
  for (Backends::Choice& choice : open) {
    if (choice.index() != ended) left.push_back(std::move(choice));
  }
  open.clear();
  EXPECT_EQ(backends->Choose({}).index(), ended);
}

TEST(BackendsParseTest, ReadsEndpointsOfEachKind) {
  const auto backends = Backends::Parse("127.0.0.1:1,[::1]:2,unix:/x", {});
  ASSERT_TRUE(backends.ok()) << backends.status();
  EXPECT_EQ((*backends)->size(), 3u);
  EXPECT_EQ((*backends)->Choose({0, 1}).endpoint().ToString(), "unix:/x");
}

TEST(BackendsParseTest, NamesWhatIsWrong) {
  EXPECT_EQ(Backends::Parse("", {}).status().message(),
            "there is no backend in the list");
  const absl::Status bad = Backends::Parse("127.0.0.1:1,nonsense", {}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(bad));
  EXPECT_NE(bad.message().find("nonsense"), absl::string_view::npos) << bad;
}

}  // namespace
}  // namespace rondo::examples
