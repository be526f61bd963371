#ifndef RONDO_TESTS_NET_CORO_LISTENER_FIXTURE_H_
#define RONDO_TESTS_NET_CORO_LISTENER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "net/coro/stream_listener.h"
#include "net/tcp/inet_address.h"
#include "tests/net/coro/task_fixture.h"

namespace rondo {

// A loop that runs for one task, and listeners on it.
class ListenerFixture : public TaskFixture {
 protected:
  std::unique_ptr<StreamListener> Listen(StreamListenerOptions options = {}) {
    auto listener = StreamListener::Create(
        loop(), *InetAddress::Parse("127.0.0.1:0"), options);
    EXPECT_TRUE(listener.ok()) << listener.status();
    return *std::move(listener);
  }
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_LISTENER_FIXTURE_H_
