#include "tests/testing/leak_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <unistd.h>

#include <memory>
#include <semaphore>
#include <thread>

#include "base/thread.h"
#include "base/unique_fd.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const ::testing::TestInfo& ThisTest() {
  return *::testing::UnitTest::GetInstance()->current_test_info();
}

TEST(LeakListenerTest, FindsNothingWhereNothingIsLeft) {
  LeakListener listener;
  listener.OnTestStart(ThisTest());
  { const UniqueFd closed(dup(STDERR_FILENO)); }
  {
    const Thread joined = NewThread("joined", [] {});
  }
  listener.OnTestEnd(ThisTest());
}

TEST(LeakListenerTest, NamesADescriptorThatWasLeft) {
  LeakListener listener;
  listener.OnTestStart(ThisTest());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[1]);
  const UniqueFd left(ends[0]);
  EXPECT_NONFATAL_FAILURE(listener.OnTestEnd(ThisTest()), "(pipe:[");
}

TEST(LeakListenerTest, NamesAThreadThatWasLeft) {
  LeakListener listener(/*grace=*/absl::ZeroDuration());
  listener.OnTestStart(ThisTest());
  std::binary_semaphore named(0);
  std::binary_semaphore go(0);
  Thread left = NewThread("straggler", [&] {
    named.release();
    go.acquire();
  });
  named.acquire();
  EXPECT_NONFATAL_FAILURE(listener.OnTestEnd(ThisTest()),
                          "left a thread running: straggler (");
  go.release();
}

TEST(LeakListenerTest, GivesADetachedThreadTimeToEnd) {
  LeakListener listener;
  listener.OnTestStart(ThisTest());
  // Shared with the thread, which may end after this test's body.
  auto go = std::make_shared<std::binary_semaphore>(0);
  std::thread([go] { go->acquire(); }).detach();
  go->release();
  listener.OnTestEnd(ThisTest());
}

TEST(LeakListenerTest, WhatWasThereBeforeIsNotLeft) {
  const UniqueFd earlier(dup(STDERR_FILENO));
  std::binary_semaphore go(0);
  Thread thread = NewThread("earlier", [&go] { go.acquire(); });
  LeakListener listener(/*grace=*/absl::ZeroDuration());
  listener.OnTestStart(ThisTest());
  listener.OnTestEnd(ThisTest());
  go.release();
}

TEST(LeakListenerTest, DescriptorWithAnotherTargetIsLeft) {
  EXPECT_THAT(DescriptorsLeft({{3, "a"}, {4, "b"}}, {{3, "a"}, {4, "c"}}),
              UnorderedElementsAre(Pair(4, "c")));
  EXPECT_THAT(DescriptorsLeft({{3, "a"}, {4, "b"}}, {{3, "a"}}), IsEmpty());
}

TEST(LeakListenerTest, ThreadThatRenamedItselfIsNotLeft) {
  EXPECT_THAT(ThreadsLeft({{3, "a"}}, {{3, "b"}, {4, "c"}}),
              UnorderedElementsAre(Pair(4, "c")));
}

TEST(LeakListenerTest, SeesItsOwnProcess) {
  EXPECT_THAT(OpenDescriptors(), ::testing::Contains(::testing::Key(2)));
  EXPECT_THAT(RunningThreads(), ::testing::Contains(::testing::Key(getpid())));
}

}  // namespace
}  // namespace rondo
