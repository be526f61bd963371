#ifndef RONDO_NET_REACTOR_WAIT_ERROR_H_
#define RONDO_NET_REACTOR_WAIT_ERROR_H_

namespace rondo {

// What a poller does when its system call has failed with errno: nothing if a
// signal came; if the machine is out of memory it says so and lets a moment
// pass, so that the loop can try again; all else is a bug.
void HandleWaitError(const char* call);

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_WAIT_ERROR_H_
