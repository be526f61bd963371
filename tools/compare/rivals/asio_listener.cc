#include "tools/compare/rivals/asio_listener.h"

#include <cerrno>
#include <utility>

namespace rondo::rivals {
namespace {

using asio::error_code;
using asio::ip::tcp;

class Listener {
 public:
  Listener(asio::io_context& io, int fd, std::function<void(Socket)> start)
      : acceptor_(io.get_executor(), tcp::v4(), fd), start_(std::move(start)) {}

  void Accept() {
    acceptor_.async_accept([this](error_code error, Socket socket) {
      if (!error) start_(std::move(socket));
      if (error.value() == EMFILE || error.value() == ENFILE) return Drop();
      if (error != asio::error::operation_aborted) Accept();
    });
  }

 private:
  // accept(2) without descriptors fails even if there is nobody: wait first.
  void Drop() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code error) {
      if (error) return;
      spare_.DropConnection(acceptor_.native_handle());
      Accept();
    });
  }

  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  const std::function<void(Socket)> start_;
  SpareDescriptor spare_;
};

}  // namespace

void Serve(const char* name, const Flags& flags,
           std::function<void(Socket)> start) {
  asio::io_context io(ASIO_CONCURRENCY_HINT_UNSAFE);
  Listener listener(io, Listen(name, flags), std::move(start));
  listener.Accept();
  io.run();
}

}  // namespace rondo::rivals
