#include "net/reactor/event_loop.h"

#include <glog/logging.h>

#include <algorithm>

#include "net/reactor/channel.h"
#include "net/reactor/channel_table.h"
#include "net/reactor/mailbox.h"
#include "net/reactor/poller.h"
#include "net/reactor/stall_watch.h"
#include "net/reactor/timer_queue.h"
#include "net/reactor/wakeup.h"

namespace rondo {

// What the header need not show.
struct EventLoop::Core {
  // Requires: options.clock is not null.
  Core(std::unique_ptr<Poller> p, const EventLoopOptions& options)
      : poller(std::move(p)),
        channels(*poller),
        stall_watch(options.name, options.stall_limit, *options.clock) {}

  // Appends `chain` to the tasks that wait for step 6.
  void Append(Mailbox::Chain chain) {
    if (chain.first == nullptr) return;
    (tasks.last != nullptr ? tasks.last->next : tasks.first) = chain.first;
    tasks.last = chain.last;
  }

  std::unique_ptr<Poller> poller;
  ChannelTable channels;
  TimerQueue timers;
  Mailbox::Chain tasks;
  std::vector<ReadyEvent> ready;    // of this turn
  std::unique_ptr<Channel> wakeup;  // hears the mailbox
  MonotonicTime turn_end;           // of the last turn, or Run()'s beginning
  Histogram lag;                    // in nanoseconds
  StallWatch stall_watch;
};

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create(
    EventLoopOptions options) {
  auto poller = NewPoller(options.poller);
  if (!poller.ok()) return poller.status();
  auto wakeup = Wakeup::Create();
  if (!wakeup.ok()) return wakeup.status();
  if (options.clock == nullptr) options.clock = &Clock::Real();
  auto core = std::make_unique<Core>(*std::move(poller), options);
  std::unique_ptr<EventLoop> loop(
      new EventLoop(std::move(options), std::move(core),
                    std::make_shared<Mailbox>(*std::move(wakeup))));
  const absl::Status watched = loop->core_->wakeup->Commit();
  if (!watched.ok()) return watched;
  return loop;
}

EventLoop::EventLoop(EventLoopOptions options, std::unique_ptr<Core> core,
                     std::shared_ptr<Mailbox> mailbox)
    : options_(std::move(options)),
      clock_(*options_.clock),
      mailbox_(std::move(mailbox)),
      core_(std::move(core)),
      owner_(std::this_thread::get_id()) {
  CHECK_GE(options_.max_timers_per_turn, 1);
  CHECK_GE(options_.max_tasks_per_turn, 1);
  // Every notification is an edge: where they are heard, nobody need read them.
  core_->wakeup = std::make_unique<Channel>(
      this, mailbox_->wakeup_fd(),
      [mailbox = mailbox_.get(),
       must_clear = !core_->poller->reports_edges()](IoEvents) {
        if (must_clear) mailbox->ClearWakeup();
      });
  core_->wakeup->SetInterest(IoEvents::kReadable | IoEvents::kOncePerEdge);
}

EventLoop::~EventLoop() {
  Stop();
  {
    MutexLock lock(&mu_);
    const bool running = state_ == State::kRunning || state_ == State::kEnding;
    CHECK(!running || !IsInLoopThread())
        << "an EventLoop cannot be destroyed from inside its Run(): Stop() it";
    while (state_ == State::kRunning || state_ == State::kEnding) {
      state_changed_.Wait(&mu_);
    }
  }
  Adopt();
  TakePosted();
  // Destructors may post, arm and defer again, so go round until all is gone.
  while (!locals_.empty() || core_->timers.size() > 0 || !deferred_.empty() ||
         core_->tasks.first != nullptr) {
    std::exchange(locals_, {}).clear();  // connections use everything below
    core_->timers.Clear();
    Settle();
  }
  core_->wakeup.reset();
  Mailbox::DeleteNodes(mailbox_->Close().first);
  Settle();  // those last destructors
}

void EventLoop::Run() {
  {
    MutexLock lock(&mu_);
    CHECK(state_ == State::kCreated) << "an EventLoop runs once";
    state_ = State::kRunning;
    Adopt();
  }
  TakePosted();  // if by this thread, then before what it posts now
  in_run_ = true;
  core_->turn_end = now_ = clock_.Now();
  while (!stopped_) RunTurn();
  End();
}

void EventLoop::RunTurn() {
  // 1. Work out the wait.
  const absl::Duration wait = WorkOutWait();
  // 2. Apply changed interests, then poll.
  Poll(wait);
  // 3. Read the clock.
  now_ = clock_.Now();
  StallWatch& watch = core_->stall_watch;
  watch.TurnBegins(now_);
  // 4. Dispatch ready channels.
  for (const ReadyEvent& event : core_->ready) {
    core_->channels.Dispatch(event);
    watch.Finished(StallWatch::Callback::kChannel);
  }
  core_->ready.clear();
  // 5. Run due timers.
  core_->timers.RunDue(now_, options_.max_timers_per_turn, [&watch] {
    watch.Finished(StallWatch::Callback::kTimer);
  });
  // 6. Run queued tasks.
  RunTasks();
  // 7. Flush what was given output outside its own handler.
  FlushLocals();
  // 8. Destroy what was handed to DeferDelete().
  DestroyDeferred();
  // The turn's second and last reading of the clock is also the next wait's.
  watch.TurnEnds();
  core_->turn_end = clock_.Now();
  core_->lag.Record(core_->turn_end.nanoseconds() - now_.nanoseconds());
}

absl::Duration EventLoop::WorkOutWait() {
  if (core_->tasks.first != nullptr || flush_soon_ || !deferred_.empty()) {
    return absl::ZeroDuration();
  }
  const MonotonicTime next = core_->timers.NextDeadline();
  if (next == MonotonicTime::InfiniteFuture()) return absl::InfiniteDuration();
  // Not now(): the turn since then may have been long.
  return std::max(next - core_->turn_end, absl::ZeroDuration());
}

void EventLoop::Poll(absl::Duration wait) {
  core_->channels.ApplyChanges(core_->ready);
  if (!core_->ready.empty()) wait = absl::ZeroDuration();
  // From here until WakeUp() a post notifies; a post before it cancels the
  // wait.
  const bool may_sleep = wait > absl::ZeroDuration() && mailbox_->TrySleep();
  core_->poller->Wait(may_sleep ? wait : absl::ZeroDuration(), core_->ready);
  if (may_sleep) mailbox_->WakeUp();
}

void EventLoop::TakePosted() { core_->Append(mailbox_->TakeAll()); }

void EventLoop::RunTasks() {
  Mailbox::Chain& tasks = core_->tasks;
  TakePosted();
  const TaskNode* const last = tasks.last;  // what comes later waits a turn
  Mailbox::Chain run;
  size_t count = 0;
  const size_t budget = options_.max_tasks_per_turn;
  while (tasks.first != nullptr && count < budget && !stopped_) {
    TaskNode* const node = tasks.first;
    tasks.first = node->next;
    if (tasks.first == nullptr) tasks.last = nullptr;
    __builtin_prefetch(tasks.first);
    node->task();
    node->task = nullptr;
    core_->stall_watch.Finished(StallWatch::Callback::kTask);
    ++count;
    node->next = run.first;
    run.first = node;
    if (run.last == nullptr) run.last = node;
    if (node == last) break;
  }
  if (count > 0) mailbox_->Recycle(run, count);
}

void EventLoop::FlushLocals() {
  flush_soon_ = false;
  // By index: flushing may create another LoopLocal.
  for (size_t i = 0; i < locals_.size(); ++i) {
    locals_[i].second->FlushTurn();
    core_->stall_watch.Finished(StallWatch::Callback::kFlush);
  }
}

void EventLoop::Defer(Deferred object) {
  DCHECK(IsInLoopThread());
  deferred_.push_back(std::move(object));
}

void EventLoop::DestroyDeferred() {
  if (destroying_) return;  // a destructor came here; the loop below goes on
  destroying_ = true;
  while (!deferred_.empty()) {
    dying_.swap(deferred_);  // destructors may defer more
    for (Deferred& object : dying_) {
      object.reset();
      core_->stall_watch.Finished(StallWatch::Callback::kDestructor);
    }
    dying_.clear();
  }
  destroying_ = false;
}

void EventLoop::Settle() {
  do {
    if (flush_soon_) FlushLocals();
    DestroyTasks();
    DestroyDeferred();
  } while (flush_soon_ || core_->tasks.first != nullptr);
}

void EventLoop::End() {
  {
    MutexLock lock(&mu_);
    state_ = State::kEnding;  // RunAndWait() posts no more
  }
  TakePosted();
  DestroyTasks();
  for (size_t i = 0; i < locals_.size(); ++i) locals_[i].second->OnLoopEnd();
  // What these have posted; what others go on posting waits for the destructor.
  TakePosted();
  Settle();
  in_run_ = false;
  MutexLock lock(&mu_);
  state_ = State::kEnded;
  state_changed_.NotifyAll();
}

void EventLoop::DestroyTasks() {
  while (core_->tasks.first != nullptr) {  // destructors may post
    Mailbox::DeleteNodes(std::exchange(core_->tasks, {}).first);
  }
}

void EventLoop::Stop() {
  if (stop_posted_.exchange(true)) return;
  // What other threads have posted by now comes first.
  if (IsInCallback()) TakePosted();
  QueueInLoop([this] { stopped_ = true; });
}

void EventLoop::RunInLoop(Task task) {
  if (IsInCallback() || IsVisiting()) {
    task();
  } else {
    QueueInLoop(std::move(task));
  }
}

void EventLoop::QueueInLoop(Task task) {
  if (IsInCallback()) {
    TaskNode* const node = mailbox_->NewNode();
    node->task = std::move(task);
    node->next = nullptr;
    core_->Append({node, node});
  } else {
    // Refused only while the loop is being destroyed; so is the task then.
    (void)mailbox_->Post(std::move(task));
  }
}

void EventLoop::RunAndWait(absl::FunctionRef<void()> f) {
  if (IsInCallback() || IsVisiting()) return f();
  struct Outcome {
    Mutex mu;
    CondVar changed;
    bool destroyed ABSL_GUARDED_BY(mu) = false;
    bool ran = false;  // written before `destroyed`
  } outcome;
  // Reports that the task is gone, run or not.
  struct Report {
    void operator()(Outcome* o) const {
      MutexLock lock(&o->mu);
      o->destroyed = true;
      o->changed.NotifyOne();
    }
  };
  {
    MutexLock lock(&mu_);
    while (state_ == State::kEnding) state_changed_.Wait(&mu_);
    if (state_ != State::kRunning) {
      return Visit(f);
    }
    // Under the lock: End() destroys what was posted while running.
    QueueInLoop([f, report = std::unique_ptr<Outcome, Report>(&outcome)] {
      f();
      report->ran = true;
    });
  }
  {
    MutexLock lock(&outcome.mu);
    while (!outcome.destroyed) outcome.changed.Wait(&outcome.mu);
  }
  if (!outcome.ran) RunAndWait(f);  // the loop ended first
}

// Under mu_, so that neither Run() nor another visitor begins meanwhile.
void EventLoop::Visit(absl::FunctionRef<void()> f) {
  visitor_.store(std::this_thread::get_id());
  const std::thread::id owner = owner_.exchange(std::this_thread::get_id());
  f();
  do {  // what a turn would do, but for the tasks, which wait for Run()
    if (flush_soon_) FlushLocals();
    DestroyDeferred();
  } while (flush_soon_);
  owner_.store(owner);
  visitor_.store({});
}

TimerId EventLoop::RunAt(MonotonicTime when, Task task) {
  DCHECK(IsInLoopThread());
  return core_->timers.Add(std::max(when, now()), absl::ZeroDuration(),
                           std::move(task));
}

TimerId EventLoop::RunAfter(absl::Duration delay, Task task) {
  DCHECK(IsInLoopThread());
  const MonotonicTime start = now();
  return core_->timers.Add(std::max(start + delay, start), absl::ZeroDuration(),
                           std::move(task));
}

TimerId EventLoop::RunEvery(absl::Duration interval, Task task) {
  DCHECK(IsInLoopThread());
  CHECK_GE(interval, absl::Nanoseconds(1));
  return core_->timers.Add(now() + interval, interval, std::move(task));
}

bool EventLoop::Cancel(TimerId id) {
  DCHECK(IsInLoopThread());
  return core_->timers.Cancel(id);
}

std::string_view EventLoop::poller_name() const {
  return core_->poller->name();
}

Histogram::Snapshot EventLoop::lag() const { return core_->lag.TakeSnapshot(); }

uint64_t EventLoop::stalls() const { return core_->stall_watch.stalls(); }

ChannelTable& EventLoop::channels() { return core_->channels; }

}  // namespace rondo
