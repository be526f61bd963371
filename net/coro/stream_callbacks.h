#ifndef RONDO_NET_CORO_STREAM_CALLBACKS_H_
#define RONDO_NET_CORO_STREAM_CALLBACKS_H_

#include "absl/functional/any_invocable.h"
#include "net/coro/stream.h"
#include "net/coro/task.h"
#include "net/tcp/connection_group.h"

namespace rondo {

// Makes the task that serves a connection; called on its loop, for several
// loops at once. A function, or a lambda that captures nothing: what it
// captures is not in the frame.
using StreamHandler = absl::AnyInvocable<Task<>(Stream) const>;

// A server's or client's callbacks that run `handler`'s task for each
// connection, from when it opens. The task ends the connection by returning;
// when the connection has ended the task is asked to stop. When the server
// stops or the loop ends, it is destroyed. An exception out of it is logged and
// ends its connection.
//
// Example:
//   TcpServer server(loop, options, StreamCallbacks(Echo));
ConnectionCallbacks StreamCallbacks(StreamHandler handler);

// The callbacks of connections whose streams are made by whoever opens them.
ConnectionCallbacks StreamCallbacks();

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_CALLBACKS_H_
