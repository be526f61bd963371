// Who asks a Resolver and leaves, or destroys it, or asks again, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "net/client/resolver.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "tests/net/client/resolver_fixture.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

constexpr AddressFamily kIpv4 = AddressFamily::kIpv4;
constexpr AddressFamily kIpv6 = AddressFamily::kIpv6;
constexpr absl::Duration kForEver = absl::InfiniteDuration();
constexpr int kRounds = 1'000;

class ResolverTest : public ResolverFixture {
 protected:
  ResolverTest() {
    server_.Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
    server_.Set("silent.example", DnsType::kA, {.silent = true});
    server_.Set("silent.example", DnsType::kAaaa, {.silent = true});
  }

  // Returns when all tasks that wait on the loop have run.
  void Drain() {
    OnLoop([] {});
    OnLoop([] {});
  }
};

// --- Withdrawing. ------------------------------------------------------------

TEST_F(ResolverTest, WhoWithdrawsHearsNothingAndTheQueryGoesOn) {
  server_.Hold();
  const auto gone = Begin("host.example");
  const auto stays = Begin("host.example");
  server_.AwaitQueries(1);
  OnLoop([&] { gone->request.Withdraw(); });
  server_.Release();
  EXPECT_THAT(Texts(stays->Await()), ElementsAre("192.0.2.1"));
  Drain();
  EXPECT_EQ(gone->answers(), 0);
}

TEST_F(ResolverTest, WhatNobodyWaitsForAnyMoreIsKept) {
  server_.Hold();
  const auto gone = Begin("host.example");
  server_.AwaitQueries(1);
  OnLoop([&] { gone->request.Withdraw(); });
  const auto other = Begin("host.example");  // joins it still
  OnLoop([&] { other->request.Withdraw(); });
  server_.Release();
  // Its reply comes behind the one that was held.
  EXPECT_TRUE(absl::IsNotFound(Ask("nosuch.example").status()));
  EXPECT_EQ(cached_answers(), 1);
  EXPECT_EQ(gone->answers() + other->answers(), 0);
  EXPECT_THAT(Texts(Ask("host.example")), ElementsAre("192.0.2.1"));
  EXPECT_EQ(server_.queries("host.example", DnsType::kA), 1);
}

TEST_F(ResolverTest, WithdrawnWithADeadlineItHearsNothingLater) {
  const auto gone = Begin("silent.example", kIpv4, absl::Seconds(1));
  OnLoop([&] { gone->request.Withdraw(); });
  Advance(absl::Seconds(2));
  EXPECT_EQ(gone->answers(), 0);
}

TEST_F(ResolverTest, WithdrawnBetweenAnswerAndCallbackItHearsNothing) {
  std::shared_ptr<AskedQuestion> gone;
  OnLoop([&] {
    gone = BeginOnLoop("192.0.2.1");  // has its answer already
    gone->request.Withdraw();
  });
  Drain();
  EXPECT_EQ(gone->answers(), 0);
}

TEST_F(ResolverTest, WithdrawingAfterTheAnswerDoesNothing) {
  const auto asked = Begin("host.example");
  EXPECT_TRUE(asked->Await().ok());
  OnLoop([&] {
    asked->request.Withdraw();
    asked->request.Withdraw();
  });
  EXPECT_EQ(asked->answers(), 1);
}

TEST_F(ResolverTest, ACallbackWithdrawsOthersAndItself) {
  server_.Hold();
  auto self = std::make_shared<AskedQuestion>();
  std::shared_ptr<AskedQuestion> before, after, other;
  OnLoop([&] {
    before = BeginOnLoop("host.example");
    self->request = resolver_->Resolve("host.example", kIpv4, kForEver,
                                       [&](const Resolver::Answer& answer) {
                                         before->request.Withdraw();
                                         self->request.Withdraw();
                                         after->request.Withdraw();
                                         other->request.Withdraw();
                                         self->Add(answer);
                                       });
    after = BeginOnLoop("host.example");
    other = BeginOnLoop("silent.example");
  });
  server_.AwaitQueries(2);
  server_.Release();
  EXPECT_TRUE(self->Await().ok());
  Drain();
  EXPECT_EQ(before->answers(), 1);
  EXPECT_EQ(after->answers(), 0);
  EXPECT_EQ(other->answers(), 0);
}

// On the machine's clock: should the kernel drop a datagram, it is sent again.
TEST_F(ResolverTest, WhatWaitsInLineAndIsWithdrawnIsNotAsked) {
  UseRealClock(Options());
  server_.SetDefault(Addresses({"192.0.2.1"}));
  server_.Hold();
  std::vector<std::shared_ptr<AskedQuestion>> asked;
  OnLoop([&] {
    for (int i = 0; i < kRounds; ++i) {
      asked.push_back(BeginOnLoop(absl::StrCat("host", i, ".example")));
    }
  });
  const uint64_t begun = queries();
  EXPECT_LT(begun, kRounds);
  OnLoop([&] {
    for (const auto& a : asked) a->request.Withdraw();
  });
  server_.Release();
  EXPECT_TRUE(Ask("last.example").ok());
  EXPECT_EQ(queries(), begun + 1);
  for (const auto& a : asked) EXPECT_EQ(a->answers(), 0);
}

