#ifndef RONDO_EXAMPLES_DESIGNS_GENERATOR_H_
#define RONDO_EXAMPLES_DESIGNS_GENERATOR_H_

#include <coroutine>
#include <exception>
#include <utility>
#include <variant>

namespace rondo::examples {

// A coroutine that runs from one co_yield to the next each time that it is
// resumed: Python's generator, as far as a loop needs it.
//
// Ownership and lifetime: owns the coroutine, and destroys it where it stands.
// Errors: it must not throw.
//
// Example:
//   Generator<int> Count(int end) {
//     for (int i = 0; i < end; ++i) co_yield i;
//   }
//   auto count = Count(3);
//   while (count.Resume()) Use(count.yielded());
template <typename Yielded = std::monostate>  // which is nothing: co_yield {};
class Generator {
 public:
  struct promise_type {
    Generator get_return_object() {
      return Generator(Handle::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(Yielded value) noexcept {
      yielded = std::move(value);
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }

    Yielded yielded = {};
  };

  Generator(Generator&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Generator() {
    if (handle_) handle_.destroy();
  }

  // Runs until it yields, or returns false when it has ended instead. It
  // may move this object meanwhile. Requires: it has not ended.
  bool Resume() {
    const Handle handle = handle_;
    handle.resume();
    return !handle.done();
  }

  // What it yielded last.
  const Yielded& yielded() const { return handle_.promise().yielded; }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Generator(Handle handle) : handle_(handle) {}

  Handle handle_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_GENERATOR_H_
