#ifndef RONDO_NET_REACTOR_WAKEUP_H_
#define RONDO_NET_REACTOR_WAKEUP_H_

#include <utility>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace rondo {

// A descriptor that becomes readable when somebody calls Notify(): it ends a
// poller's wait from another thread.
//
// Threading: Notify() is Thread-safe.
// Reference: eventfd(2).
class Wakeup {
 public:
  // Fails when the process is out of descriptors.
  static absl::StatusOr<Wakeup> Create();

  int fd() const { return fd_.get(); }
  void Notify();
  void Clear();

 private:
  explicit Wakeup(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_WAKEUP_H_
