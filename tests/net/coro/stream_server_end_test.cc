// How the tasks of a server end that outlive their connection, or throw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/coro/run_on.h"
#include "net/coro/spawn.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task_context.h"
#include "tests/net/reactor/warnings.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using End = LoopbackClient::End;

// What a test's tasks count.
struct Counts {
  EventCount begun;
  EventCount closed;   // connections, as their tasks' frames see it
  EventCount resumed;  // tasks, after what only their end could end
  EventCount gone;     // frames
  EventCount open;     // for a task that holds up its loop
};

// Counts the end of a frame.
class Frame {
 public:
  explicit Frame(Counts* counts) : counts_(counts) { counts_->begun.Add(); }
  Frame(const Frame&) = delete;
  ~Frame() { counts_->gone.Add(); }

 private:
  Counts* const counts_;
};

// Waits for what never comes, and does not heed a stop.
class Never final : public Suspension {
 public:
  bool await_ready() const { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    SuspendAlways(frame);
  }
  void await_resume() const {}

 private:
  bool Withdraw() override { return false; }
};

Task<> WaitForEver(Stream, Counts* counts) {
  const Frame frame(counts);
  co_await Never();
  counts->resumed.Add();
}

// In a frame that another awaits, which has objects too.
Task<> WaitForEverDeep(Stream stream, Counts* counts) {
  const Frame frame(counts);
  co_await WaitForEver(std::move(stream), counts);
  counts->resumed.Add();
}

class StreamServerEndTest : public ServerFixture {
 protected:
  using Handler = Task<> (*)(Stream, Counts*);

  ~StreamServerEndTest() override { server_.reset(); }  // its tasks count

  void Serve(Handler handler, int threads) {
    const auto serve = [this, handler](Stream stream) {
      return handler(std::move(stream), &counts_);
    };
    Start(LoopbackOptions(threads), StreamCallbacks(serve));
  }
  // So many connections, which come and are reset when their tasks wait.
  void ComeAndGo(int connections, int frames_of_each = 1) {
    const int begun = counts_.begun.count();
    std::vector<LoopbackClient> clients;
    for (int i = 0; i < connections; ++i) clients.push_back(Connect());
    counts_.begun.Await(begun + connections * frames_of_each);
    AwaitTurns();
    for (LoopbackClient& client : clients) client.Reset();
    AwaitTrue([this] { return server_->open_connections() == 0; });
  }

  Counts counts_;
};

// --- Tasks whose connection has closed. --------------------------------------

TEST_F(StreamServerEndTest, TheyGoWithTheServer) {
  for (const int threads : {0, 1, 3}) {
    Serve(WaitForEver, threads);
    const int gone = counts_.gone.count();
    ComeAndGo(9);
    EXPECT_EQ(counts_.gone.count(), gone);
    server_.reset();
    EXPECT_EQ(counts_.gone.count(), gone + 9);
  }
  EXPECT_EQ(counts_.begun.count(), 27);
  EXPECT_EQ(counts_.resumed.count(), 0);
}

TEST_F(StreamServerEndTest, TheyGoWhenItIsStopped) {
  for (const int threads : {0, 3}) {
    Serve(WaitForEverDeep, threads);
    const int gone = counts_.gone.count();
    ComeAndGo(9, 2);
    EXPECT_EQ(counts_.gone.count(), gone);
    server_->Stop();
    EXPECT_EQ(counts_.gone.count(), gone + 18);
    server_.reset();
    EXPECT_EQ(counts_.gone.count(), gone + 18);
  }
  EXPECT_EQ(counts_.resumed.count(), 0);
}

TEST_F(StreamServerEndTest, ThoseOfAnotherServerOnTheSameLoopStay) {
  Serve(WaitForEver, 0);
  ComeAndGo(2);
  std::unique_ptr<TcpServer> first = std::move(server_);
  Serve(WaitForEver, 0);
  ComeAndGo(3);
  first.reset();
  EXPECT_EQ(counts_.gone.count(), 2);
  server_.reset();
  EXPECT_EQ(counts_.gone.count(), 5);
}

TEST_F(StreamServerEndTest, TheyGoWithTheirLoop) {
  Serve(WaitForEver, 0);
  ComeAndGo(2);
  acceptor_loop()->Stop();
  counts_.gone.Await(2);
  server_.reset();
  EXPECT_EQ(counts_.gone.count(), 2);
}

// What they wait for comes when they are gone: from a loop that they hold up.
TEST_F(StreamServerEndTest, WhatComesAfterwardsResumesNone) {
  static constexpr auto kHoldUp = [](Counts* counts) -> Task<> {
    counts->open.Await(1);
    co_return;
  };
  const std::unique_ptr<EventLoopThread> remote = StartLoopThread();
  for (const int threads : {0, 2}) {
    const auto handler = [this, on = remote->loop()](Stream stream) {
      static constexpr auto kBody = [](Stream, EventLoop* on, Task<> held_up,
                                       Counts* counts) -> Task<> {
        const Frame frame(counts);
        (void)co_await RunOn(on, std::move(held_up));
        counts->resumed.Add();
      };
      return kBody(std::move(stream), on, kHoldUp(&counts_), &counts_);
    };
    Start(LoopbackOptions(threads), StreamCallbacks(handler));
    ComeAndGo(4);
    server_.reset();
    EXPECT_EQ(counts_.begun.count(), counts_.gone.count());
  }
  counts_.open.Add();
  for (int i = 0; i < 2; ++i) {
    remote->loop()->RunAndWait([] {});
    acceptor_loop()->RunAndWait([] {});
  }
  EXPECT_EQ(counts_.begun.count(), 8);
  EXPECT_EQ(counts_.resumed.count(), 0);
}

