#include "base/thread_pool.h"

#include <glog/logging.h>

#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace rondo {

struct ThreadPool::State {
  explicit State(ThreadPoolOptions o) : options(std::move(o)) {}

  // The body of every thread: runs tasks until stopped and out of work.
  void Work() {
    worker_of = this;
    while (true) {
      Task task;
      {
        MutexLock lock(&mu);
        while (queue.empty() && !stopping) wake.Wait(&mu);
        if (queue.empty()) return;
        task = std::move(queue.front());
        queue.pop_front();
      }
      task();
    }
  }

  // The pool whose thread this is, if any.
  static thread_local const State* worker_of;

  const ThreadPoolOptions options;

  Mutex mu;
  CondVar wake;
  bool stopping ABSL_GUARDED_BY(mu) = false;
  std::deque<Task> queue ABSL_GUARDED_BY(mu);
  // Held while threads are joined, so that a second Stop() waits for the first.
  Mutex join_mu ABSL_ACQUIRED_BEFORE(mu);
  std::vector<Thread> threads ABSL_GUARDED_BY(join_mu);
};

thread_local const ThreadPool::State* ThreadPool::State::worker_of = nullptr;

absl::StatusOr<std::unique_ptr<ThreadPool>> ThreadPool::Create(
    ThreadPoolOptions options) {
  CHECK_GE(options.threads, 1);
  CHECK_GE(options.max_queued_tasks, 1u);
  auto state = std::make_shared<State>(std::move(options));
  std::unique_ptr<ThreadPool> pool(new ThreadPool(state));  // stops on failure
  for (int i = 0; i < state->options.threads; ++i) {
    auto thread = Thread::Start(absl::StrCat(state->options.name, "-", i),
                                [state] { state->Work(); });
    if (!thread.ok()) return thread.status();
    MutexLock lock(&state->join_mu);
    state->threads.push_back(*std::move(thread));
  }
  return pool;
}

ThreadPool::~ThreadPool() { Stop(StopMode::kDrain); }

ThreadPool::SubmitResult ThreadPool::Submit(Task&& task) {
  MutexLock lock(&state_->mu);
  if (state_->stopping) return SubmitResult::kStopped;
  if (state_->queue.size() >= state_->options.max_queued_tasks) {
    return SubmitResult::kQueueFull;
  }
  state_->queue.push_back(std::move(task));
  state_->wake.NotifyOne();
  return SubmitResult::kAccepted;
}

void ThreadPool::Stop(StopMode mode) {
  std::deque<Task> cancelled;  // destroyed without the lock: it is user code
  {
    MutexLock lock(&state_->mu);
    state_->stopping = true;
    if (mode == StopMode::kCancel) cancelled.swap(state_->queue);
    state_->wake.NotifyAll();
  }
  cancelled.clear();
  // A worker cannot wait for itself. If it is destroying the pool, the last
  // thread to end destroys the state, and with it joins the others.
  if (State::worker_of == state_.get()) return;
  MutexLock lock(&state_->join_mu);
  for (Thread& thread : state_->threads) thread.Join();
}

size_t ThreadPool::queue_length() const {
  MutexLock lock(&state_->mu);
  return state_->queue.size();
}

size_t ThreadPool::max_queued_tasks() const {
  return state_->options.max_queued_tasks;
}

int ThreadPool::threads() const { return state_->options.threads; }

}  // namespace rondo
