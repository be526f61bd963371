#include "net/reactor/mailbox.h"

namespace rondo {
namespace {

// The free nodes of a thread that posts, whichever loops it posts to. Without a
// destructor, as destructors of other thread_local and static objects may post
// after everything that has one is gone.
thread_local TaskNode* free_nodes = nullptr;
thread_local bool thread_ends = false;

// Returns the nodes when the thread ends.
struct FreeNodesAtThreadEnd {
  ~FreeNodesAtThreadEnd() {
    Mailbox::DeleteNodes(std::exchange(free_nodes, nullptr));
    thread_ends = true;
  }
  void Touch() {}  // makes the thread construct it
};
thread_local FreeNodesAtThreadEnd at_thread_end;

void KeepNode(TaskNode* node) {
  node->next = free_nodes;
  free_nodes = node;
  at_thread_end.Touch();
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
  if (thread_ends) {
    delete node;
  } else {
    KeepNode(node);
  }
  return false;
}

void Mailbox::WakeUp() {
  if (!queue_.WakeUp()) ++expected_;
}

Mailbox::Chain Mailbox::Close() {
  const Chain waiting = queue_.Close();
  while (notified_ < expected_) {
    wakeup_.Wait();
    ClearWakeup();
  }
  wakeup_.Close();
  return waiting;
}

TaskNode* Mailbox::NewNode() {
  if (free_nodes == nullptr && !thread_ends &&
      free_.load(std::memory_order_relaxed) != nullptr) {
    // The acquire pairs with the release in Recycle().
    free_nodes = free_.exchange(nullptr, std::memory_order_acquire);
    at_thread_end.Touch();
  }
  if (free_nodes == nullptr) return new TaskNode;
  TaskNode* const node = free_nodes;
  free_nodes = node->next;
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
