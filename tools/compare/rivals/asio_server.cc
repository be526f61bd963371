// Asio with callbacks: one io_context, a chain of handlers for each connection.
//
//   bazel run -c opt //tools/compare/rivals:asio_server -- --protocol=upper
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// Without locks (its concurrency hint) and with sockets that name their
// executor's type. A handler owns its session and hands it to the next; Asio
// tries each call at once, and keeps a handler's memory for the next one.
#include <array>
#include <asio/buffer.hpp>
#include <asio/write.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "tools/compare/rivals/asio_listener.h"

namespace rondo::rivals {
namespace {

using asio::error_code;

struct Session {
  Session(Socket socket, Protocol protocol)
      : socket(std::move(socket)), conversation(protocol) {}

  Socket socket;
  Conversation conversation;
  std::array<char, kSessionBytes> block;
};

// Where the last one ends, so does the session.
using Owned = std::unique_ptr<Session>;

void Read(Owned owned);

// An answer has been sent.
void Finish(Owned owned) {
  const Conversation::Next next = owned->conversation.next();
  if (next == Conversation::Next::kClose) return;
  if (next == Conversation::Next::kLinger) {
    error_code ignored;  // the peer may be gone
    owned->socket.shutdown(Socket::shutdown_send, ignored);
  }
  Read(std::move(owned));
}

void Write(Owned owned, std::string_view answer) {
  Session& session = *owned;
  asio::async_write(
      session.socket, asio::buffer(answer),
      [owned = std::move(owned)](error_code error, size_t) mutable {
        if (!error) Finish(std::move(owned));
      });
}

void Read(Owned owned) {
  Session& session = *owned;
  session.socket.async_read_some(
      asio::buffer(session.block),
      [owned = std::move(owned)](error_code error, size_t n) mutable {
        if (error) return;  // the peer has ended, or is gone
        const auto answer = owned->conversation.Answer(owned->block.data(), n);
        if (answer.empty()) return Read(std::move(owned));
        Write(std::move(owned), answer);
      });
}

}  // namespace
}  // namespace rondo::rivals

int main(int argc, char** argv) {
  using namespace rondo::rivals;
  const Flags flags = ParseFlags(argc, argv, "a server on Asio, in callbacks");
  Serve("asio_server", flags, [&flags](Socket socket) {
    Read(std::make_unique<Session>(std::move(socket), flags.protocol));
  });
}
