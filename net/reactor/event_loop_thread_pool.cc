#include "net/reactor/event_loop_thread_pool.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/thread.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<EventLoopThreadPool>> EventLoopThreadPool::Start(
    EventLoop* base_loop, EventLoopThreadPoolOptions options) {
  CHECK_GE(options.threads, 0);
  CHECK_LE(options.threads, kMaxThreads);
  std::unique_ptr<EventLoopThreadPool> pool(new EventLoopThreadPool);
  if (options.threads == 0) pool->loops_.push_back(base_loop);
  const int cpus = AvailableCpus();
  for (int i = 0; i < options.threads; ++i) {
    EventLoopThreadOptions one;
    one.name = absl::StrCat(options.name, "-", i);
    if (options.pin_cpus) one.pin_to_cpu = i % cpus;
    one.loop = options.loop;
    auto thread = EventLoopThread::Start(std::move(one));
    if (!thread.ok()) return thread.status();
    pool->loops_.push_back((*thread)->loop());
    pool->threads_.push_back(*std::move(thread));
  }
  return pool;
}

// None is destroyed while another may still be posting to it.
EventLoopThreadPool::~EventLoopThreadPool() { Stop(); }

void EventLoopThreadPool::Stop() {
  for (auto& thread : threads_) thread->loop()->Stop();
  for (auto& thread : threads_) thread->Stop();
}

}  // namespace rondo
