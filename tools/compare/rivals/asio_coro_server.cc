// Asio with C++20 coroutines: one io_context, an awaitable for each connection.
//
//   bazel run -c opt //tools/compare/rivals:asio_coro_server
//   curl http://127.0.0.1:8080/                  prints hello world
//
// asio_server.cc in coroutines, with what that has: no locks, sockets and
// awaitables that name their executor's type.
#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <utility>

#include "tools/compare/rivals/asio_listener.h"

namespace rondo::rivals {
namespace {

using asio::redirect_error;
constexpr asio::use_awaitable_t<Executor> kAwait;

asio::awaitable<void, Executor> Talk(Socket socket, Protocol protocol) {
  Conversation conversation(protocol);
  std::array<char, kSessionBytes> block;
  asio::error_code error;  // the peer has ended, or is gone
  while (conversation.next() != Conversation::Next::kClose) {
    const size_t n = co_await socket.async_read_some(
        asio::buffer(block), redirect_error(kAwait, error));
    if (error) co_return;
    const auto answer = conversation.Answer(block.data(), n);
    if (answer.empty()) continue;
    co_await asio::async_write(socket, asio::buffer(answer),
                               redirect_error(kAwait, error));
    if (error) co_return;
    if (conversation.next() == Conversation::Next::kLinger) {
      socket.shutdown(Socket::shutdown_send, error);
    }
  }
}

}  // namespace
}  // namespace rondo::rivals

int main(int argc, char** argv) {
  using namespace rondo::rivals;
  const Flags flags = ParseFlags(argc, argv, "a server on Asio, in coroutines");
  Serve("asio_coro_server", flags, [&flags](Socket socket) {
    const Executor executor = socket.get_executor();
    asio::co_spawn(executor, Talk(std::move(socket), flags.protocol),
                   asio::detached);
  });
}
