#include "base/thread.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr size_t kMaxNameBytes = 15;  // pthread_setname_np(3), without the NUL

cpu_set_t AllowedCpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    CPU_SET(0, &allowed);
  return allowed;
}

}  // namespace

absl::StatusOr<Thread> Thread::Start(std::string name,
                                     absl::AnyInvocable<void()> body) {
  try {
    return Thread(std::thread([name = name.substr(0, kMaxNameBytes),
                               body = std::move(body)]() mutable {
      pthread_setname_np(pthread_self(), name.c_str());
      body();
    }));
  } catch (const std::system_error& error) {  // std::thread has no other way
    return absl::ErrnoToStatus(
        error.code().value(),
        absl::StrCat("cannot start thread ", name,
                     " (ask for fewer threads, or raise the limits)"));
  }
}

Thread::~Thread() { Join(); }

void Thread::Join() {
  if (!thread_.joinable()) return;
  if (IsCurrent()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

absl::Status PinCurrentThread(int cpu) {
  const cpu_set_t allowed = AllowedCpus();
  int skip = cpu;
  for (int candidate = 0; cpu >= 0 && candidate < CPU_SETSIZE; ++candidate) {
    if (!CPU_ISSET(candidate, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(candidate, &one);
    if (sched_setaffinity(0, sizeof(one), &one) == 0) return absl::OkStatus();
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot pin to CPU ", candidate));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no CPU ", cpu, ": this process may use ", CPU_COUNT(&allowed)));
}

int AvailableCpus() {
  const cpu_set_t allowed = AllowedCpus();
  return std::max(1, CPU_COUNT(&allowed));
}

}  // namespace rondo
