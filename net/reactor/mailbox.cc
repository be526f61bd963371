#include "net/reactor/mailbox.h"

namespace rondo {
namespace {

// The free nodes of a thread that posts, whichever loops it posts to.
struct NodeCache {
  ~NodeCache() { Mailbox::DeleteNodes(first); }
  TaskNode* first = nullptr;
};

thread_local NodeCache node_cache;

void KeepNode(TaskNode* node) {
  node->next = node_cache.first;
  node_cache.first = node;
}

}  // namespace

Mailbox::~Mailbox() {
  DeleteNodes(queue_.Close().first);
  DeleteNodes(free_.load(std::memory_order_acquire));
}

bool Mailbox::Post(Task&& task) {
  TaskNode* const node = NewNode();
  node->task = std::move(task);
  switch (queue_.Push(node)) {
    case MpscQueue<TaskNode>::PushResult::kQueued:
      return true;
    case MpscQueue<TaskNode>::PushResult::kWakeConsumer:
      wakeup_.Notify();
      return true;
    case MpscQueue<TaskNode>::PushResult::kClosed:
      break;
  }
  task = std::move(node->task);
  KeepNode(node);
  return false;
}

TaskNode* Mailbox::NewNode() {
  TaskNode* node = node_cache.first;
  if (node == nullptr && free_.load(std::memory_order_relaxed) != nullptr) {
    // The acquire pairs with the release in Recycle().
    node = free_.exchange(nullptr, std::memory_order_acquire);
  }
  if (node == nullptr) return new TaskNode;
  node_cache.first = node->next;
  return node;
}

void Mailbox::Recycle(Chain chain, size_t count) {
  TaskNode* const kept = free_.exchange(nullptr, std::memory_order_acquire);
  if (kept == nullptr) free_count_ = 0;
  if (free_count_ + count > kMaxFreeNodes) {
    DeleteNodes(chain.first);
    chain.first = kept;
  } else {
    chain.last->next = kept;
    free_count_ += count;
  }
  free_.store(chain.first, std::memory_order_release);
}

void Mailbox::DeleteNodes(TaskNode* first) {
  while (first != nullptr) {
    TaskNode* const next = first->next;
    delete first;
    first = next;
  }
}

}  // namespace rondo
