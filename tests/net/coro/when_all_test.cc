#include "net/coro/when_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "net/coro/async_event.h"
#include "tests/net/coro/when_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

using WhenAllTest = WhenFixture;

Task<int> Give(AsyncEvent* event, int result) {
  const bool came = co_await event->Wait();
  if (!came) co_return -1;
  co_return result;
}
Task<> Note(AsyncEvent* event, std::string what, std::string* log) {
  const bool came = co_await event->Wait();
  log->append((came ? what : "stopped") + ";");
}
Task<int> Throw(AsyncEvent* event, std::string what) {
  (void)co_await event->Wait();
  throw std::runtime_error(what);
}
Task<std::unique_ptr<int>> GiveUnique(int i) {
  co_return std::make_unique<int>(i);
}

TEST_F(WhenAllTest, ResultsAreInTheirOrderNotTheOrderOfTheirEnd) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    const auto [one, two] = co_await WhenAll(Give(a, 1), Give(b, 2));
    EXPECT_EQ(one, 1);
    EXPECT_EQ(two, 2);
    log->append("all");
  };
  Run(
      kBody(&a_, &b_, &log_), Set(b_), Nothing(), [&] { EXPECT_EQ(log_, ""); },
      Set(a_), Nothing());
  EXPECT_EQ(log_, "all");
}

TEST_F(WhenAllTest, ThoseThatEndAtOnceAndMoveOnlyResults) {
  static constexpr auto kBody = [](std::string* log) -> Task<> {
    auto [one, two] = co_await WhenAll(GiveUnique(1), GiveUnique(2));
    EXPECT_EQ(*one + *two, 3);
    log->append("all");
  };
  RunSteps(*loop_, [&] {
    Spawn(loop_.get(), kBody(&log_));
    EXPECT_EQ(log_, "all");
  });
}

TEST_F(WhenAllTest, VoidIsAMonostate) {
  static constexpr auto kBody = [](AsyncEvent* a, std::string* log) -> Task<> {
    const std::tuple<std::monostate, int> both =
        co_await WhenAll(Note(a, "noted", log), Give(a, 5));
    EXPECT_EQ(std::get<1>(both), 5);
    log->append("all");
  };
  Run(kBody(&a_, &log_), Set(a_), Nothing());
  EXPECT_EQ(log_, "noted;all");
}

TEST_F(WhenAllTest, OfNothingIsDoneAtOnce) {
  static constexpr auto kBody = [](std::string* log) -> Task<> {
    EXPECT_TRUE((co_await WhenAll(std::vector<Task<int>>())).empty());
    (void)co_await WhenAll();
    log->append("all");
  };
  Run(kBody(&log_));
  EXPECT_EQ(log_, "all");
}

TEST_F(WhenAllTest, AnyNumberKeepsItsOrder) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 6; ++i) tasks.push_back(Give(i % 2 == 0 ? a : b, i));
    EXPECT_THAT(co_await WhenAll(std::move(tasks)),
                ElementsAre(0, 1, 2, 3, 4, 5));
    std::vector<Task<>> notes;
    for (int i = 0; i < 2; ++i) notes.push_back(Note(a, "noted", log));
    EXPECT_EQ((co_await WhenAll(std::move(notes))).size(), 2u);
    log->append("all");
  };
  Run(kBody(&a_, &b_, &log_), Set(b_), Nothing(), Set(a_), Nothing());
  EXPECT_EQ(log_, "noted;noted;all");
}

TEST_F(WhenAllTest, OneThatThrowsStopsTheOthersWhichAreWaitedFor) {
  static constexpr auto kBody = [](AsyncEvent* a, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    try {
      (void)co_await WhenAll(Note(b, "b", log), Throw(a, "thrown"),
                             Throw(b, "lost"));
      log->append("not thrown");
    } catch (const std::runtime_error& e) {
      log->append(e.what());
    }
  };
  Run(kBody(&a_, &b_, &log_), Set(a_), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;thrown");
}

TEST_F(WhenAllTest, OneThatThrowsAtOnceSparesTheOthersTheBeginning) {
  static constexpr auto kThrow = []() -> Task<> {
    throw std::runtime_error("thrown");
    co_return;
  };
  static constexpr auto kBody = [](Task<> thrower, AsyncEvent* b,
                                   std::string* log) -> Task<> {
    try {
      (void)co_await WhenAll(std::move(thrower), Note(b, "b", log));
    } catch (const std::runtime_error& e) {
      log->append(e.what());
    }
  };
  Run(kBody(kThrow(), &b_, &log_), Nothing());
  EXPECT_EQ(log_, "thrown");
}

}  // namespace
}  // namespace rondo
