#include "net/tcp/offload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "tests/net/tcp/connection_fixture.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

using SubmitResult = ThreadPool::SubmitResult;
using StopMode = ThreadPool::StopMode;

// Keeps the only thread of a pool busy from Occupy() to Release().
class Gate {
 public:
  void Occupy(ThreadPool& pool) {
    ASSERT_EQ(pool.Submit([this] { Pass(); }), SubmitResult::kAccepted);
    AwaitOccupied();
  }
  void Pass() {
    entered_.Add();
    open_.Await(1);
  }
  void AwaitOccupied() { entered_.Await(1); }
  void Release() { open_.Add(); }

 private:
  EventCount entered_;
  EventCount open_;
};

class OffloadTest : public ConnectionFixture {
 protected:
  // Something to capture in work that must not run.
  auto MustNotRun() {
    return [watch = OnDestroy([this] { ++destroyed_; })] { ADD_FAILURE(); };
  }
  auto MustNotRunThen() {
    return [watch = OnDestroy([this] { ++destroyed_; })](TcpConnection*) {
      ADD_FAILURE();
    };
  }

  std::atomic<int> destroyed_ = 0;
  Gate gate_;  // outlives the pool
  const std::unique_ptr<ThreadPool> owned_pool_ =
      NewPool({.threads = 1, .max_queued_tasks = 1});
  ThreadPool& pool_ = *owned_pool_;
};

TEST_F(OffloadTest, TheResultArrivesOnTheConnectionsLoop) {
  const Opened opened = Open();
  std::thread::id worker;
  const auto result = Offload(
      pool_, *opened.connection,
      [&] {
        worker = std::this_thread::get_id();
        return std::string("result");
      },
      [&](TcpConnection* c, std::string text) {
        EXPECT_EQ(c, opened.connection);
        EXPECT_EQ(text, "result");
        EXPECT_TRUE(loop_.IsInLoopThread());
        EXPECT_NE(worker, std::this_thread::get_id());
        loop_.Stop();
      });
  EXPECT_EQ(result, SubmitResult::kAccepted);
  loop_.Run();
}

TEST_F(OffloadTest, AnswersFromAHandler) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    EXPECT_EQ(
        Offload(
            pool_, c,
            [text = input.Take(input.readable_bytes())] { return text + "!"; },
            [](TcpConnection* c, std::string text) {
              c->Send(std::move(text));
            }),
        SubmitResult::kAccepted);
  };
  on_write_complete_ = [&](TcpConnection&) { loop_.Stop(); };
  const Opened opened = Open();
  Write(opened.peer, "hello");
  loop_.Run();
  EXPECT_EQ(Read(opened.peer), "hello!");
}

TEST_F(OffloadTest, WorkMayReturnNothing) {
  const Opened opened = Open();
  bool worked = false;
  EXPECT_EQ(Offload(
                pool_, *opened.connection, [&] { worked = true; },
                [&](TcpConnection* c) {
                  EXPECT_EQ(c, opened.connection);
                  EXPECT_TRUE(worked);
                  loop_.Stop();
                }),
            SubmitResult::kAccepted);
  loop_.Run();
}

TEST_F(OffloadTest, WorkResultAndContinuationNeedOnlyMove) {
  const Opened opened = Open();
  EXPECT_EQ(Offload(
                pool_, *opened.connection,
                [seven = std::make_unique<int>(7)]() mutable {
                  return std::move(seven);
                },
                [this, one = std::make_unique<int>(1)](
                    TcpConnection*, std::unique_ptr<int> seven) {
                  EXPECT_EQ(*one + *seven, 8);
                  loop_.Stop();
                }),
            SubmitResult::kAccepted);
  loop_.Run();
}

TEST_F(OffloadTest, AnswersAPeerThatHalfCloses) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    EXPECT_EQ(Offload(
                  pool_, c, [&] { gate_.Pass(); },
                  [](TcpConnection* c) { c->Send("answer"); }),
              SubmitResult::kAccepted);
    // After the turn that reads the FIN.
    loop_.QueueInLoop([&] {
      loop_.QueueInLoop([&] { loop_.QueueInLoop([&] { gate_.Release(); }); });
    });
  };
  on_close_ = [&](TcpConnection&, CloseReason) { loop_.Stop(); };
  const Opened opened = Open();
  Write(opened.peer, "question");
  shutdown(opened.peer.get(), SHUT_WR);
  loop_.Run();
  EXPECT_EQ(Read(opened.peer), "answer");
  EXPECT_THAT(Events(), ElementsAre("connect", "message question",
                                    "write complete", "close peer closed"));
}

