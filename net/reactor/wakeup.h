#ifndef RONDO_NET_REACTOR_WAKEUP_H_
#define RONDO_NET_REACTOR_WAKEUP_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace rondo {

// A descriptor that becomes readable when somebody calls Notify(): it ends a
// poller's wait from another thread.
//
// Threading: the loop's thread, but for Notify().
// Reference: eventfd(2).
class Wakeup {
 public:
  // Fails when the process is out of descriptors.
  static absl::StatusOr<Wakeup> Create();

  int fd() const { return fd_.get(); }

  // Thread-safe.
  void Notify();

  // Makes it unreadable again; how often it was notified since the last time.
  uint64_t Clear();

  // Returns when it is readable.
  void Wait();

  void Close() { fd_.Reset(); }

 private:
  explicit Wakeup(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_WAKEUP_H_
