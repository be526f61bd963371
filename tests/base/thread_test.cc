#include "base/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "tests/testing/threads.h"

namespace rondo {
namespace {

std::string CurrentName() {
  char name[16];
  pthread_getname_np(pthread_self(), name, sizeof(name));
  return name;
}

cpu_set_t CurrentCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof(cpus), &cpus);
  return cpus;
}

TEST(ThreadTest, RunsItsBodyOnAnotherThread) {
  std::thread::id id;
  {
    Thread thread =
        NewThread("body", [&id] { id = std::this_thread::get_id(); });
  }
  EXPECT_NE(id, std::thread::id());
  EXPECT_NE(id, std::this_thread::get_id());
}

TEST(ThreadTest, HasItsName) {
  std::string name;
  {
    Thread thread = NewThread("io-7", [&name] { name = CurrentName(); });
  }
  EXPECT_EQ(name, "io-7");
}

TEST(ThreadTest, LongNameIsCutToFifteenBytes) {
  std::string name;
  {
    Thread thread =
        NewThread("0123456789abcdefgh", [&name] { name = CurrentName(); });
  }
  EXPECT_EQ(name, "0123456789abcde");
}

TEST(ThreadTest, JoinWaitsForTheEndOfTheBody) {
  bool ended = false;  // not atomic: Join() orders it
  Thread thread = NewThread("ends", [&ended] { ended = true; });
  thread.Join();
  EXPECT_TRUE(ended);
  thread.Join();  // does nothing
}

TEST(ThreadTest, MoveTakesTheThreadAlong) {
  std::binary_semaphore go(0);
  bool ended = false;
  Thread from = NewThread("moved", [&] {
    go.acquire();
    ended = true;
  });
  Thread to(std::move(from));
  from.Join();  // stands for nothing any more: does not wait
  go.release();
  to.Join();
  EXPECT_TRUE(ended);
}

// Hands an object to the thread that it stands for.
struct Handover {
  std::binary_semaphore ready{0};
  std::unique_ptr<Thread> thread;
};

TEST(ThreadTest, IsCurrentOnlyOnItsOwnThread) {
  Handover handover;
  bool on_own = false;
  handover.thread = std::make_unique<Thread>(NewThread("own", [&] {
    handover.ready.acquire();
    on_own = handover.thread->IsCurrent();
  }));
  EXPECT_FALSE(handover.thread->IsCurrent());
  handover.ready.release();
  handover.thread->Join();
  EXPECT_TRUE(on_own);
}

TEST(ThreadTest, MovedFromIsNotCurrentAnywhere) {
  std::binary_semaphore moved(0);
  std::optional<Thread> from;
  bool from_is_current = true;
  from.emplace(NewThread("moved", [&] {
    moved.acquire();
    from_is_current = from->IsCurrent();
  }));
  Thread to(std::move(*from));
  moved.release();
  to.Join();
  EXPECT_FALSE(from_is_current);
}

TEST(ThreadTest, DestroyedFromItsOwnThreadItRunsOn) {
  auto handover = std::make_shared<Handover>();
  auto ended = std::make_shared<std::binary_semaphore>(0);
  handover->thread =
      std::make_unique<Thread>(NewThread("lonely", [handover, ended] {
        handover->ready.acquire();
        handover->thread.reset();
        ended->release();
      }));
  handover->ready.release();
  ended->acquire();
}

TEST(PinCurrentThreadTest, BindsToOneCpuCountedAmongTheAllowed) {
  for (int cpu = 0; cpu < AvailableCpus(); ++cpu) {
    Thread pinned = NewThread("pinned", [cpu] {
      const cpu_set_t allowed = CurrentCpus();
      ASSERT_TRUE(PinCurrentThread(cpu).ok());
      const cpu_set_t now = CurrentCpus();
      EXPECT_EQ(CPU_COUNT(&now), 1);
      int position = -1;  // of the CPU that it has now, among the allowed
      for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &allowed)) ++position;
        if (CPU_ISSET(i, &now)) break;
      }
      EXPECT_EQ(position, cpu);
    });
  }
}

TEST(PinCurrentThreadTest, RefusesACpuThatDoesNotExist) {
  for (int cpu : {-1, AvailableCpus(), 1'000'000}) {
    const absl::Status status = PinCurrentThread(cpu);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(status.message()).find(std::to_string(cpu)),
              std::string::npos)
        << status;
  }
}

TEST(AvailableCpusTest, CountsWhatTheProcessMayUse) {
  const cpu_set_t cpus = CurrentCpus();
  EXPECT_EQ(AvailableCpus(), CPU_COUNT(&cpus));
}

}  // namespace
}  // namespace rondo
