#ifndef RONDO_NET_CLIENT_REQUEST_H_
#define RONDO_NET_CLIENT_REQUEST_H_

#include <memory>
#include <utility>

#include "base/detachable.h"

namespace rondo {

// A question that will be answered later: a name to look up, a connection to
// open, a place in a pool. Destroying it withdraws the question; then, as soon
// as the destructor begins, its callback will not be called any more. It is
// done, and withdrawing does nothing, once the callback has begun.
//
// Threading: the loop's thread only.
// Ownership: a move-only value. Whom it asks may be destroyed before it, and
// its callback may own who holds it.
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
  Request() : state_({}) {}
  explicit Request(std::weak_ptr<State> state) : state_(std::move(state)) {}
  Request(Request&& other) noexcept : state_(std::move(*other.state_)) {}
  Request& operator=(Request&& other) noexcept {
    if (this == &other) return *this;
    const Request before(std::exchange(*state_, std::move(*other.state_)));
    return *this;  // the callback of the one before may own this
  }
  ~Request() { Withdraw(state_.Detach()); }

  void Withdraw() { Withdraw(std::exchange(*state_, {})); }

 private:
  static void Withdraw(const std::weak_ptr<State>& question) {
    const auto state = question.lock();
    if (state != nullptr) state->Withdraw();
  }

  Detachable<std::weak_ptr<State>> state_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_REQUEST_H_