TEST_F(OffloadTest, GetsNullIfTheConnectionHasClosed) {
  const Opened opened = Open();
  bool ran = false;
  EXPECT_EQ(Offload(
                pool_, *opened.connection, [&] { gate_.Pass(); },
                [&](TcpConnection* c) {
                  EXPECT_EQ(c, nullptr);
                  ran = true;
                  loop_.Stop();
                }),
            SubmitResult::kAccepted);
  on_close_ = [&](TcpConnection&, CloseReason) { gate_.Release(); };
  opened->ForceClose();
  loop_.QueueInLoop([] {});  // a turn, for the end of which that waits
  loop_.Run();
  EXPECT_TRUE(ran);
}

TEST_F(OffloadTest, IsRefusedWhenTheQueueIsFull) {
  const Opened opened = Open();
  gate_.Occupy(pool_);
  ASSERT_EQ(pool_.Submit([] {}), SubmitResult::kAccepted);
  EXPECT_EQ(Offload(pool_, *opened.connection, MustNotRun(), MustNotRunThen()),
            SubmitResult::kQueueFull);
  EXPECT_EQ(destroyed_, 2);
  gate_.Release();
  pool_.Stop(StopMode::kDrain);
}

TEST_F(OffloadTest, IsRefusedByAStoppedPool) {
  const Opened opened = Open();
  pool_.Stop(StopMode::kDrain);
  EXPECT_EQ(Offload(pool_, *opened.connection, MustNotRun(), MustNotRunThen()),
            SubmitResult::kStopped);
  EXPECT_EQ(destroyed_, 2);
}

TEST_F(OffloadTest, ACancellingPoolDestroysWorkAndContinuation) {
  const Opened opened = Open();
  gate_.Occupy(pool_);
  EXPECT_EQ(Offload(pool_, *opened.connection, MustNotRun(), MustNotRunThen()),
            SubmitResult::kAccepted);
  EXPECT_EQ(destroyed_, 0);
  std::thread stopper([&] { pool_.Stop(StopMode::kCancel); });
  AwaitTrue([&] { return destroyed_ == 2; });
  gate_.Release();
  stopper.join();
  RunTurns(loop_, 2);
}

TEST_F(OffloadTest, TheContinuationIsDestroyedIfTheLoopIsGone) {
  const Opened opened = Open();
  EXPECT_EQ(
      Offload(
          pool_, *opened.connection, [&] { gate_.Pass(); }, MustNotRunThen()),
      SubmitResult::kAccepted);
  RunTurns(loop_, 1);
  owned_loop_.reset();
  EXPECT_EQ(destroyed_, 0);
  gate_.Release();
  pool_.Stop(StopMode::kDrain);
  EXPECT_EQ(destroyed_, 1);
}

class OffloadServerTest : public ServerFixture {};

TEST_F(OffloadServerTest, TheServerMayBeDestroyedWhileWorkRuns) {
  for (const int threads : {0, 2}) {
    Gate gate;
    const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
    ThreadPool& pool = *owned_pool;
    std::atomic<bool> ran_with_connection = false;
    Start(LoopbackOptions(threads),
          {.on_message = [&](TcpConnection& c, Buffer& input) {
            input.Clear();
            EXPECT_EQ(Offload(
                          pool, c, [&] { gate.Pass(); },
                          [&](TcpConnection* c) {
                            if (c != nullptr) ran_with_connection = true;
                          }),
                      SubmitResult::kAccepted);
          }});
    LoopbackClient client = Connect();
    client.Send("x");
    gate.AwaitOccupied();
    server_.reset();
    gate.Release();
    pool.Stop(StopMode::kDrain);
    acceptor_loop()->RunAndWait([] {});
    EXPECT_FALSE(ran_with_connection);
  }
}

TEST_F(OffloadServerTest, ManyAnswersComeToWhomTheyAreFor) {
  constexpr int kClients = 8;
  constexpr int kRequests = 50;
  const std::unique_ptr<ThreadPool> owned_pool =
      NewPool({.threads = 3, .max_queued_tasks = kClients});
  ThreadPool& pool = *owned_pool;
  Start(LoopbackOptions(2),
        {.on_message = [&](TcpConnection& c, Buffer& input) {
          EXPECT_EQ(
              Offload(
                  pool, c,
                  [text = input.Take(input.readable_bytes())] { return text; },
                  [](TcpConnection* c, std::string text) {
                    c->Send(std::move(text));
                  }),
              SubmitResult::kAccepted);
        }});
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      LoopbackClient client = Connect();
      for (int n = 0; n < kRequests; ++n) {
        const std::string text = std::to_string(i * kRequests + n);
        EXPECT_EQ(client.Exchange(text), text);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  server_.reset();  // before the pool
}

}  // namespace
}  // namespace rondo
