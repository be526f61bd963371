#ifndef RONDO_EXAMPLES_DESIGNS_STOP_SIGNAL_H_
#define RONDO_EXAMPLES_DESIGNS_STOP_SIGNAL_H_

#include "base/unique_fd.h"

namespace rondo::examples {

// SIGINT and SIGTERM as a descriptor, so that they interrupt no call.
//
// Threading: made before any other thread, which then inherits that they are
// blocked. Reference: signalfd(2).
class StopSignal {
 public:
  StopSignal();

  int fd() const { return fd_.get(); }  // readable when one has come
  void Await() const;

 private:
  UniqueFd fd_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_STOP_SIGNAL_H_
