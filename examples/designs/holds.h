#ifndef RONDO_EXAMPLES_DESIGNS_HOLDS_H_
#define RONDO_EXAMPLES_DESIGNS_HOLDS_H_

#include <cstdint>
#include <vector>

#include "base/mutex.h"

namespace rondo::examples {

// Counts how often a worker was given a descriptor that another one still had:
// what shows whether a design hands one connection to several workers.
//
// Threading: Thread-safe.
class Holds {
 public:
  // A worker has the descriptor while this lives.
  class Hold {
   public:
    Hold(Holds& holds, int fd) : holds_(holds), fd_(fd) { holds_.Take(fd_); }
    ~Hold() { holds_.Drop(fd_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Holds& holds_;
    const int fd_;
  };

  // How often that was.
  int64_t conflicts();
  void Log();

 private:
  void Take(int fd);
  void Drop(int fd);

  Mutex mu_;
  // By descriptor, as far as they have come: where the limit is 2^30, there is
  // no memory for all.
  std::vector<int> holders_ ABSL_GUARDED_BY(mu_);
  int64_t conflicts_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_HOLDS_H_
