#ifndef RONDO_EXAMPLES_DESIGNS_HOLDS_H_
#define RONDO_EXAMPLES_DESIGNS_HOLDS_H_

#include <atomic>
#include <cstdint>

namespace rondo::examples {

// Counts how often a worker was given a connection that another one still had:
// what shows whether a design hands one connection to several workers. It takes
// no lock, for that would make the workers wait for each other.
//
// Threading: Thread-safe.
class Holds {
 public:
  // A worker has the connection while this lives. `holders` is the
  // connection's: how many have it.
  class Hold {
   public:
    // What a worker has done with it comes before what the next one does: to
    // acquire here pairs with the release below.
    Hold(Holds& holds, std::atomic<int>& holders) : holders_(holders) {
      if (holders_.fetch_add(1, std::memory_order_acquire) > 0) {
        holds.conflicts_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    ~Hold() { holders_.fetch_sub(1, std::memory_order_release); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    std::atomic<int>& holders_;
  };

  // How often that was.
  int64_t conflicts() const {
    return conflicts_.load(std::memory_order_relaxed);
  }
  void Log() const;

 private:
  std::atomic<int64_t> conflicts_ = 0;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_HOLDS_H_
