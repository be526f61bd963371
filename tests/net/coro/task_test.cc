#include "net/coro/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/net/coro/task_fixture.h"

namespace rondo {
namespace {

using TaskTest = TaskFixture;

Task<int> Add(int a, int b) { co_return a + b; }
Task<std::unique_ptr<int>> MakeUnique(int i) {
  co_return std::make_unique<int>(i);
}
Task<> Throw(std::string what) {
  throw std::runtime_error(what);
  co_return;
}
Task<int> ThrowInstead() {
  co_await Throw("instead");
  co_return 1;
}

TEST_F(TaskTest, GivesItsResult) {
  int sum = 0;
  static constexpr auto kBody = [](int& sum) -> Task<> {
    sum = co_await Add(1, 2) + *co_await MakeUnique(4);
  };
  EXPECT_EQ(Run(kBody(sum)), nullptr);
  EXPECT_EQ(sum, 7);
}

TEST_F(TaskTest, DoesNotBeginBeforeItIsAwaited) {
  bool began = false;
  static constexpr auto kInner = [](bool& began) -> Task<> {
    began = true;
    co_return;
  };
  static constexpr auto kBody = [](bool& began) -> Task<> {
    Task<> inner = kInner(began);
    EXPECT_FALSE(began);
    co_await std::move(inner);
    EXPECT_TRUE(began);
  };
  EXPECT_EQ(Run(kBody(began)), nullptr);
}

TEST_F(TaskTest, ThrowsWhatTheAwaitedThrows) {
  std::string what;
  static constexpr auto kBody = [](std::string& what) -> Task<> {
    try {
      (void)co_await ThrowInstead();
    } catch (const std::runtime_error& e) {
      what = e.what();
    }
  };
  EXPECT_EQ(Run(kBody(what)), nullptr);
  EXPECT_EQ(what, "instead");
}

TEST_F(TaskTest, TheSpawnerLearnsOfAnException) {
  const std::exception_ptr thrown = Run(Throw("out"));
  ASSERT_NE(thrown, nullptr);
  EXPECT_THROW(std::rethrow_exception(thrown), std::runtime_error);
}

TEST_F(TaskTest, AMillionThatEndAtOnceNeedNoStack) {
  int sum = 0;
  static constexpr auto kBody = [](int& sum) -> Task<> {
    for (int i = 0; i < 1'000'000; ++i) sum += co_await Add(1, 0);
  };
  EXPECT_EQ(Run(kBody(sum)), nullptr);
  EXPECT_EQ(sum, 1'000'000);
}

Task<int> Deep(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await Deep(depth - 1);
}

TEST_F(TaskTest, AHundredThousandDeepNeedNoStackToBeginAndEnd) {
  int depth = 0;
  static constexpr auto kBody = [](int& depth) -> Task<> {
    depth = co_await Deep(100'000);
  };
  EXPECT_EQ(Run(kBody(depth)), nullptr);
  EXPECT_EQ(depth, 100'000);
}

TEST_F(TaskTest, DestroyedBeforeItBeginsItDestroysItsParameters) {
  const auto parameter = std::make_shared<int>(1);
  static constexpr auto kBody = [](std::shared_ptr<int>) -> Task<> {
    ADD_FAILURE() << "it was not to begin";
    co_return;
  };
  {
    const Task<> task = kBody(parameter);
    EXPECT_EQ(parameter.use_count(), 2);
  }
  EXPECT_EQ(parameter.use_count(), 1);
}

TEST_F(TaskTest, IsMovedAndAssigned) {
  const auto parameter = std::make_shared<int>(1);
  static constexpr auto kBody = [](std::shared_ptr<int>) -> Task<> {
    co_return;
  };
  Task<> a = kBody(parameter);
  Task<> b = std::move(a);
  EXPECT_FALSE(a.frame());
  EXPECT_EQ(parameter.use_count(), 2);
  b = kBody(nullptr);
  EXPECT_EQ(parameter.use_count(), 1);
}

}  // namespace
}  // namespace rondo
