#ifndef RONDO_TESTS_NET_TCP_ACCEPTOR_FIXTURE_H_
#define RONDO_TESTS_NET_TCP_ACCEPTOR_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/fake_clock.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/loops.h"

namespace rondo {

// An acceptor on a loop that runs turn by turn, and its clients.
class AcceptorFixture : public ::testing::Test {
 protected:
  // Accepts on `address` and keeps the sockets in accepted_.
  // Clients of unix sockets are in the backlog when connect() returns.
  void Create(AcceptorOptions options = {},
              const InetAddress& address = AbstractAddress()) {
    auto acceptor = Acceptor::Create(&loop_, address, options,
                                     [this](Socket socket, InetAddress peer) {
                                       peers_.push_back(std::move(peer));
                                       accepted_.push_back(std::move(socket));
                                       if (on_accept_) on_accept_();
                                     });
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    acceptor_ = *std::move(acceptor);
  }

  void Connect(int clients = 1) {
    for (int i = 0; i < clients; ++i)
      clients_.emplace_back(acceptor_->address());
  }

  FakeClock clock_;
  const std::unique_ptr<EventLoop> owned_loop_ = NewLoop({.clock = &clock_});
  EventLoop& loop_ = *owned_loop_;
  std::vector<Socket> accepted_;
  std::vector<InetAddress> peers_;
  std::vector<LoopbackClient> clients_;
  absl::AnyInvocable<void()> on_accept_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_ACCEPTOR_FIXTURE_H_
