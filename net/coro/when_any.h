#ifndef RONDO_NET_CORO_WHEN_ANY_H_
#define RONDO_NET_CORO_WHEN_ANY_H_

#include <glog/logging.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "net/coro/child_task.h"
#include "net/coro/task.h"
#include "net/coro/when_all.h"

namespace rondo {

// Runs all at the same time until the first ends; then the others are asked to
// stop and waited for, their results dropped. Gives the first's result, under
// its place among them, or throws what it has thrown.
//
// Example:
//   auto first = co_await WhenAny(Fetch(a), Fetch(b));
//   if (first.index() == 0) Use(std::get<0>(first));
template <typename... Ts>
Task<std::variant<NonVoid<Ts>...>> WhenAny(Task<Ts>... tasks) {
  using Result = std::variant<NonVoid<Ts>...>;
  std::tuple<ChildTask<Ts>...> children(std::move(tasks)...);
  ChildrenAwaiter awaiter(ChildrenAwaiter::Until::kOneHasEnded);
  std::apply([&awaiter](auto&... child) { (awaiter.Add(child), ...); },
             children);
  co_await awaiter;
  std::optional<Result> result;
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    (void)((awaiter.decisive() == &std::get<kIndex>(children) &&
            (result.emplace(std::in_place_index<kIndex>,
                            TakeNonVoid(std::get<kIndex>(children))),
             true)) ||
           ...);
  }
  (std::index_sequence_for<Ts...>());
  co_return *std::move(result);
}

// The same for any number, at least one; monostate for void.
template <typename T>
Task<std::pair<size_t, NonVoid<T>>> WhenAny(std::vector<Task<T>> tasks) {
  CHECK(!tasks.empty()) << "WhenAny() of nothing would never end";
  std::deque<ChildTask<T>> children;  // which stay where they are
  ChildrenAwaiter awaiter(ChildrenAwaiter::Until::kOneHasEnded);
  for (Task<T>& task : tasks) {
    awaiter.Add(children.emplace_back(std::move(task)));
  }
  co_await awaiter;
  size_t index = 0;
  while (&children[index] != awaiter.decisive()) ++index;
  co_return std::pair<size_t, NonVoid<T>>(index, TakeNonVoid(children[index]));
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_WHEN_ANY_H_
