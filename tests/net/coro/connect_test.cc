#include "net/coro/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/coro/stream_listener.h"
#include "net/coro/task_scope.h"
#include "net/coro/with_timeout.h"
#include "net/tcp/inet_address.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/coro/listener_fixture.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

using ConnectTest = ListenerFixture;

// Says "hello" to the next client, and hears what it says.
Task<std::string> Greet(StreamListener& listener) {
  auto stream = co_await listener.Accept();
  EXPECT_TRUE(stream.ok()) << stream.status();
  const auto sent = co_await stream->Write("hello");
  EXPECT_TRUE(sent.ok()) << sent;
  const auto heard = co_await stream->ReadExactly(3);
  EXPECT_TRUE(heard.ok()) << heard.status();
  co_return std::string(*heard);
}

Task<> GreetInto(StreamListener& listener, std::string& heard) {
  heard = co_await Greet(listener);
}

Task<> Answer(Endpoint server) {
  auto stream = co_await Connect(std::move(server));
  EXPECT_TRUE(stream.ok()) << stream.status();
  const auto greeting = co_await stream->ReadExactly(5);
  EXPECT_EQ(*greeting, "hello");
  const auto sent = co_await stream->Write("bye");
  EXPECT_TRUE(sent.ok()) << sent;
}

Task<> Talk(EventLoop* loop, StreamListener& listener, Endpoint server) {
  TaskScope scope(loop);
  std::string heard;
  scope.Spawn(GreetInto(listener, heard));
  co_await Answer(std::move(server));
  co_await scope.Join();
  EXPECT_EQ(heard, "bye");
}

TEST_F(ConnectTest, ByAddress) {
  const auto listener = Listen();
  Run(Talk(loop(), *listener, listener->address()));
}

TEST_F(ConnectTest, ByName) {
  const auto listener = Listen();
  const auto server = Endpoint::Parse(
      "localhost:" + std::to_string(listener->address().port()));
  Run(Talk(loop(), *listener, *server));
}

Task<> ConnectTo(Endpoint server, absl::Status& status) {
  const auto stream = co_await Connect(std::move(server));
  status = stream.status();
}

TEST_F(ConnectTest, NobodyListens) {
  const RefusingAddress nobody;
  absl::Status status;
  Run(ConnectTo(nobody.address(), status));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(nobody.address().ToString()));
}

// A server that takes nobody in.
class FullServer {
 public:
  FullServer() { socket_.FillBacklog(); }
  Endpoint endpoint() const { return socket_.address(); }

 private:
  ListeningSocket socket_{*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/0};
};

Task<> ConnectInTime(Endpoint server, absl::Duration timeout,
                     absl::Status& status) {
  const auto stream = co_await WithTimeout(timeout, Connect(std::move(server)));
  status = stream.status();
}

TEST_F(ConnectTest, WithATimeout) {
  const FullServer full;
  absl::Status status;
  Run(ConnectInTime(full.endpoint(), absl::Milliseconds(10), status));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

Task<> StopAnother(EventLoop* loop, Endpoint server, absl::Status& status) {
  TaskScope scope(loop);
  scope.Spawn(ConnectTo(std::move(server), status));
  scope.RequestStop();
  co_await scope.Join();
}

TEST_F(ConnectTest, IsStopped) {
  const FullServer full;
  absl::Status status;
  Run(StopAnother(loop(), full.endpoint(), status));
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

Task<> DestroyAnother(EventLoop* loop, Endpoint server, absl::Status& status) {
  {
    TaskScope scope(loop);
    scope.Spawn(ConnectTo(std::move(server), status));
  }
  const bool slept = co_await SleepFor(absl::Milliseconds(1));
  EXPECT_TRUE(slept);
}

TEST_F(ConnectTest, IsDestroyed) {
  const FullServer full;
  absl::Status status = absl::UnknownError("untouched");
  Run(DestroyAnother(loop(), full.endpoint(), status));
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
}

Task<> ReadToEnd(Stream stream, absl::Status& status) {
  const auto bytes = co_await stream.Read();
  status = bytes.status();
}

Task<> EndDialer(EventLoop* loop, StreamListener& listener,
                 absl::Status& status) {
  TaskScope scope(loop);
  std::optional<StreamDialer> dialer(loop);
  auto stream = co_await dialer->Connect(listener.address());
  EXPECT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(dialer->open_connections(), 1u);
  scope.Spawn(ReadToEnd(*std::move(stream), status));
  dialer.reset();
  co_await scope.Join();
}

TEST_F(ConnectTest, ADialerThatGoesClosesItsStreams) {
  const auto listener = Listen();
  absl::Status status;
  Run(EndDialer(loop(), *listener, status));
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

}  // namespace
}  // namespace rondo
