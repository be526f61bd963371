#ifndef RONDO_EXAMPLES_DESIGNS_HOLDS_H_
#define RONDO_EXAMPLES_DESIGNS_HOLDS_H_

#include <atomic>
#include <cstdint>
#include <vector>

namespace rondo::examples {

// Counts how often a worker was given a descriptor that another one still had:
// what shows whether a design hands one connection to several workers.
//
// Threading: Thread-safe.
class Holds {
 public:
  // For as many descriptors as there can be.
  Holds();

  // A worker has the descriptor while this lives.
  class Hold {
   public:
    Hold(Holds& holds, int fd) : holders_(holds.holders_[fd]) {
      if (holders_++ > 0) ++holds.conflicts_;
    }
    ~Hold() { --holders_; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    std::atomic<int>& holders_;
  };

  // Logs how often that was.
  void Log() const;

 private:
  std::vector<std::atomic<int>> holders_;  // by descriptor
  std::atomic<int64_t> conflicts_ = 0;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_HOLDS_H_
