#ifndef RONDO_BASE_THREAD_POOL_H_
#define RONDO_BASE_THREAD_POOL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace rondo {

struct ThreadPoolOptions {
  std::string name = "worker";      // threads are called name-0, name-1, …
  int threads = 1;                  // at least 1
  size_t max_queued_tasks = 1'024;  // waiting, not running; at least 1
};

// A fixed number of threads that run submitted work in order of submission.
//
// The queue is bounded and Submit never waits: an event loop that offloads work
// learns at once that the pool is behind, and can answer "busy" instead of
// growing a queue until memory ends.
//
// Threading: all methods are Thread-safe.
// Ownership and lifetime: owns its threads. The destructor is
// Stop(StopMode::kDrain). A task may destroy the pool it runs on.
// Errors: a task must not throw.
//
// Example:
//   auto pool = ThreadPool::Create({.threads = 4});
//   if (!pool.ok()) return Fail(pool.status());
//   if ((*pool)->Submit([] { Crunch(); }) !=
//       ThreadPool::SubmitResult::kAccepted) {
//     AnswerBusy();
//   }
class ThreadPool {
 public:
  using Task = absl::AnyInvocable<void()>;
  enum class SubmitResult { kAccepted, kQueueFull, kStopped };
  enum class StopMode {
    kDrain,   // what is queued still runs
    kCancel,  // what is queued is destroyed without running
  };

  // Starts the threads, or says why one cannot be started.
  static absl::StatusOr<std::unique_ptr<ThreadPool>> Create(
      ThreadPoolOptions options);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  // Queues `task` and returns; takes it only if the answer is kAccepted.
  [[nodiscard]] SubmitResult Submit(Task&& task);

  // Refuses further work and returns when the threads have ended; a thread of
  // the pool that calls it is not waited for. A later call waits as well, and
  // kCancel after kDrain cancels what is left.
  void Stop(StopMode mode);

  // How many tasks wait for a thread now.
  size_t queue_length() const;
  size_t max_queued_tasks() const;
  int threads() const;

 private:
  struct State;

  explicit ThreadPool(std::shared_ptr<State> state)
      : state_(std::move(state)) {}

  // Shared with the threads: the one that destroys the pool outlives it.
  const std::shared_ptr<State> state_;
};

}  // namespace rondo

#endif  // RONDO_BASE_THREAD_POOL_H_
