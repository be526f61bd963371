// Coroutines that serve the connections of a real server.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/thread.h"
#include "net/coro/async_event.h"
#include "net/coro/sleep.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

// What the handlers, which must not capture, have in common in one test. Reset
// by the fixture.
struct Shared {
  EventCount begun;
  EventCount stopped;  // waits that a stop has ended
  EventCount resumed;  // waits that nothing should have ended
  EventCount gone;     // frames
  std::atomic<TcpServer*> server = nullptr;
};
Shared* shared = nullptr;

// Counts a frame's end.
class Frame {
 public:
  Frame() { shared->begun.Add(); }
  Frame(const Frame&) = delete;
  ~Frame() { shared->gone.Add(); }
};

Task<> Echo(Stream stream) {
  const Frame frame;
  while (true) {
    const auto bytes = co_await stream.Read();
    if (!bytes.ok() || bytes->empty()) co_return;
    if (!(co_await stream.Write(*bytes)).ok()) co_return;
  }
}

// Waits for what does not come, before it reads.
Task<> SleepForEver(Stream stream) {
  const Frame frame;
  const bool slept = co_await SleepFor(absl::InfiniteDuration());
  EXPECT_FALSE(slept);
  EXPECT_TRUE(absl::IsUnavailable(stream.status())) << stream.status();
  shared->stopped.Add();
}

class StreamServerTest : public ServerFixture {
 protected:
  StreamServerTest() { shared = &shared_; }
  ~StreamServerTest() override {
    server_.reset();  // its tasks use these
    EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
    shared = nullptr;
  }

  void Serve(Task<> (*handler)(Stream), TcpServerOptions options) {
    Start(std::move(options), StreamCallbacks(handler));
    shared_.server = server_.get();
  }
  void Serve(Task<> (*handler)(Stream), int threads = 1) {
    Serve(handler, LoopbackOptions(threads));
  }

  Shared shared_;
};

TEST_F(StreamServerTest, EchoesWhateverIsSplitAtEachByte) {
  Serve(Echo);
  const std::string text = "hello, you there";
  LoopbackClient client = Connect();
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    client.Send(text.substr(0, cut));
    AwaitTurns();
    client.Send(text.substr(cut));
    EXPECT_EQ(client.Receive(text.size()), text);
  }
}

TEST_F(StreamServerTest, AnswersAClientThatHasHalfClosed) {
  Serve(Echo);
  LoopbackClient client = Connect();
  client.Send("question");
  client.ShutdownWrite();
  EXPECT_EQ(client.ReceiveAll(), "question");
}

TEST_F(StreamServerTest, AnswersAClientThatHasHalfClosedAfterAWait) {
  static constexpr auto kHandler = [](Stream stream) -> Task<> {
    const Frame frame;
    const std::string question(*co_await stream.Read());
    EXPECT_EQ(*co_await stream.Read(), "");
    EXPECT_TRUE(co_await SleepFor(absl::ZeroDuration()));
    EXPECT_TRUE((co_await stream.Write("answer")).ok());
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send("question");
  client.ShutdownWrite();
  EXPECT_EQ(client.ReceiveAll(), "answer");
}

TEST_F(StreamServerTest, AResetStopsATaskThatWaitsForSomethingElse) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  shared_.begun.Await(1);
  client.Reset();
  shared_.stopped.Await(1);
  shared_.gone.Await(1);
}

TEST_F(StreamServerTest, AResetStopsATaskBehindInputThatItHasNotRead) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  client.Send("input");
  shared_.begun.Await(1);
  AwaitTurns();
  client.Reset();
  shared_.stopped.Await(1);
}

TEST_F(StreamServerTest, AFinDoesNotStopATaskThatWaitsForSomethingElse) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  client.ShutdownWrite();
  shared_.begun.Await(1);
  AwaitTurns();
  EXPECT_EQ(shared_.stopped.count(), 0);
  server_.reset();
  EXPECT_EQ(shared_.stopped.count(), 0);
}

