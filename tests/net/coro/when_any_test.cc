#include "net/coro/when_any.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "net/coro/async_event.h"
#include "tests/net/coro/when_fixture.h"

namespace rondo {
namespace {

using WhenAnyTest = WhenFixture;

Task<int> Give(AsyncEvent* event, int result, std::string* log) {
  const bool came = co_await event->Wait();
  if (!came) log->append("stopped;");
  co_return result;
}
Task<std::unique_ptr<int>> GiveUnique(AsyncEvent* event, int i) {
  (void)co_await event->Wait();
  co_return std::make_unique<int>(i);
}
Task<> Wait(AsyncEvent* event) { (void)co_await event->Wait(); }
Task<> Throw(AsyncEvent* event) {
  (void)co_await event->Wait();
  throw std::runtime_error("thrown");
}

TEST_F(WhenAnyTest, GivesTheFirstAndWaitsForTheOthersWhichItStops) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    const auto first = co_await WhenAny(Give(a, 1, log), Give(b, 2, log));
    EXPECT_EQ(first.index(), 1u);
    EXPECT_EQ(std::get<1>(first), 2);
    log->append("any");
  };
  Run(kBody(&a_, &b_, &log_), Set(b_), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;any");
}

TEST_F(WhenAnyTest, OfTwoInOneTurnTheFirstIsGiven) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    const auto first = co_await WhenAny(Give(a, 1, log), Give(b, 2, log));
    EXPECT_EQ(first.index(), 1u);
    log->append("any");
  };
  Run(
      kBody(&a_, &b_, &log_),
      [&] {
        b_.Set();
        a_.Set();
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "any");
}

TEST_F(WhenAnyTest, OneThatEndsAtOnceSparesTheOthersTheBeginning) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    const auto first =
        co_await WhenAny(Give(b, 1, log), Give(a, 2, log), Throw(a));
    EXPECT_EQ(first.index(), 1u);
    log->append("any");
  };
  a_.Set();
  Run(kBody(&a_, &b_, &log_), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;any");
}

TEST_F(WhenAnyTest, VoidAndMoveOnlyResults) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    auto first = co_await WhenAny(Wait(b), GiveUnique(a, 7));
    EXPECT_EQ(first.index(), 1u);
    EXPECT_EQ(*std::get<1>(first), 7);
    log->append("any");
  };
  Run(kBody(&a_, &b_, &log_), Set(a_), Nothing(), Nothing());
  EXPECT_EQ(log_, "any");
}

TEST_F(WhenAnyTest, WhatTheFirstThrowsIsThrown) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    try {
      (void)co_await WhenAny(Give(b, 1, log), Throw(a));
    } catch (const std::runtime_error& e) {
      log->append(e.what());
    }
  };
  Run(kBody(&a_, &b_, &log_), Set(a_), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;thrown");
}

TEST_F(WhenAnyTest, WhatALaterOneThrowsIsLost) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    EXPECT_EQ((co_await WhenAny(Give(a, 1, log), Throw(b))).index(), 0u);
    log->append("any");
  };
  Run(kBody(&a_, &b_, &log_), Set(a_), Nothing(), Nothing());
  EXPECT_EQ(log_, "any");
}

TEST_F(WhenAnyTest, OfAnyNumberItGivesThePlaceToo) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(Give(i == 2 ? a : b, 10 * i, log));
    }
    const std::pair<size_t, int> first = co_await WhenAny(std::move(tasks));
    EXPECT_EQ(first, (std::pair<size_t, int>(2, 20)));
    std::vector<Task<>> waits;
    waits.push_back(Wait(a));
    EXPECT_EQ((co_await WhenAny(std::move(waits))).first, 0u);
    log->append("any");
  };
  Run(kBody(&a_, &b_, &log_), Set(a_), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;stopped;stopped;any");
}

}  // namespace
}  // namespace rondo
