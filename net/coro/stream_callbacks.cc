#include "net/coro/stream_callbacks.h"

#include <memory>
#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/coro/stream_link.h"
#include "net/coro/task_root.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {
namespace {

void Serve(const StreamHandler& handler, TcpConnection& connection) {
  Stream stream(connection);
  StreamLink* const link = StreamLink::Of(connection);
  EventLoop* const loop = connection.loop();
  auto task = std::make_unique<TaskRoot>(loop, TaskRoot::Home::kOneLoop,
                                         handler(std::move(stream)), link);
  link->SetTask(task.get());
  TaskRoot::Start(std::move(task), loop->Local<LoopTasks>().spawned());
}

}  // namespace

ConnectionCallbacks StreamCallbacks() {
  const auto on_written = [](TcpConnection& c) {
    StreamLink::Of(c)->HandleWritten();
  };
  return {
      .on_message =
          [](TcpConnection& c, Buffer& input) {
            StreamLink::Of(c)->HandleInput(input);
          },
      .on_write_complete = on_written,
      .on_low_water = on_written,
      .on_half_close = [](TcpConnection& c) { StreamLink::Of(c)->HandleEnd(); },
      .on_close =
          [](TcpConnection& c, CloseReason reason) {
            StreamLink* const link = StreamLink::Of(c);
            if (link != nullptr) link->HandleClose(c, reason);
          },
  };
}

ConnectionCallbacks StreamCallbacks(StreamHandler handler) {
  ConnectionCallbacks callbacks = StreamCallbacks();
  callbacks.on_connect = [handler = std::move(handler)](TcpConnection& c) {
    Serve(handler, c);
  };
  return callbacks;
}

}  // namespace rondo