TEST_F(StreamServerTest, WhatTheTaskReturnsFromIsClosed) {
  static constexpr auto kHandler = [](Stream stream) -> Task<> {
    const Frame frame;
    EXPECT_TRUE((co_await stream.Write("bye")).ok());
  };
  Serve(kHandler);
  EXPECT_EQ(Connect().ReceiveAll(), "bye");
}

TEST_F(StreamServerTest, AnExceptionClosesTheConnectionAndTheLoopLives) {
  static constexpr auto kHandler = [](Stream stream) -> Task<> {
    const Frame frame;
    const std::string text(*co_await stream.Read());
    if (text == "throw") throw std::runtime_error("as it was told");
    EXPECT_TRUE((co_await stream.Write(text)).ok());
  };
  Serve(kHandler);
  LoopbackClient thrower = Connect();
  thrower.Send("throw");
  EXPECT_EQ(thrower.AwaitEnd(), End::kFin);
  LoopbackClient client = Connect();
  EXPECT_EQ(client.Exchange("hello"), "hello");
}

TEST_F(StreamServerTest, AnExceptionBeforeTheFirstAwaitDoesSoToo) {
  static constexpr auto kHandler = [](Stream) -> Task<> {
    const Frame frame;
    throw std::runtime_error("at once");
    co_return;
  };
  Serve(kHandler);
  EXPECT_EQ(Connect().AwaitEnd(), End::kFin);
  EXPECT_EQ(Connect().AwaitEnd(), End::kFin);
}

Task<> WriteWithoutEnd(Stream stream) {
  const Frame frame;
  const std::string block(64 * 1'024, 'x');
  while ((co_await stream.Write(block)).ok()) shared->resumed.Add();
  shared->stopped.Add();
}

TEST_F(StreamServerTest, AClientThatDoesNotReadHoldsUpItsTaskOnly) {
  Serve(WriteWithoutEnd);
  LoopbackClient client = Connect();
  shared_.begun.Await(1);
  for (int before = -1; before != shared_.resumed.count();) {
    before = shared_.resumed.count();
    for (int i = 0; i < 10; ++i) AwaitTurns();
  }
  EXPECT_EQ(shared_.stopped.count(), 0);
  EXPECT_EQ(client.Receive(40'000'000).size(), 40'000'000u);
  client.Reset();
  shared_.stopped.Await(1);
}

TEST_F(StreamServerTest, InputThatNobodyReadsStaysWithTheClient) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  // More than the two sockets hold.
  Thread sender = *Thread::Start("sender", [&client] {
    EXPECT_FALSE(client.Send(std::string(100'000'000, 'x')));
  });
  shared_.begun.Await(1);
  for (int i = 0; i < 10; ++i) AwaitTurns();
  EXPECT_EQ(server_->open_connections(), 1u);
  server_.reset();
  sender.Join();
}

// --- Servers that stop. ------------------------------------------------------

TEST_F(StreamServerTest, AStoppedServerDestroysItsTasksAndResumesNone) {
  for (const int threads : {0, 2}) {
    Serve(
        [](Stream stream) -> Task<> {
          const Frame frame;
          (void)co_await stream.ReadExactly(100);
          shared->resumed.Add();
        },
        threads);
    std::vector<LoopbackClient> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(Connect());
    clients.front().Send("half");
    shared_.begun.Await(threads == 0 ? 10 : 20);  // on their loops, all of them
    AwaitTurns();
    const StopReport report = server_->Stop();
    EXPECT_EQ(report.forced, 10u);
    EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
    server_.reset();
  }
  EXPECT_EQ(shared_.resumed.count(), 0);
}

TEST_F(StreamServerTest, ADestroyedServerDestroysTasksThatSleep) {
  for (const int threads : {0, 2}) {
    Serve(
        [](Stream) -> Task<> {
          const Frame frame;
          (void)co_await SleepFor(absl::InfiniteDuration());
          shared->resumed.Add();
        },
        threads);
    LoopbackClient client = Connect();
    AwaitTrue([&] { return server_->open_connections() == 1; });
    AwaitTurns();
    server_.reset();
    EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
  }
  EXPECT_EQ(shared_.resumed.count(), 0);
}

