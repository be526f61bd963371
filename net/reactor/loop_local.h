#ifndef RONDO_NET_REACTOR_LOOP_LOCAL_H_
#define RONDO_NET_REACTOR_LOOP_LOCAL_H_

namespace rondo {

// Something of which a loop has one: its connections, its cached Date header.
// See EventLoop::Local().
//
// Threading: the loop's thread only.
// Ownership: the loop's; destroyed with it.
class LoopLocal {
 public:
  virtual ~LoopLocal() = default;

  // Step 7 of every turn; see EventLoop::FlushSoon().
  virtual void FlushTurn() {}

  // The loop has ended: the last chance to run user callbacks.
  virtual void OnLoopEnd() {}
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_LOOP_LOCAL_H_
