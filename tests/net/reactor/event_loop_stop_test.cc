// How a loop ends: what still runs, what is destroyed unrun, where and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "net/reactor/mailbox.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Log = std::vector<std::string>;

class EventLoopStopTest : public ::testing::Test {
 protected:
  // A task that logs when it runs, and where it is destroyed.
  EventLoop::Task Task(const std::string& name) {
    return [this, name, token = OnDestroy([this] {
                          destroyed_on_.push_back(std::this_thread::get_id());
                        })] { log_.push_back(name); };
  }

  Log log_;
  std::vector<std::thread::id> destroyed_on_;
  std::unique_ptr<EventLoop> loop_ = NewLoop();
};

TEST_F(EventLoopStopTest, BeforeRunIsNotLost) {
  loop_->Stop();
  loop_->Run();
}

TEST_F(EventLoopStopTest, BeforeRunFromAnotherThreadIsNotLost) {
  NewThread("stopper", [this] { loop_->Stop(); }).Join();
  loop_->Run();
}

TEST_F(EventLoopStopTest, WhatWasPostedBeforeItStillRuns) {
  loop_->QueueInLoop(Task("a"));
  loop_->QueueInLoop(Task("b"));
  loop_->Stop();
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("a", "b"));
}

TEST_F(EventLoopStopTest, WhatWasPostedBeforeItRunsWhateverTheBudget) {
  loop_ = NewLoop({.max_tasks_per_turn = 1});
  for (const char* name : {"a", "b", "c"}) loop_->QueueInLoop(Task(name));
  loop_->Stop();
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("a", "b", "c"));
}

TEST_F(EventLoopStopTest, WhatWasPostedAfterItIsDestroyedUnrunOnTheLoop) {
  loop_->QueueInLoop([this] {
    loop_->Stop();
    loop_->QueueInLoop(Task("after"));
    NewThread("other", [this] { loop_->QueueInLoop(Task("after")); }).Join();
  });
  Thread runner(NewThread("runner", [this] {
    loop_->Run();
    EXPECT_THAT(destroyed_on_, ElementsAre(std::this_thread::get_id(),
                                           std::this_thread::get_id()));
  }));
  runner.Join();
  EXPECT_THAT(log_, IsEmpty());
}

// Another thread's task that was posted before, but that the loop has not
// fetched yet when a task of its own says Stop().
TEST_F(EventLoopStopTest, FromTheLoopItComesAfterWhatOthersPosted) {
  loop_->QueueInLoop([this] {
    NewThread("other", [this] { loop_->QueueInLoop(Task("before")); }).Join();
    loop_->Stop();
  });
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("before"));
}

TEST_F(EventLoopStopTest, BeforeRunItComesAfterWhatOthersPosted) {
  NewThread("other", [this] { loop_->QueueInLoop(Task("before")); }).Join();
  loop_->Stop();
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("before"));
}

TEST_F(EventLoopStopTest, FromAChannelEndsWithinTheTurn) {
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  RecordingChannel channel(*loop_, pair.a, IoEvents::kReadable,
                           [this] { loop_->Stop(); });
  loop_->Run();
  EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
}

TEST_F(EventLoopStopTest, StillFlushesAndDestroysWhatWasDeferredInItsTurn) {
  loop_->QueueInLoop([this] {
    loop_->DeferDelete(std::make_unique<std::shared_ptr<void>>(
        OnDestroy([this] { log_.push_back("destroyed"); })));
    loop_->Stop();
  });
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("destroyed"));
}

TEST_F(EventLoopStopTest, TwiceIsHarmless) {
  loop_->Stop();
  loop_->Stop();
  loop_->Run();
  loop_->Stop();
}

TEST_F(EventLoopStopTest, FromManyThreadsIsHarmless) {
  std::vector<Thread> stoppers;
  for (int i = 0; i < 4; ++i) {
    stoppers.push_back(NewThread("stopper", [this] { loop_->Stop(); }));
  }
  loop_->Run();
}

