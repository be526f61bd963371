// Servers of coroutines that drain: which of their tasks owe an answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/coro/async_event.h"
#include "net/coro/spawn.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/with_timeout.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(1);

// What a test and its first connection's task have in common.
struct Shared {
  EventLoop* loop;
  AsyncEvent answer;  // set when it may answer
  std::stop_source stop;
  std::vector<std::string> log;
};

Task<> ReadOnly(Stream stream) {
  while (true) {
    const auto bytes = co_await stream.Read();
    if (!bytes.ok() || bytes->empty()) co_return;
  }
}

// What each of the tasks below does when it has come to owe its answer.
Task<> Answer(Stream* stream, Shared* shared) {
  shared->log.push_back("owes");
  const bool may = co_await shared->answer.Wait();
  const absl::Status written = co_await stream->Write("answer");
  const bool sent = may && written.ok();
  shared->log.push_back(sent ? "answered" : "cut off");
}

// --- Tasks that come to owe one. ---------------------------------------------

Task<> AnswerInput(Stream stream, Shared* shared) {
  EXPECT_EQ(*co_await stream.Read(), "question");
  co_await Answer(&stream, shared);
}

Task<> AnswerAFin(Stream stream, Shared* shared) {
  EXPECT_EQ(*co_await stream.Read(), "question");
  EXPECT_EQ(*co_await stream.Read(), "");
  co_await Answer(&stream, shared);
}

Task<> AnswerAFinThatComesTooSoon(Stream stream, Shared* shared) {
  const auto all = co_await stream.ReadExactly(100);
  EXPECT_TRUE(absl::IsOutOfRange(all.status())) << all.status();
  EXPECT_EQ(*co_await stream.Read(), "question");  // else that is what it owes
  co_await Answer(&stream, shared);
}

Task<> AnswerSilence(Stream stream, Shared* shared) {
  const auto bytes = co_await WithTimeout(kTimeout, stream.Read());
  EXPECT_TRUE(absl::IsDeadlineExceeded(bytes.status())) << bytes.status();
  co_await Answer(&stream, shared);
}

Task<> ReadUntilStopped(Stream* stream) {
  const auto bytes = co_await stream->Read();
  EXPECT_TRUE(absl::IsCancelled(bytes.status())) << bytes.status();
}

// The task with the token reads only; who answers waits for it to have ended.
Task<> AnswerWhenStopped(Stream stream, Shared* shared) {
  AsyncEvent ended;
  Spawn(shared->loop, ReadUntilStopped(&stream),
        {.stop = shared->stop.get_token(),
         .on_end = [&ended](std::exception_ptr) { ended.Set(); }});
  EXPECT_TRUE(co_await ended.Wait());
  co_await Answer(&stream, shared);
}

// --- Tasks that owe nothing any more. ----------------------------------------

Task<> AnswerInputAndRead(Stream stream, Shared* shared) {
  (void)co_await stream.Read();
  co_await Answer(&stream, shared);
  (void)co_await stream.Read();
}

Task<> ReadAgainAfterSilence(Stream stream, Shared* shared) {
  const auto bytes = co_await WithTimeout(kTimeout, stream.Read());
  EXPECT_TRUE(absl::IsDeadlineExceeded(bytes.status())) << bytes.status();
  shared->log.push_back("reads");
  (void)co_await stream.Read();
}

// One loop, turn by turn, which serves two connections: one by the task under
// test, and one that owes nothing and so shows when a drain closes those.
class StreamDrainTest : public ::testing::Test {
 protected:
  using Handler = Task<> (*)(Stream, Shared*);

  ~StreamDrainTest() override {
    server_.reset();
    loop_.reset();
  }

  void Serve(Handler handler) {
    shared_.loop = loop_.get();
    const auto serve = [this, handler](Stream stream) {
      const bool first = std::exchange(served_, true) == false;
      return first ? handler(std::move(stream), &shared_)
                   : ReadOnly(std::move(stream));
    };
    server_ = std::make_unique<TcpServer>(loop_.get(), LoopbackOptions(),
                                          StreamCallbacks(serve));
    ASSERT_TRUE(server_->Start().ok());
    client_.emplace(server_->addresses().front());
    idle_.emplace(server_->addresses().front());
  }