// --- Callbacks that ask and destroy. -----------------------------------------

TEST_F(ResolverTest, ACallbackAsksAgain) {
  auto last = std::make_shared<AskedQuestion>();
  Request inner;
  OnLoop([&] {
    asked_.push_back(std::make_shared<AskedQuestion>());
    asked_.back()->request = resolver_->Resolve(
        "host.example", kIpv4, kForEver, [&](const Resolver::Answer& answer) {
          EXPECT_TRUE(answer.ok());
          inner = resolver_->Resolve(
              "nosuch.example", kIpv4, kForEver,
              [last](const Resolver::Answer& answer) { last->Add(answer); });
        });
  });
  EXPECT_TRUE(absl::IsNotFound(last->Await().status()));
  OnLoop([&] { inner.Withdraw(); });
}

TEST_F(ResolverTest, AnAnswerFromTheCacheDoesNotHoldTheLoop) {
  // One that asks for ever, as each answer is there at once.
  Request request;
  absl::AnyInvocable<void()> again = [&] {
    request = resolver_->Resolve("192.0.2.1", kIpv4, kForEver,
                                 [&](const Resolver::Answer&) { again(); });
  };
  OnLoop([&] { again(); });
  EXPECT_TRUE(Ask("host.example").ok());
  OnLoop([&] { request.Withdraw(); });
}

TEST_F(ResolverTest, IsDestroyedInsideACallback) {
  for (int i = 0; i < kRounds; ++i) {
    auto first = std::make_shared<AskedQuestion>();
    std::shared_ptr<AskedQuestion> second, silent;
    OnLoop([&] {
      Request ignored = resolver_->Resolve("silent.example", kIpv4, kForEver,
                                           [](const Resolver::Answer&) {});
      first->request =
          resolver_->Resolve("host.example", kIpv4, kForEver,
                             [this, first](const Resolver::Answer& answer) {
                               resolver_.reset();
                               first->Add(answer);
                             });
      second = BeginOnLoop("host.example");
      silent = BeginOnLoop("silent.example", kIpv6);
    });
    ASSERT_TRUE(first->Await().ok());
    EXPECT_TRUE(second->Await().ok());  // it was there already
    EXPECT_TRUE(absl::IsCancelled(silent->Await().status()));
    Use(Options());
    OnLoop([&] {
      first->request.Withdraw();
      asked_.clear();
    });
  }
}

TEST_F(ResolverTest, DestroyedWithOpenQuestionsItAnswersCancelled) {
  server_.Set("large.example", DnsType::kA, {.truncated_over_udp = true});
  for (int i = 0; i < kRounds; ++i) {
    std::vector<std::shared_ptr<AskedQuestion>> asked;
    OnLoop([&] {
      asked.push_back(BeginOnLoop("silent.example"));
      asked.push_back(BeginOnLoop("silent.example"));
      asked.push_back(BeginOnLoop("silent.example", kIpv6, absl::Hours(1)));
      Request gone = resolver_->Resolve("large.example", kIpv4, kForEver,
                                        [](const Resolver::Answer&) {});
    });
    if (i % 2 == 0) OnLoop([] {});  // some turns for the socket, or none
    OnLoop([&] {
      resolver_.reset();
      for (const auto& a : asked) EXPECT_EQ(a->answers(), 0);
    });
    for (const auto& a : asked) {
      const auto status = a->Await().status();
      ASSERT_TRUE(absl::IsCancelled(status)) << status;
      EXPECT_THAT(status.message(), ::testing::HasSubstr("silent.example"));
    }
    Use(Options());
    OnLoop([this] { asked_.clear(); });
  }
}

TEST_F(ResolverTest, TheLateDatagramsOfADestroyedResolverHurtNobody) {
  server_.Hold();
  for (int i = 0; i < 10; ++i) {
    const auto asked = Begin("host.example");
    server_.AwaitQueries(i + 1);
    Use(Options());
    EXPECT_TRUE(absl::IsCancelled(asked->Await().status()));
  }
  server_.Release();
  EXPECT_TRUE(Ask("host.example").ok());
}

TEST_F(ResolverTest, WhatACallbackHoldsMayDestroyTheResolver) {
  OnLoop([&] {
    auto destroys = OnDestroy([this] { resolver_.reset(); });
    Request request =
        resolver_->Resolve("silent.example", kIpv4, kForEver,
                           [destroys](const Resolver::Answer&) {});
    destroys.reset();
    request.Withdraw();
    EXPECT_EQ(resolver_, nullptr);
  });
  Use(Options());
  EXPECT_TRUE(Ask("host.example").ok());
}