TEST_F(EventLoopStopTest, PostsToALoopThatHasEndedAreDestroyedWithIt) {
  loop_->Stop();
  loop_->Run();
  loop_->QueueInLoop(Task("late"));
  NewThread("other", [this] { loop_->QueueInLoop(Task("late")); }).Join();
  EXPECT_THAT(destroyed_on_, IsEmpty());
  loop_.reset();
  EXPECT_THAT(destroyed_on_, ElementsAre(std::this_thread::get_id(),
                                         std::this_thread::get_id()));
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(EventLoopStopTest, ALoopThatNeverRanDestroysItsTasks) {
  loop_->QueueInLoop(Task("never"));
  NewThread("other", [this] { loop_->QueueInLoop(Task("never")); }).Join();
  loop_.reset();
  EXPECT_EQ(destroyed_on_.size(), 2u);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(EventLoopStopTest, MailboxOutlivesTheLoopAndRefuses) {
  const std::shared_ptr<Mailbox> mailbox = loop_->mailbox();
  EXPECT_TRUE(mailbox->Post(Task("never")));
  loop_.reset();
  EXPECT_EQ(destroyed_on_.size(), 1u);
  EventLoop::Task task = Task("refused");
  EXPECT_FALSE(mailbox->Post(std::move(task)));
  EXPECT_TRUE(task != nullptr);
}

// What destructors post is destroyed as well, however deep.
TEST_F(EventLoopStopTest, DestructorsOfTasksMayPost) {
  auto chain = [this](auto self, int depth) -> std::shared_ptr<void> {
    return OnDestroy([this, self, depth] {
      log_.push_back(std::to_string(depth));
      if (depth > 0) {
        loop_->QueueInLoop([token = self(self, depth - 1)] { FAIL(); });
      }
    });
  };
  loop_->QueueInLoop([&] {
    loop_->Stop();
    loop_->QueueInLoop([token = chain(chain, 3)] { FAIL(); });
  });
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("3", "2", "1", "0"));
}

// What is destroyed at the end makes another thread post once more, again and
// again: a loop that waited for others to fall silent would never end.
TEST_F(EventLoopStopTest, TheEndDoesNotChaseWhatOthersGoOnPosting) {
  constexpr int kEndless = 100;
  int posts = 0;
  bool over = false;
  std::function<void()> post = [&] {
    ++posts;
    NewThread("other", [&] {
      loop_->QueueInLoop([token = OnDestroy([&] {
                            if (!over && posts < kEndless) post();
                          })] { FAIL(); });
    }).Join();
  };
  loop_->QueueInLoop([&] {
    loop_->Stop();
    post();
  });
  loop_->Run();
  EXPECT_LT(posts, kEndless);
  over = true;
  loop_.reset();
}

// The same where the loop itself is destroyed: whatever is destroyed with it
// may still post to it, and nothing of that is leaked.
class PostFromDestructorTest : public EventLoopStopTest {
 protected:
  std::shared_ptr<void> PostsWhenDestroyed() {
    return OnDestroy(
        [this, loop = loop_.get()] { loop->QueueInLoop(Task("never")); });
  }

  void DestroyAndExpectNoLeak() {
    loop_.reset();
    EXPECT_EQ(destroyed_on_.size(), 1u);
    EXPECT_THAT(log_, IsEmpty());
  }
};

TEST_F(PostFromDestructorTest, OfATask) {
  loop_->QueueInLoop([token = PostsWhenDestroyed()] {});
  DestroyAndExpectNoLeak();
}

TEST_F(PostFromDestructorTest, OfADeferredObject) {
  loop_->DeferDelete(
      std::make_unique<std::shared_ptr<void>>(PostsWhenDestroyed()));
  DestroyAndExpectNoLeak();
}

TEST_F(PostFromDestructorTest, OfATimer) {
  loop_->RunAfter(absl::Hours(1), [token = PostsWhenDestroyed()] {});
  DestroyAndExpectNoLeak();
}

TEST_F(PostFromDestructorTest, OfATaskAfterTheEnd) {
  loop_->Stop();
  loop_->Run();
  loop_->QueueInLoop([token = PostsWhenDestroyed()] {});
  DestroyAndExpectNoLeak();
}

// What a timer's callback owns may take other timers and channels along.
TEST_F(EventLoopStopTest, ATimersCallbackMayOwnAChannelAndATimer) {
  const FdPair pair = UnixPair();
  auto channel =
      std::make_shared<RecordingChannel>(*loop_, pair.a, IoEvents::kReadable);
  const TimerId other = loop_->RunAfter(absl::Hours(2), [] {});
  loop_->RunAfter(absl::Hours(1),
                  [channel = std::move(channel),
                   token = OnDestroy([loop = loop_.get(), other] {
                     loop->Cancel(other);
                   })] {});
  RunTurns(*loop_, 1);
  loop_.reset();
}

// Sees the end of the loop.
struct EndObserver : LoopLocal {
  explicit EndObserver(EventLoop* l) : loop(l) {}
  void OnLoopEnd() override {
    log->push_back("end");
    EXPECT_TRUE(loop->IsInLoopThread());
    loop->QueueInLoop([] { FAIL() << "too late"; });
    loop->DeferDelete(std::make_unique<std::shared_ptr<void>>(
        OnDestroy([l = log] { l->push_back("destroyed"); })));
  }
  EventLoop* const loop;
  Log* log = nullptr;
};

TEST_F(EventLoopStopTest, LoopLocalsHearOfTheEndOnceAfterTheLastTask) {
  loop_->Local<EndObserver>().log = &log_;
  loop_->QueueInLoop(Task("last"));
  loop_->Stop();
  NewThread("runner", [this] { loop_->Run(); }).Join();
  EXPECT_THAT(log_, ElementsAre("last", "end", "destroyed"));
  loop_.reset();
  EXPECT_EQ(log_.size(), 3u);
}

class EventLoopDeathTest : public ::testing::Test {
 protected:
  EventLoopDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(EventLoopDeathTest, RunsOnce) {
  const auto loop = NewLoop();
  loop->Stop();
  loop->Run();
  EXPECT_DEATH(loop->Run(), "runs once");
}

TEST_F(EventLoopDeathTest, CannotBeDestroyedFromInsideItsRun) {
  EXPECT_DEATH(
      {
        auto loop = NewLoop();
        loop->QueueInLoop([&loop] { loop.reset(); });
        loop->Run();
      },
      "cannot be destroyed from inside its Run");
}

}  // namespace
}  // namespace rondo
