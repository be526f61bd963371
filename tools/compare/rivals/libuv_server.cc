// libuv: one loop, callbacks, one read buffer for all.
//
//   bazel run -c opt //tools/compare/rivals:libuv_server
//   ab -n 10000 -c 10 http://127.0.0.1:8080/
//
// An answer is written at once (uv_try_write), which saves a turn of the loop
// and its uv_write_t; only what the socket does not take is queued, and nothing
// is read meanwhile. libuv drops connections by itself when there are no
// descriptors.
#include <uv.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tools/compare/rivals/rival.h"

namespace rondo::rivals {
namespace {

Flags flags;
char read_block[kReadBytes];

struct Connection {
  uv_tcp_t tcp;
  uv_write_t write;
  uv_shutdown_t shutdown;
  Conversation conversation{flags.protocol};
  std::string unsent;  // while `write` is under way

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp); }
};

Connection& Of(void* data) { return *static_cast<Connection*>(data); }

void Close(Connection& connection) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&connection.tcp);
  if (uv_is_closing(handle)) return;
  uv_close(handle, [](uv_handle_t* closed) { delete &Of(closed->data); });
}

void ProvideBlock(uv_handle_t*, size_t, uv_buf_t* buffer) {
  *buffer = uv_buf_init(read_block, sizeof(read_block));
}

// An answer has been sent. After the last one there is no more to send.
void Finish(Connection& connection) {
  const Conversation::Next next = connection.conversation.next();
  if (next == Conversation::Next::kClose) return Close(connection);
  if (next == Conversation::Next::kGoOn) return;
  uv_shutdown(&connection.shutdown, connection.stream(),
              [](uv_shutdown_t*, int) {});
}

void Read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer);

void SendRest(Connection& connection, std::string_view rest) {
  connection.unsent = rest;
  uv_read_stop(connection.stream());
  uv_buf_t buffer = uv_buf_init(connection.unsent.data(), rest.size());
  uv_write(&connection.write, connection.stream(), &buffer, 1,
           [](uv_write_t* write, int status) {
             Connection& connection = Of(write->handle->data);
             if (status < 0) return Close(connection);
             uv_read_start(connection.stream(), ProvideBlock, Read);
             Finish(connection);
           });
}

void Read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
  Connection& connection = Of(stream->data);
  if (n < 0) return Close(connection);
  std::string_view answer = connection.conversation.Answer(buffer->base, n);
  if (answer.empty()) return;  // which includes that nothing was read
  uv_buf_t output = uv_buf_init(const_cast<char*>(answer.data()),
                                static_cast<unsigned>(answer.size()));
  const int sent = uv_try_write(stream, &output, 1);
  if (sent < 0 && sent != UV_EAGAIN) return Close(connection);
  answer.remove_prefix(static_cast<size_t>(std::max(sent, 0)));
  if (answer.empty()) return Finish(connection);
  SendRest(connection, answer);
}

void Accept(uv_stream_t* listener, int status) {
  if (status < 0) return;  // the peer is gone already, or was dropped
  auto* const connection = new Connection;
  uv_tcp_init(listener->loop, &connection->tcp);
  connection->tcp.data = connection;
  if (uv_accept(listener, connection->stream()) < 0) return Close(*connection);
  uv_read_start(connection->stream(), ProvideBlock, Read);
}

void Serve() {
  uv_loop_t* const loop = uv_default_loop();
  static uv_tcp_t listener;
  uv_tcp_init(loop, &listener);
  uv_tcp_open(&listener, Listen("libuv_server", flags));
  uv_listen(reinterpret_cast<uv_stream_t*>(&listener), kBacklog, Accept);
  uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace
}  // namespace rondo::rivals

int main(int argc, char** argv) {
  using rondo::rivals::flags;
  flags = rondo::rivals::ParseFlags(argc, argv, "a server on libuv");
  rondo::rivals::Serve();
}
