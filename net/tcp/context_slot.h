#ifndef RONDO_NET_TCP_CONTEXT_SLOT_H_
#define RONDO_NET_TCP_CONTEXT_SLOT_H_

#include <memory>
#include <utility>

namespace rondo {

// Room for one object of a type that only its user knows.
//
// Ownership: owns the object.
class ContextSlot {
 public:
  // Destroys the one before.
  template <typename T, typename... Args>
  T& Emplace(Args&&... args) {
    object_ = {new T(std::forward<Args>(args)...), &Delete<T>};
    return *static_cast<T*>(object_.get());
  }

  // Null if there is none of this type.
  template <typename T>
  T* Get() const {
    const bool same = object_.get_deleter() == &Delete<T>;
    return same ? static_cast<T*>(object_.get()) : nullptr;
  }

 private:
  // Which one it is tells the type.
  template <typename T>
  static void Delete(void* object) {
    delete static_cast<T*>(object);
  }

  std::unique_ptr<void, void (*)(void*)> object_{nullptr, nullptr};
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONTEXT_SLOT_H_