TEST_F(StreamServerTest, AnEndedLoopDestroysItsTasks) {
  Serve(
      [](Stream stream) -> Task<> {
        const Frame frame;
        (void)co_await stream.Read();
        shared->resumed.Add();
      },
      0);
  LoopbackClient client = Connect();
  shared_.begun.Await(1);
  acceptor_loop()->Stop();
  shared_.gone.Await(1);
  EXPECT_EQ(shared_.resumed.count(), 0);
}

TEST_F(StreamServerTest, AnIdleConnectionEndsInADrain) {
  Serve(Echo);
  LoopbackClient client = Connect();
  EXPECT_EQ(client.Exchange("hello"), "hello");
  EventCount drained;
  server_->Drain(absl::InfiniteDuration(), [&](StopReport report) {
    EXPECT_EQ(report.drained, 1u);
    EXPECT_EQ(report.forced, 0u);
    drained.Add();
  });
  EXPECT_EQ(client.AwaitEnd(), End::kFin);
  drained.Await(1);
  shared_.gone.Await(1);
}

// Until it is told to answer.
AsyncEvent* answer = nullptr;

Task<> AnswerLate(Stream stream) {
  const Frame frame;
  const auto question = co_await stream.Read();
  if (!question.ok()) co_return;  // the drain
  shared->resumed.Add();
  EXPECT_TRUE(co_await answer->Wait());
  EXPECT_TRUE((co_await stream.Write("answer")).ok());
  (void)co_await stream.Read();
}

TEST_F(StreamServerTest, ABusyConnectionIsWaitedForInADrain) {
  AsyncEvent event;
  answer = &event;
  TcpServerOptions options = LoopbackOptions(1);
  options.limits.drain_quiet_time = absl::Milliseconds(1);
  Serve(AnswerLate, options);
  LoopbackClient busy = Connect();
  busy.Send("question");
  shared_.resumed.Await(1);
  LoopbackClient idle = Connect();
  shared_.begun.Await(2);
  AwaitTurns();
  server_->Drain(absl::InfiniteDuration());
  EXPECT_EQ(idle.AwaitEnd(), End::kFin);
  AwaitTurns();
  EXPECT_EQ(shared_.gone.count(), 1);
  server_->loops().front()->QueueInLoop([&] { event.Set(); });
  EXPECT_EQ(busy.ReceiveAll(), "answer");
}

Task<> StopServerAtOnce(Stream stream) {
  const Frame frame;
  (void)co_await stream.Read();
  shared->server.load()->Stop();
  (void)co_await stream.Write("not sent");
  (void)co_await SleepFor(absl::ZeroDuration());
  shared->resumed.Add();
}

Task<> StopServerLater(Stream stream) {
  const Frame frame;
  (void)co_await stream.Read();
  (void)co_await SleepFor(absl::ZeroDuration());
  shared->server.load()->Stop();
  EXPECT_EQ(stream.connection(), nullptr);
  (void)co_await stream.Write("not sent");
  (void)co_await SleepFor(absl::ZeroDuration());
  shared->resumed.Add();
}

TEST_F(StreamServerTest, ATaskMayStopItsOwnServer) {
  for (const int threads : {0, 1}) {
    for (const auto handler : {StopServerAtOnce, StopServerLater}) {
      Serve(handler, threads);
      LoopbackClient stopper = Connect();
      LoopbackClient other = Connect();
      AwaitTrue([&] { return server_->open_connections() == 2; });
      stopper.Send("stop");
      EXPECT_NE(stopper.AwaitEnd(), End::kStuck);
      EXPECT_NE(other.AwaitEnd(), End::kStuck);
      server_.reset();
      EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
    }
  }
  EXPECT_EQ(shared_.resumed.count(), 0);
}

}  // namespace
}  // namespace rondo
