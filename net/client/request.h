#ifndef RONDO_NET_CLIENT_REQUEST_H_
#define RONDO_NET_CLIENT_REQUEST_H_

#include <memory>
#include <utility>

namespace rondo {

// A question that will be answered later: a name to look up, a connection to
// open, a place in a pool. Destroying it withdraws the question; then, as soon
// as the destructor begins, its callback will not be called any more. It is
// done, and withdrawing does nothing, once the callback has begun.
//
// Threading: the loop's thread only.
// Ownership: a move-only value. Whom it asks may be destroyed before it.
class [[nodiscard]] Request {
 public:
  // What an answerer keeps for a question, and drops to withdraw it.
  class State {
   public:
    virtual ~State() = default;
    // Forgets the callback. May destroy the state, and so comes last.
    virtual void Withdraw() = 0;
  };

  // Nothing is asked.
  Request() = default;
  explicit Request(std::weak_ptr<State> state) : state_(std::move(state)) {}
  Request(Request&& other) noexcept : state_(std::move(other.state_)) {}
  Request& operator=(Request&& other) noexcept {
    if (this != &other) {
      Withdraw();
      state_ = std::move(other.state_);
    }
    return *this;
  }
  ~Request() { Withdraw(); }

  void Withdraw() {
    const auto state = std::exchange(state_, {}).lock();
    if (state != nullptr) state->Withdraw();
  }

 private:
  std::weak_ptr<State> state_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_REQUEST_H_