  Step Send(std::string bytes) {
    return [this, bytes = std::move(bytes)] { client_->Send(bytes); };
  }
  Step SendFin() {
    return [this] { client_->ShutdownWrite(); };
  }
  Step Advance(absl::Duration duration) {
    return [this, duration] { clock_.Advance(duration); };
  }
  Step Drain() {
    return [this] { server_->Drain(absl::InfiniteDuration()); };
  }
  Step SetAnswer() {
    return [this] { shared_.answer.Set(); };
  }
  Wait UntilOpen(size_t connections) {
    return Until([this, connections] {
      return server_->opened_connections() == connections;
    });
  }
  Wait UntilLogged(std::string what) {
    return Until([this, what] {
      return std::count(shared_.log.begin(), shared_.log.end(), what) > 0;
    });
  }
  // Time passes until so many have been closed by the drain.
  Wait UntilDrained(uint64_t connections) {
    return Until([this, connections] {
      clock_.Advance(absl::Milliseconds(100));
      return server_->closed_connections(CloseReason::kDrained) >= connections;
    });
  }
  // And much more, in which nothing else may close.
  Wait AWhile() {
    return Until([this, turns = 0]() mutable {
      clock_.Advance(absl::Seconds(1));
      return ++turns > 10;
    });
  }

  FakeClock clock_;
  // Its callbacks move the clock, and so seem to take long.
  std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  std::unique_ptr<TcpServer> server_;
  Shared shared_;
  bool served_ = false;
  std::optional<LoopbackClient> client_;
  std::optional<LoopbackClient> idle_;
};

// --- Is waited for. ----------------------------------------------------------

class StreamDrainOwingTest : public StreamDrainTest {
 protected:
  // The drain begins when the task owes; it may answer long after.
  template <typename... Steps>
  void DrainWhileItOwes(Steps... until_it_owes) {
    RunSteps(
        *loop_, UntilOpen(2), std::move(until_it_owes)..., UntilLogged("owes"),
        Drain(), UntilDrained(1), AWhile(),
        [this] {
          EXPECT_EQ(server_->closed_connections(CloseReason::kDrained), 1u);
          EXPECT_NE(server_->open_connections(), 0u);
        },
        SetAnswer(), Until([this] { return shared_.log.size() == 2; }));
    EXPECT_EQ(shared_.log.back(), "answered");
    EXPECT_EQ(client_->ReceiveAll(), "answer");
  }
};

TEST_F(StreamDrainOwingTest, ATaskThatWaitsForElseThanInput) {
  Serve(AnswerInput);
  DrainWhileItOwes(Send("question"));
}

TEST_F(StreamDrainOwingTest, ATaskThatHasReadToTheEnd) {
  Serve(AnswerAFin);
  DrainWhileItOwes(Send("question"), SendFin());
}

TEST_F(StreamDrainOwingTest, ATaskThatHasReadToTheEndAtOnce) {
  Serve(AnswerAFin);
  client_->Send("question");
  client_->ShutdownWrite();
  DrainWhileItOwes();
}

TEST_F(StreamDrainOwingTest, ATaskWhoseInputHasEndedTooSoon) {
  Serve(AnswerAFinThatComesTooSoon);
  DrainWhileItOwes(Send("question"), SendFin());
}

TEST_F(StreamDrainOwingTest, ATaskWhoseReadHasTimedOut) {
  Serve(AnswerSilence);
  DrainWhileItOwes(Advance(kTimeout));
}

TEST_F(StreamDrainOwingTest, ATaskWhoseReadWasStopped) {
  Serve(AnswerWhenStopped);
  DrainWhileItOwes([this] { shared_.stop.request_stop(); });
}

// --- Is not waited for. ------------------------------------------------------

TEST_F(StreamDrainTest, ATaskThatHasReadNothingYet) {
  Serve([](Stream stream, Shared*) { return ReadOnly(std::move(stream)); });
  RunSteps(*loop_, UntilOpen(2), Drain(), UntilDrained(2));
}

TEST_F(StreamDrainTest, ATaskThatReadsAgainAfterItsAnswer) {
  Serve(AnswerInputAndRead);
  RunSteps(*loop_, UntilOpen(2), Send("question"), UntilLogged("owes"),
           SetAnswer(), UntilLogged("answered"), Drain(), UntilDrained(2));
}

TEST_F(StreamDrainTest, ATaskThatAnswersAndReadsAgainMeanwhile) {
  Serve(AnswerInputAndRead);
  RunSteps(*loop_, UntilOpen(2), Send("question"), UntilLogged("owes"), Drain(),
           UntilDrained(1), SetAnswer(), UntilDrained(2));
  EXPECT_EQ(client_->ReceiveAll(), "answer");
}

TEST_F(StreamDrainTest, ATaskThatReadsAgainAfterItsReadHasTimedOut) {
  Serve(ReadAgainAfterSilence);
  RunSteps(*loop_, UntilOpen(2), Advance(kTimeout), UntilLogged("reads"),
           Drain(), UntilDrained(2));
}

}  // namespace
}  // namespace rondo
