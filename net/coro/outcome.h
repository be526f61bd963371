#ifndef RONDO_NET_CORO_OUTCOME_H_
#define RONDO_NET_CORO_OUTCOME_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rondo {

// What an await gives that has a T to give, or a Status why there is none:
// StatusOr<T>, but Status for void, and what is one of these already as it is.
template <typename T>
struct OutcomeOf {
  using type = absl::StatusOr<T>;
};
template <>
struct OutcomeOf<void> {
  using type = absl::Status;
};
template <>
struct OutcomeOf<absl::Status> {
  using type = absl::Status;
};
template <typename T>
struct OutcomeOf<absl::StatusOr<T>> {
  using type = absl::StatusOr<T>;
};
template <typename T>
using Outcome = typename OutcomeOf<T>::type;

// The Status in one.
inline const absl::Status& StatusOf(const absl::Status& outcome) {
  return outcome;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& outcome) {
  return outcome.status();
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_OUTCOME_H_
