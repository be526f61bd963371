#ifndef RONDO_BASE_THREAD_H_
#define RONDO_BASE_THREAD_H_

#include <string>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rondo {

// A thread with a name that top, gdb and perf show.
//
// Threading: one thread at a time uses the object.
// Ownership and lifetime: the destructor joins. Destroyed by the very thread it
// stands for, it lets that thread run on and finish by itself; what `body` uses
// must then belong to `body`.
class Thread {
 public:
  // Runs `body` on a new thread, or says why the system refuses one. Linux
  // keeps the first 15 bytes of the name.
  static absl::StatusOr<Thread> Start(std::string name,
                                      absl::AnyInvocable<void()> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = delete;
  ~Thread();

  // Waits for the end of `body`; a second call does nothing. Called by the
  // thread itself it only lets go, see above.
  void Join();

  // True on the thread that this object stands for.
  bool IsCurrent() const {
    return thread_.get_id() == std::this_thread::get_id();
  }

 private:
  explicit Thread(std::thread thread) : thread_(std::move(thread)) {}

  std::thread thread_;
};

// Binds the calling thread to one CPU, counted from 0 among those that the
// process may use (so that containers with few CPUs work too).
absl::Status PinCurrentThread(int cpu);

// How many CPUs this process may use. At least 1.
int AvailableCpus();

}  // namespace rondo

#endif  // RONDO_BASE_THREAD_H_