TEST_F(ResolverTest, ADeadlineDestroysTheResolver) {
  auto asked = std::make_shared<AskedQuestion>();
  std::shared_ptr<AskedQuestion> other;
  OnLoop([&] {
    asked->request =
        resolver_->Resolve("silent.example", kIpv4, absl::Seconds(1),
                           [this, asked](const Resolver::Answer& answer) {
                             resolver_.reset();
                             asked->Add(answer);
                           });
    other = BeginOnLoop("silent.example", kIpv4, absl::Seconds(1));
  });
  Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(asked->Await().status()));
  EXPECT_TRUE(absl::IsCancelled(other->Await().status()));
  OnLoop([&] { asked->request.Withdraw(); });
}

// --- The end of the loop. ----------------------------------------------------

// A loop's own resolver, which asks the fixture's server.
class Local final : public LoopLocal {
 public:
  static inline InetAddress server;

  explicit Local(EventLoop* loop) : resolver_(loop, {.servers = {server}}) {}
  Resolver& resolver() { return resolver_; }
  void OnLoopEnd() override { resolver_.OnLoopEnd(); }

 private:
  Resolver resolver_;
};

TEST_F(ResolverTest, WhenItsLoopEndsNobodyIsTold) {
  Local::server = server_.address();
  auto asked = std::make_shared<AskedQuestion>();
  bool destroyed = false;
  OnLoop([&] {
    auto token = OnDestroy([&] { destroyed = true; });
    asked->request = loop()->Local<Local>().resolver().Resolve(
        "silent.example", kIpv4, kForEver,
        [asked, token](const Resolver::Answer& answer) { asked->Add(answer); });
  });
  server_.AwaitQueries(1);
  Clear();
  thread_->Stop();
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(asked->answers(), 0);
}

TEST_F(ResolverTest, AnAnswerThatTheLoopsEndOvertakesIsNotTold) {
  Local::server = server_.address();
  auto asked = std::make_shared<AskedQuestion>();
  Clear();
  OnLoop([&] {
    loop()->Stop();
    asked->request = loop()->Local<Local>().resolver().Resolve(
        "192.0.2.1", kIpv4, kForEver,
        [asked](const Resolver::Answer& answer) { asked->Add(answer); });
  });
  thread_->Stop();
  EXPECT_EQ(asked->answers(), 0);
}

TEST_F(ResolverTest, WhatIsForgottenMayOwnOtherQuestionsAndAskAgain) {
  Local::server = server_.address();
  server_.Hold();
  auto late = std::make_shared<AskedQuestion>();
  OnLoop([&] {
    Resolver& resolver = loop()->Local<Local>().resolver();
    auto owned = std::make_shared<Request>(
        resolver.Resolve("silent.example", kIpv4, kForEver,
                         [late](const Resolver::Answer& a) { late->Add(a); }));
    auto asks = OnDestroy([&resolver, late] {
      late->request =
          resolver.Resolve("host.example", kIpv4, kForEver,
                           [late](const Resolver::Answer& a) { late->Add(a); });
    });
    // Kept by nothing but the question, which is withdrawn with it.
    auto kept = std::make_shared<Request>();
    *kept = resolver.Resolve("other.example", kIpv4, kForEver,
                             [owned, asks, kept](const Resolver::Answer&) {});
  });
  server_.AwaitQueries(1);
  Clear();
  thread_->Stop();
  EXPECT_EQ(late->answers(), 0) << "nobody is left to call it";
}

TEST_F(ResolverTest, GoesWithALoopThatNeverRan) {
  Local::server = server_.address();
  for (int i = 0; i < kRounds; ++i) {
    bool called = false;
    bool destroyed = false;
    Request request;
    {
      const auto loop = NewLoop();
      auto token = OnDestroy([&] { destroyed = true; });
      request = loop->Local<Local>().resolver().Resolve(
          "silent.example", kIpv4, absl::Seconds(5),
          [&called, token](const Resolver::Answer&) { called = true; });
    }
    ASSERT_TRUE(destroyed);
    ASSERT_FALSE(called);
  }
}

TEST_F(ResolverTest, GoesWithALoopWhenAllIsDestroyedAtOnce) {
  Local::server = server_.address();
  server_.Hold();
  OnLoop([this] {
    Resolver& resolver = loop()->Local<Local>().resolver();
    for (int i = 0; i < kRounds; ++i) {
      asked_.push_back(std::make_shared<AskedQuestion>());
      const auto asked = asked_.back();
      asked->request = resolver.Resolve(
          absl::StrCat("host", i, ".example"), kIpv4, absl::Seconds(i + 1),
          [asked](const Resolver::Answer& answer) { asked->Add(answer); });
    }
  });
  const auto asked = std::exchange(asked_, {});
  Clear();
  thread_->Stop();
  for (const auto& a : asked) EXPECT_EQ(a->answers(), 0);
}

}  // namespace
}  // namespace rondo
