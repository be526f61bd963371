#include "net/coro/stream_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "net/coro/connect.h"
#include "net/coro/task_scope.h"
#include "tests/net/coro/listener_fixture.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

using StreamListenerTest = ListenerFixture;

Task<> AcceptOnce(StreamListener& listener, absl::Status& status) {
  const auto stream = co_await listener.Accept();
  status = stream.status();
}

Task<> CloseWhileAccepting(EventLoop* loop, StreamListener& listener,
                           absl::Status& status) {
  TaskScope scope(loop);
  scope.Spawn(AcceptOnce(listener, status));
  listener.Close();
  co_await scope.Join();
}

TEST_F(StreamListenerTest, ClosedItEndsWhoWaits) {
  const auto listener = Listen();
  absl::Status status;
  Run(CloseWhileAccepting(loop(), *listener, status));
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("closed"));
}

Task<> StopWhileAccepting(EventLoop* loop, StreamListener& listener,
                          absl::Status& status) {
  TaskScope scope(loop);
  scope.Spawn(AcceptOnce(listener, status));
  scope.RequestStop();
  co_await scope.Join();
}

TEST_F(StreamListenerTest, WhoAcceptsIsStopped) {
  const auto listener = Listen();
  absl::Status status;
  Run(StopWhileAccepting(loop(), *listener, status));
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("stop"));
}

// Clients that have connected before anybody accepts are there in their order.
Task<> AcceptInOrder(StreamListener& listener) {
  constexpr int kClients = 20;
  std::vector<Stream> clients;
  for (int i = 0; i < kClients; ++i) {
    auto client = co_await Connect(listener.address());
    EXPECT_TRUE(client.ok()) << client.status();
    clients.push_back(*std::move(client));
    const auto sent = co_await clients.back().Write(std::to_string(i) + "\n");
    EXPECT_TRUE(sent.ok()) << sent;
  }
  for (int i = 0; i < kClients; ++i) {
    auto accepted = co_await listener.Accept();
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    const auto line = co_await accepted->ReadUntil("\n", 10);
    EXPECT_EQ(*line, std::to_string(i) + "\n");
  }
}

TEST_F(StreamListenerTest, WhoComesBeforeItIsAskedWaits) {
  const auto listener = Listen();
  Run(AcceptInOrder(*listener));
}

TEST_F(StreamListenerTest, AnAddressInUseIsNamed) {
  const auto listener = Listen();
  const auto second = StreamListener::Create(loop(), listener->address());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(listener->address().ToString()));
}

}  // namespace
}  // namespace rondo
