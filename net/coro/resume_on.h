#ifndef RONDO_NET_CORO_RESUME_ON_H_
#define RONDO_NET_CORO_RESUME_ON_H_

#include "net/coro/move.h"

namespace rondo {

class EventLoop;

// Goes on on `loop`, to which the task belongs from then on; also if it is to
// stop, for that is how it gets back to what it has to leave in order. Should
// the loop have ended, the task is destroyed.
//
// What belongs to the loop that it leaves (a stream, a scope, a lock) must not
// be in its frames then: they would be destroyed on the wrong thread.
//
// For tasks that were spawned on a loop. Those of a scope or a connection, and
// those that WhenAll() and the like await, stay where their owner is: they
// await RunOn().
//
// Example: co_await ResumeOn(other_loop);
[[nodiscard]] inline Move ResumeOn(EventLoop* loop) { return Move(loop); }

}  // namespace rondo

#endif  // RONDO_NET_CORO_RESUME_ON_H_
