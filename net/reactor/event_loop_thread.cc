#include "net/reactor/event_loop_thread.h"

#include <optional>
#include <utility>

#include "base/mutex.h"

namespace rondo {

// What the thread and the object tell each other. Shared, because either may
// end first.
struct EventLoopThread::Shared {
  void Report(absl::StatusOr<EventLoop*> result) {
    MutexLock lock(&mu);
    started = std::move(result);
    changed.NotifyAll();
  }

  absl::StatusOr<EventLoop*> WaitForStart() {
    MutexLock lock(&mu);
    while (!started.has_value()) changed.Wait(&mu);
    return *started;
  }

  void ReportEnd() {
    MutexLock lock(&mu);
    ended = true;
    changed.NotifyAll();
  }

  void WaitForEnd() {
    MutexLock lock(&mu);
    while (!ended) changed.Wait(&mu);
  }

  void Release() {
    MutexLock lock(&mu);
    released = true;
    changed.NotifyAll();
  }

  void WaitForRelease() {
    MutexLock lock(&mu);
    while (!released) changed.Wait(&mu);
  }

  // The thread's body.
  void Main(const EventLoopThreadOptions& options) {
    if (options.pin_to_cpu != EventLoopThreadOptions::kNotPinned) {
      const absl::Status pinned = PinCurrentThread(options.pin_to_cpu);
      if (!pinned.ok()) return Report(pinned);
    }
    EventLoopOptions loop_options = options.loop;
    loop_options.name = options.name;
    auto loop = EventLoop::Create(std::move(loop_options));
    if (!loop.ok()) return Report(loop.status());
    Report(loop->get());
    (*loop)->Run();
    ReportEnd();
    WaitForRelease();
  }

  Mutex mu;
  CondVar changed;
  std::optional<absl::StatusOr<EventLoop*>> started ABSL_GUARDED_BY(mu);
  bool ended ABSL_GUARDED_BY(mu) = false;     // Run() has returned
  bool released ABSL_GUARDED_BY(mu) = false;  // the object is being destroyed
};

absl::StatusOr<std::unique_ptr<EventLoopThread>> EventLoopThread::Start(
    EventLoopThreadOptions options) {
  auto shared = std::make_shared<Shared>();
  auto thread =
      Thread::Start(options.name, [shared, options] { shared->Main(options); });
  if (!thread.ok()) return thread.status();
  auto loop = shared->WaitForStart();
  if (!loop.ok()) return loop.status();  // joins the thread, which has given up
  return std::unique_ptr<EventLoopThread>(
      new EventLoopThread(*loop, std::move(shared), *std::move(thread)));
}

EventLoopThread::EventLoopThread(EventLoop* loop,
                                 std::shared_ptr<Shared> shared, Thread thread)
    : loop_(loop), shared_(std::move(shared)), thread_(std::move(thread)) {}

void EventLoopThread::Stop() {
  loop_->Stop();
  if (!thread_.IsCurrent()) shared_->WaitForEnd();
}

EventLoopThread::~EventLoopThread() {
  loop_->Stop();
  shared_->Release();
}

}  // namespace rondo