// --- Handlers that throw. ----------------------------------------------------

class StreamHandlerThrowsTest : public StreamServerEndTest {
 protected:
  // The first connection's handler throws; the others' waits for the end.
  void ThrowOnce(StreamHandler thrower) {
    auto handler = [this, thrower = std::move(thrower)](Stream stream) {
      if (thrown_.exchange(true)) return ReadOnce(std::move(stream), &counts_);
      return thrower(std::move(stream));
    };
    Start(LoopbackOptions(1), StreamCallbacks(std::move(handler)));
    EXPECT_EQ(Connect().AwaitEnd(), End::kFin);
    AwaitTrue([this] { return server_->open_connections() == 0; });
    EXPECT_EQ(server_->closed_connections(CloseReason::kLocalClosed), 1u);
    LoopbackClient next = Connect();
    next.Send("x");
    counts_.resumed.Await(1);  // the loop lives
  }

  static Task<> ReadOnce(Stream stream, Counts* counts) {
    (void)co_await stream.Read();
    counts->resumed.Add();
  }

  // What was logged, once nothing runs any more.
  std::vector<std::string> Logged() {
    server_.reset();
    return warnings_.Take();
  }

  std::atomic<bool> thrown_ = false;
  Warnings warnings_;
};

TEST_F(StreamHandlerThrowsTest, BeforeItHasMadeATaskTheConnectionCloses) {
  ThrowOnce([](Stream) -> Task<> { throw std::runtime_error("no task"); });
  EXPECT_THAT(Logged(), ElementsAre(HasSubstr("no task")));
}

TEST_F(StreamHandlerThrowsTest, ThatIsNoStandardExceptionItIsTheSame) {
  ThrowOnce([](Stream) -> Task<> { throw 7; });
  EXPECT_THAT(Logged(), ElementsAre(HasSubstr("a task has ended")));
}

// Its task is not served any more when the handler throws after making it.
TEST_F(StreamHandlerThrowsTest, AfterItHasMadeATaskThatNeverRuns) {
  ThrowOnce([this](Stream stream) -> Task<> {
    Task<> task = WaitForEver(std::move(stream), &counts_);
    throw std::runtime_error("a task, but not for long");
  });
  EXPECT_EQ(counts_.begun.count(), 0);
  EXPECT_THAT(Logged(), ElementsAre(HasSubstr("not for long")));
}

// The stream is another's by then, who hears of the end.
TEST_F(StreamHandlerThrowsTest, AfterItHasGivenItsStreamAwayThatOneHears) {
  static constexpr auto kOther = [](Stream stream, Counts* counts) -> Task<> {
    const auto bytes = co_await stream.Read();
    EXPECT_TRUE(absl::IsCancelled(bytes.status())) << bytes.status();
    counts->closed.Add();
  };
  ThrowOnce([this](Stream stream) -> Task<> {
    EventLoop* const loop = stream.connection()->loop();
    Spawn(loop, kOther(std::move(stream), &counts_));
    throw std::runtime_error("without a stream");
  });
  counts_.closed.Await(1);
  EXPECT_THAT(Logged(), ElementsAre(HasSubstr("without a stream")));
}

TEST_F(StreamHandlerThrowsTest, WhatItsTaskThrowsLaterIsLoggedToo) {
  static constexpr auto kBody = [](Stream stream) -> Task<> {
    (void)co_await stream.Write("bytes that still go");
    throw std::runtime_error("later");
  };
  ThrowOnce(kBody);
  EXPECT_THAT(Logged(), ElementsAre(HasSubstr("later")));
}

// A task that runs when its server is stopped goes when it ends.
TEST_F(StreamServerEndTest, WhatATaskThrowsAfterItHasStoppedItsServerIsLogged) {
  Warnings warnings;
  std::atomic<TcpServer*> server = nullptr;
  const auto handler = [this, &server](Stream stream) {
    static constexpr auto kBody = [](Stream stream, TcpServer* server,
                                     Counts* counts) -> Task<> {
      const Frame frame(counts);
      (void)co_await stream.Read();
      server->Stop();
      throw std::runtime_error("after the stop");
    };
    return kBody(std::move(stream), server, &counts_);
  };
  for (const int threads : {0, 1}) {
    Start(LoopbackOptions(threads), StreamCallbacks(handler));
    server = server_.get();
    LoopbackClient client = Connect();
    client.Send("stop");
    EXPECT_NE(client.AwaitEnd(), End::kStuck);
    server_.reset();
    EXPECT_EQ(counts_.begun.count(), counts_.gone.count());
    EXPECT_THAT(warnings.Take(), ElementsAre(HasSubstr("after the stop")));
  }
}

}  // namespace
}  // namespace rondo
