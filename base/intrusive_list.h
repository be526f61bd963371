#ifndef RONDO_BASE_INTRUSIVE_LIST_H_
#define RONDO_BASE_INTRUSIVE_LIST_H_

#include <cstddef>

namespace rondo {

template <typename T, typename Tag>
class IntrusiveList;

// What an object derives from to stand in a list without memory of the list's:
// once for each list that it can be in at the same time, each with a tag type
// of its own.
//
// Threading: not synchronised.
// Ownership and lifetime: neither owns the other. Destroyed, an object leaves
// its list; a list that is destroyed leaves its objects to themselves.
template <typename Tag>
class ListNode {
 public:
  ListNode() : before_(this), after_(this) {}
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { Unlink(); }

  bool linked() const { return after_ != this; }
  // Leaves the list, if it is in one.
  void Unlink() {
    before_->after_ = after_;
    after_->before_ = before_;
    before_ = after_ = this;
  }

 private:
  template <typename T, typename ListTag>
  friend class IntrusiveList;

  ListNode* before_;
  ListNode* after_;
};

// A queue of objects that derive from ListNode<Tag>.
//
// Example:
//   struct Waiter : ListNode<Waiter> { … };
//   IntrusiveList<Waiter, Waiter> waiters;
template <typename T, typename Tag>
class IntrusiveList {
 public:
  bool empty() const { return !head_.linked(); }
  // Requires: not empty.
  T& front() { return Of(head_.after_); }

  // Requires: `object` is in no list with this tag.
  void PushBack(T& object) {
    ListNode<Tag>& node = object;
    node.before_ = head_.before_;
    node.after_ = &head_;
    head_.before_->after_ = &node;
    head_.before_ = &node;
  }

  // The first, which leaves the list. Requires: not empty.
  T& PopFront() {
    T& first = front();
    static_cast<ListNode<Tag>&>(first).Unlink();
    return first;
  }

  // Takes all of `other`'s, behind its own.
  void TakeAll(IntrusiveList& other) {
    if (other.empty()) return;
    other.head_.after_->before_ = head_.before_;
    head_.before_->after_ = other.head_.after_;
    other.head_.before_->after_ = &head_;
    head_.before_ = other.head_.before_;
    other.head_.before_ = other.head_.after_ = &other.head_;
  }

  // Calls `f` with each; it may unlink the one it is called with.
  template <typename F>
  void ForEach(F f) {
    for (auto* node = head_.after_; node != &head_;) {
      auto* const after = node->after_;
      f(Of(node));
      node = after;
    }
  }

  // Counts them.
  size_t Count() const {
    size_t count = 0;
    for (auto* n = head_.after_; n != &head_; n = n->after_) ++count;
    return count;
  }

 private:
  static T& Of(ListNode<Tag>* node) { return static_cast<T&>(*node); }

  ListNode<Tag> head_;
};

}  // namespace rondo

#endif  // RONDO_BASE_INTRUSIVE_LIST_H_
