#ifndef RONDO_NET_REACTOR_EVENT_LOOP_H_
#define RONDO_NET_REACTOR_EVENT_LOOP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/mutex.h"
#include "net/reactor/event_loop_options.h"
#include "net/reactor/loop_local.h"
#include "net/reactor/timer_id.h"

namespace rondo {

class Channel;
class ChannelTable;
class Mailbox;

// One thread's loop over descriptors, timers and tasks: a reactor.
//
//   created ──Run()──► turn ► turn ► turn ► … ──Stop()──► ended, for good
//
// The steps of a turn are in README.md beside this file, and in RunTurn().
//
// Threading: belongs to the thread that made it until Run() makes it belong to
// its caller. Methods are for that thread, except those marked Thread-safe.
// Ownership and lifetime: owns its poller, timers, tasks and LoopLocals. Must
// outlive the channels, connections and servers on it; may be destroyed by any
// thread but from inside its own Run(), and then waits for Run() to return.
// Errors: Create() reports what the system refuses. Callbacks must not throw.
//
// Example:
//   auto loop = EventLoop::Create();
//   if (!loop.ok()) return Fail(loop.status());
//   (*loop)->RunAfter(absl::Seconds(1), [&] { (*loop)->Stop(); });
//   (*loop)->Run();
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  static absl::StatusOr<std::unique_ptr<EventLoop>> Create(
      EventLoopOptions options = {});
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Runs turns until stopped. Requires: not called before.
  void Run();

  // Makes Run() return once the tasks posted before this call have run. Tasks
  // posted after it are destroyed by the loop's thread, unrun. Thread-safe.
  void Stop();

  // Runs `task` now if this is one of the loop's callbacks, else queues it.
  // Thread-safe.
  void RunInLoop(Task task);

  // Queues `task` for a later step of the loop, after those that this thread
  // queued before. Thread-safe.
  void QueueInLoop(Task task);

  // Runs `f` on the loop and returns when it has run; does so here, as a
  // visitor to whom the loop belongs meanwhile, if no thread is in Run(). Two
  // loops that do this to each other wait for ever. Thread-safe.
  void RunAndWait(absl::FunctionRef<void()> f);

  // Timers. A deadline that has passed means the next turn. RunEvery() first
  // runs one interval from now and keeps its rhythm when turns are late.
  // Requires: interval is at least a nanosecond.
  TimerId RunAt(MonotonicTime when, Task task);
  TimerId RunAfter(absl::Duration delay, Task task);
  TimerId RunEvery(absl::Duration interval, Task task);

  // True if the timer was armed, see TimerQueue::Cancel().
  bool Cancel(TimerId id);

  // Destroys `object` in the last step of this turn, when nothing on the stack
  // can still be using it.
  template <typename T>
  void DeferDelete(std::unique_ptr<T> object) {
    Defer({object.release(), [](void* p) { delete static_cast<T*>(p); }});
  }

  // The time at which this turn's events were collected; before Run(), the
  // clock's.
  MonotonicTime now() const {
    return in_run_.load(std::memory_order_relaxed) ? now_ : clock_.Now();
  }

  // The clock's, for who measures what happens within a turn.
  MonotonicTime ReadClock() const { return clock_.Now(); }

  // Whether the caller's thread is the one that the loop belongs to, and
  // whether it is inside Run() besides, that is, in a callback. Thread-safe.
  bool IsInLoopThread() const {
    return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  bool IsInCallback() const {
    // In this order: Run() sets in_run_ once the loop is its thread's.
    return in_run_.load(std::memory_order_acquire) && IsInLoopThread();
  }

  // The loop's one T, made at the first call as T(EventLoop*).
  template <typename T>
  T& Local() {
    static constexpr char kKey = 0;  // its address stands for T
    for (auto& [key, local] : locals_) {
      if (key == &kKey) return static_cast<T&>(*local);
    }
    auto made = std::make_unique<T>(this);
    T& result = *made;
    locals_.emplace_back(&kKey, std::move(made));
    return result;
  }

  // Has the LoopLocals flushed in this turn or, if that step is past, without
  // a wait in the next.
  void FlushSoon() { flush_soon_ = true; }

  // For what outlives the loop; never null. Thread-safe.
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // "epoll", "poll" or "select". Thread-safe.
  std::string_view poller_name() const;

  // How long each turn kept others waiting, in nanoseconds: from the moment
  // when its events were collected, now(), to its end. Thread-safe.
  Histogram::Snapshot lag() const;

  // How many callbacks have held the loop for longer than
  // EventLoopOptions::stall_limit. Thread-safe.
  uint64_t stalls() const;

  ChannelTable& channels();

 private:
  enum class State { kCreated, kRunning, kEnding, kEnded };
  using Deferred = std::unique_ptr<void, void (*)(void*)>;
  struct Core;

  EventLoop(EventLoopOptions options, std::unique_ptr<Core> core,
            std::shared_ptr<Mailbox> mailbox);

  void RunTurn();
  absl::Duration WorkOutWait();
  void Poll(absl::Duration wait);
  // Moves what the mailbox holds behind the tasks that wait already.
  void TakePosted();
  void RunTasks();
  void FlushLocals();
  void Defer(Deferred object);
  void DestroyDeferred();
  void End();
  void DestroyTasks();
  // Flushes and destroys until nothing is left that asks for it.
  void Settle();
  void Visit(absl::FunctionRef<void()> f);
  bool IsVisiting() const {
    return visitor_.load(std::memory_order_relaxed) ==
           std::this_thread::get_id();
  }
  void Adopt() { owner_.store(std::this_thread::get_id()); }

  // Immutable after construction.
  const EventLoopOptions options_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox> mailbox_;

  // Loop thread only.
  MonotonicTime now_;
  bool stopped_ = false;
  bool flush_soon_ = false;
  std::unique_ptr<Core> core_;
  std::vector<std::pair<const void*, std::unique_ptr<LoopLocal>>> locals_;
  std::vector<Deferred> deferred_;
  std::vector<Deferred> dying_;  // DestroyDeferred()'s
  bool destroying_ = false;      // DestroyDeferred() is under way

  // Who is in Run(), for those who must not be there at the same time.
  Mutex mu_;
  CondVar state_changed_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kCreated;

  std::atomic<std::thread::id> owner_;
  std::atomic<std::thread::id> visitor_;  // who is in Visit()
  std::atomic<bool> in_run_{false};       // written by the owner
  std::atomic<bool> stop_posted_{false};
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_EVENT_LOOP_H_
