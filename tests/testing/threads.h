#ifndef RONDO_TESTS_TESTING_THREADS_H_
#define RONDO_TESTS_TESTING_THREADS_H_

#include <glog/logging.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/thread.h"
#include "base/thread_pool.h"

namespace rondo {

// A thread, or a CHECK. Joined by its destructor.
inline Thread NewThread(std::string name, absl::AnyInvocable<void()> body) {
  auto thread = Thread::Start(std::move(name), std::move(body));
  CHECK(thread.ok()) << thread.status();
  return *std::move(thread);
}

// A pool, or a CHECK.
inline std::unique_ptr<ThreadPool> NewPool(ThreadPoolOptions options) {
  auto pool = ThreadPool::Create(std::move(options));
  CHECK(pool.ok()) << pool.status();
  return *std::move(pool);
}

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_THREADS_H_
