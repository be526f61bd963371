#ifndef RONDO_EXAMPLES_DESIGNS_CONNECTION_SET_H_
#define RONDO_EXAMPLES_DESIGNS_CONNECTION_SET_H_

#include <memory>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"

namespace rondo::examples {

// Owns what the threads of a pool serve: a Connection, or something around one.
//
// Threading: Thread-safe.
template <typename T>
class ConnectionSet {
 public:
  T* Add(std::shared_ptr<T> connection) {
    MutexLock lock(&mu_);
    T* const result = connection.get();
    connections_.emplace(result, std::move(connection));
    return result;
  }

  // That which Add() returned as `key`; null if it was removed.
  std::shared_ptr<T> Find(const void* key) {
    MutexLock lock(&mu_);
    const auto found = connections_.find(key);
    return found == connections_.end() ? nullptr : found->second;
  }

  // Destroys it, and so closes it, unless others share it.
  void Remove(const T* connection) {
    MutexLock lock(&mu_);
    connections_.erase(connection);
  }

  // Ends those that threads wait for.
  void ShutdownAll() {
    MutexLock lock(&mu_);
    for (auto& [key, connection] : connections_) connection->Shutdown();
  }

 private:
  Mutex mu_;
  std::unordered_map<const void*, std::shared_ptr<T>> connections_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_CONNECTION_SET_H_
