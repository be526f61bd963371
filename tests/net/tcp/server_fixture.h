#ifndef RONDO_TESTS_NET_TCP_SERVER_FIXTURE_H_
#define RONDO_TESTS_NET_TCP_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>

#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/loopback_client.h"

namespace rondo {

// Echoes.
ConnectionCallbacks EchoCallbacks();

// 127.0.0.1, port 0, so many loops.
TcpServerOptions LoopbackOptions(int threads = 0);

// A loop with a thread of its own.
std::unique_ptr<EventLoopThread> StartLoopThread();

// A server whose acceptor's loop has a thread of its own, and clients of it.
class ServerFixture : public ::testing::Test {
 protected:
  ~ServerFixture() override;

  // Makes and starts server_, or CHECKs.
  void Start(TcpServerOptions options = LoopbackOptions(),
             ConnectionCallbacks callbacks = EchoCallbacks());

  LoopbackClient Connect() { return LoopbackClient(address()); }
  InetAddress address() const { return server_->addresses().front(); }
  EventLoop* acceptor_loop() const { return acceptor_thread_->loop(); }

  // Returns when each of the server's loops has ended the turn it is in.
  void AwaitTurns();

  std::unique_ptr<EventLoopThread> acceptor_thread_ = StartLoopThread();
  std::unique_ptr<TcpServer> server_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_SERVER_FIXTURE_H_
