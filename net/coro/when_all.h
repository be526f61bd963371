#ifndef RONDO_NET_CORO_WHEN_ALL_H_
#define RONDO_NET_CORO_WHEN_ALL_H_

#include <deque>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "net/coro/child_task.h"
#include "net/coro/task.h"

namespace rondo {

// A T, or something in its place for void.
template <typename T>
using NonVoid = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// The result of a child that has ended, or what it threw.
template <typename T>
NonVoid<T> TakeNonVoid(ChildTask<T>& child) {
  if constexpr (std::is_void_v<T>) {
    child.TakeResult();
    return {};
  } else {
    return child.TakeResult();
  }
}

// Runs all at the same time and gives their results, in their order. If one
// throws, the others are asked to stop, and when they have ended it is thrown
// on; what others throw then is lost.
//
// Example:
//   auto [page, ads] = co_await WhenAll(Fetch(a), Fetch(b));
template <typename... Ts>
Task<std::tuple<NonVoid<Ts>...>> WhenAll(Task<Ts>... tasks) {
  std::tuple<ChildTask<Ts>...> children(std::move(tasks)...);
  ChildrenAwaiter awaiter(ChildrenAwaiter::Until::kAllHaveEnded);
  std::apply([&awaiter](auto&... child) { (awaiter.Add(child), ...); },
             children);
  co_await awaiter;
  if (awaiter.decisive() != nullptr) awaiter.decisive()->Rethrow();
  co_return std::apply(
      [](auto&... child) {
        // Braces: in their order.
        return std::tuple<NonVoid<Ts>...>{TakeNonVoid(child)...};
      },
      children);
}

// The same for any number; monostates for void.
template <typename T>
Task<std::vector<NonVoid<T>>> WhenAll(std::vector<Task<T>> tasks) {
  std::deque<ChildTask<T>> children;  // which stay where they are
  ChildrenAwaiter awaiter(ChildrenAwaiter::Until::kAllHaveEnded);
  for (Task<T>& task : tasks) {
    awaiter.Add(children.emplace_back(std::move(task)));
  }
  co_await awaiter;
  if (awaiter.decisive() != nullptr) awaiter.decisive()->Rethrow();
  std::vector<NonVoid<T>> results;
  results.reserve(children.size());
  for (ChildTask<T>& child : children) results.push_back(TakeNonVoid(child));
  co_return results;
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_WHEN_ALL_H_
