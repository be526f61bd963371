#include "net/coro/stream_callbacks.h"

#include <exception>
#include <memory>
#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/coro/stream_link.h"
#include "net/coro/task_root.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {
namespace {

// Its tasks on one loop go by its address when it stops.
using SharedHandler = std::shared_ptr<const StreamHandler>;

void Serve(const SharedHandler& handler, TcpConnection& connection) {
  Stream stream(connection);
  StreamLink* const link = StreamLink::Of(connection);
  EventLoop* const loop = connection.loop();
  try {
    auto task = std::make_unique<TaskRoot>(loop, TaskRoot::Home::kOneLoop,
                                           (*handler)(std::move(stream)), link);
    link->SetTask(task.get());
    TaskRoot::Start(std::move(task),
                    loop->Local<LoopTasks>().served(handler.get()));
  } catch (...) {  // it has made no task
    LogUncaught(std::current_exception());
    connection.Close();
  }
}

void StopServing(const SharedHandler& handler, EventLoop* loop) {
  loop->Local<LoopTasks>().DestroyServed(handler.get());
}

// Without a link nobody has made a stream of it, yet.
template <typename F>
void WithLink(TcpConnection& connection, F f) {
  StreamLink* const link = StreamLink::Of(connection);
  if (link != nullptr) f(*link);
}

}  // namespace

ConnectionCallbacks StreamCallbacks() {
  const auto on_written = [](TcpConnection& c) {
    WithLink(c, [](StreamLink& link) { link.HandleWritten(); });
  };
  return {
      .on_message =
          [](TcpConnection& c, Buffer& input) {
            if (StreamLink::Of(c) == nullptr) return c.PauseReading();
            StreamLink::Of(c)->HandleInput(input);
          },
      .on_write_complete = on_written,
      .on_low_water = on_written,
      .on_half_close =
          [](TcpConnection& c) {
            WithLink(c, [](StreamLink& link) { link.HandleEnd(); });
          },
      .on_close =
          [](TcpConnection& c, CloseReason reason) {
            WithLink(c, [&](StreamLink& link) { link.HandleClose(c, reason); });
          },
  };
}

ConnectionCallbacks StreamCallbacks(StreamHandler handler) {
  const auto shared = std::make_shared<const StreamHandler>(std::move(handler));
  ConnectionCallbacks callbacks = StreamCallbacks();
  callbacks.on_connect = [shared](TcpConnection& c) { Serve(shared, c); };
  callbacks.on_stop = [shared](EventLoop* loop) { StopServing(shared, loop); };
  return callbacks;
}

}  // namespace rondo
