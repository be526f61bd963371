#include "tests/net/tcp/server_fixture.h"

#include <glog/logging.h>

#include <utility>

namespace rondo {

ConnectionCallbacks EchoCallbacks() {
  return {.on_message = [](TcpConnection& c, Buffer& input) {
    c.Send(input.view());
    input.Clear();
  }};
}

TcpServerOptions LoopbackOptions(int threads) {
  return {.listen = {*InetAddress::Parse("127.0.0.1:0")}, .threads = threads};
}

std::unique_ptr<EventLoopThread> StartLoopThread() {
  auto thread = EventLoopThread::Start({.name = "acceptor"});
  CHECK(thread.ok()) << thread.status();
  return *std::move(thread);
}

ServerFixture::~ServerFixture() {
  server_.reset();  // before its acceptor's loop
  acceptor_thread_.reset();
}

void ServerFixture::Start(TcpServerOptions options,
                          ConnectionCallbacks callbacks) {
  server_ = std::make_unique<TcpServer>(acceptor_loop(), std::move(options),
                                        std::move(callbacks));
  const absl::Status status = server_->Start();
  CHECK(status.ok()) << status;
}

void ServerFixture::AwaitTurns() {
  for (EventLoop* loop : server_->loops()) {
    for (int i = 0; i < 2; ++i) loop->RunAndWait([] {});
  }
}

}  // namespace rondo
