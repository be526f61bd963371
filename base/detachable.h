#ifndef RONDO_BASE_DETACHABLE_H_
#define RONDO_BASE_DETACHABLE_H_

#include <utility>

namespace rondo {

// A member that its owner's destructor takes out, because dropping it may free
// the owner's own memory: what it leads to may be what holds the owner. An
// ordinary member would still be destroyed after that.
//
// Example:
//   ~Lease() { Drop(member_.Detach()); }  // and touches nothing of this after
template <typename T>
class Detachable {
 public:
  explicit Detachable(T value) : value_(std::move(value)) {}
  Detachable(const Detachable&) = delete;
  Detachable& operator=(const Detachable&) = delete;
  ~Detachable() {}  // Detach() has ended the value

  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

  // Moves the value out and ends it here. To be called once, at the end.
  [[nodiscard]] T Detach() {
    T value = std::move(value_);
    value_.~T();
    return value;
  }

 private:
  union {
    T value_;
  };
};

}  // namespace rondo

#endif  // RONDO_BASE_DETACHABLE_H_
