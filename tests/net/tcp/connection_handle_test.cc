#include "net/tcp/connection_handle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// Posts come after the step that was queued before them.
const auto kMailIsRead = [] {};

using Payload = std::shared_ptr<const std::string>;

void ExpectDead(const ConnectionHandle& handle) {
  EXPECT_TRUE(handle.closed());
  EXPECT_FALSE(handle.Send("x"));
  EXPECT_FALSE(handle.Send(std::make_shared<const std::string>("x")));
  EXPECT_FALSE(handle.Send(Payload()));
  EXPECT_FALSE(handle.Shutdown());
  EXPECT_FALSE(handle.Close());
  EXPECT_FALSE(handle.ForceClose());
  EXPECT_EQ(handle.bytes_in_mailbox(), 0u);
}

// --- On a loop that the test takes turn by turn. -----------------------------

class ConnectionHandleTest : public ConnectionFixture {};

TEST_F(ConnectionHandleTest, OfNoConnectionDoesNothing) {
  const ConnectionHandle handle;
  ExpectDead(handle);
  EXPECT_FALSE(handle.Run([](TcpConnection*) { ADD_FAILURE(); }));
  EXPECT_EQ(handle, ConnectionHandle());
}

TEST_F(ConnectionHandleTest, IsTheSameForTheSameConnection) {
  const Opened a = Open();
  const Opened b = Open();
  const ConnectionHandle handle = a->handle();
  const ConnectionHandle copy = handle;
  EXPECT_EQ(handle, copy);
  EXPECT_EQ(handle, a->handle());
  EXPECT_FALSE(handle == b->handle());
  EXPECT_FALSE(handle == ConnectionHandle());
}

TEST_F(ConnectionHandleTest, SendsOfOneTurnLeaveInOneWrite) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        EXPECT_TRUE(handle.Send("one "));
        EXPECT_TRUE(handle.Send(std::make_shared<const std::string>("two ")));
        EXPECT_TRUE(handle.Send(Payload()));
        EXPECT_TRUE(handle.Send("three"));
      },
      kMailIsRead, [&] { EXPECT_EQ(Read(opened.peer), "one two three"); });
  EXPECT_THAT(opened.script->write_calls, ElementsAre(13));
}

TEST_F(ConnectionHandleTest, CountsBytesInTheMailbox) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        handle.Send(std::string(10, 'x'));
        EXPECT_EQ(handle.bytes_in_mailbox(), 10u);
        handle.Send(std::make_shared<const std::string>(5, 'x'));
        EXPECT_EQ(handle.bytes_in_mailbox(), 15u);
        EXPECT_EQ(opened->output_bytes(), 0u);
      },
      kMailIsRead,
      [&] {
        EXPECT_EQ(handle.bytes_in_mailbox(), 0u);
        EXPECT_EQ(opened->bytes_sent(), 15u);
      });
}

TEST_F(ConnectionHandleTest, ShutdownSendsFinAfterWhatWasSent) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        handle.Send("last");
        EXPECT_TRUE(handle.Shutdown());
        EXPECT_TRUE(handle.Send("too late, but not closed yet"));
      },
      kMailIsRead,
      [&] {
        EXPECT_EQ(ReadAll(opened.peer), "last");
        EXPECT_TRUE(AtEnd(opened.peer));
        EXPECT_FALSE(handle.closed());
      });
}

TEST_F(ConnectionHandleTest, CloseSendsWhatWasSentAndCloses) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        handle.Send("last");
        EXPECT_TRUE(handle.Close());
      },
      kMailIsRead,
      [&] {
        EXPECT_EQ(ReadAll(opened.peer), "last");
        EXPECT_TRUE(AtEnd(opened.peer));
        ExpectDead(handle);
      });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "write complete", "close local closed"));
}

TEST_F(ConnectionHandleTest, ForceCloseDropsWhatWasSent) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        handle.Send("dropped");
        EXPECT_TRUE(handle.ForceClose());
      },
      kMailIsRead,
      [&] {
        EXPECT_TRUE(AtEnd(opened.peer));
        ExpectDead(handle);
      });
  EXPECT_THAT(Events(), ElementsAre("connect", "close force closed"));
}

TEST_F(ConnectionHandleTest, RunGetsTheConnectionThenNull) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  std::vector<TcpConnection*> got;
  const auto note = [&](TcpConnection* c) { got.push_back(c); };
  RunSteps(
      loop_,
      [&] {
        EXPECT_TRUE(handle.Run(note));
        EXPECT_TRUE(got.empty()) << "runs later, even from its own thread";
      },
      [&] {
        EXPECT_TRUE(handle.ForceClose());
        EXPECT_TRUE(handle.Run(note));  // reaches it before the turn ends
      },
      [&] { EXPECT_TRUE(handle.Run(note)); });
  EXPECT_THAT(got, ElementsAre(opened.connection, opened.connection, nullptr));
}

TEST_F(ConnectionHandleTest, WhatReachesAClosedConnectionIsDropped) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        // Ahead of the mailbox, so that it finds the connection closed.
        table().CloseAll(group_.get(), CloseReason::kServerStopped);
        ExpectDead(handle);
      },
      [&] { EXPECT_EQ(table().size(), 0u); });
  EXPECT_EQ(ReadAll(opened.peer), "");
}

TEST_F(ConnectionHandleTest, TakenInTheLastCallbackIsClosed) {
  ConnectionHandle handle;
  on_close_ = [&](TcpConnection& c, CloseReason) { handle = c.handle(); };
  const Opened opened = Open();
  std::vector<TcpConnection*> got;
  RunSteps(
      loop_, [&] { opened->Close(); },
      [&] {
        ExpectDead(handle);
        EXPECT_TRUE(handle.Run([&](TcpConnection* c) { got.push_back(c); }));
      });
  EXPECT_THAT(got, ElementsAre(nullptr));
}

TEST_F(ConnectionHandleTest, IsClosedInTheLastCallback) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  on_close_ = [&](TcpConnection&, CloseReason) { ExpectDead(handle); };
  RunSteps(loop_, [&] { opened->Close(); });
  EXPECT_THAT(Events(), ElementsAre("connect", "close local closed"));
}

TEST_F(ConnectionHandleTest, WhatComesAfterTheLoopsEndIsDestroyedUnrun) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  int destroyed = 0;
  const auto post = [&] {
    return handle.Run([watch = OnDestroy([&] { ++destroyed; })](
                          TcpConnection*) { ADD_FAILURE(); });
  };
  on_close_ = [&](TcpConnection&, CloseReason) { EXPECT_TRUE(post()); };
  RunSteps(loop_, [&] {
    loop_.Stop();
    EXPECT_TRUE(post());
  });
  EXPECT_EQ(destroyed, 2);
  EXPECT_TRUE(handle.closed());
  owned_loop_.reset();
  EXPECT_FALSE(post());
  EXPECT_EQ(destroyed, 3);
  ExpectDead(handle);
}

TEST_F(ConnectionHandleTest, OutlivesALoopThatNeverRan) {
  const ConnectionHandle handle = Open()->handle();
  EXPECT_TRUE(handle.Send("never arrives"));
  owned_loop_.reset();
  EXPECT_TRUE(handle.closed());
  EXPECT_FALSE(handle.Send("x"));
}

// --- From other threads, to a server. ----------------------------------------

class ConnectionHandleServerTest : public ServerFixture {
 protected:
  ~ConnectionHandleServerTest() override { server_.reset(); }

  // Starts a server that reports each connection's handle.
  void StartReporting() {
    Start(LoopbackOptions(1), {.on_connect = [this](TcpConnection& c) {
            handle_ = c.handle();
            connected_.Add();
          }});
  }

  ConnectionHandle handle_;  // read it when connected_
  EventCount connected_;
};

TEST_F(ConnectionHandleServerTest, KeepsTheOrderOfEachThread) {
  constexpr int kThreads = 4;
  constexpr int kLines = 5'000;
  StartReporting();
  LoopbackClient client = Connect();
  connected_.Await(1);
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([handle = handle_, t, &running] {
      const std::string name(1, 'a' + t);
      for (int i = 0; i < kLines; ++i) {
        EXPECT_TRUE(handle.Send(name + std::to_string(i) + "\n"));
      }
      if (--running == 0) handle.Close();
    });
  }
  std::istringstream received(client.ReceiveAll());
  for (std::thread& thread : threads) thread.join();
  std::map<char, int> next;
  for (std::string line; std::getline(received, line);) {
    EXPECT_EQ(line.substr(1), std::to_string(next[line[0]]++));
  }
  EXPECT_THAT(next, testing::SizeIs(kThreads));
  EXPECT_THAT(next, testing::Each(testing::Pair(testing::_, kLines)));
}

TEST_F(ConnectionHandleServerTest, RunsOnTheConnectionsLoop) {
  StartReporting();
  LoopbackClient client = Connect();
  connected_.Await(1);
  EventCount ran;
  EXPECT_TRUE(handle_.Run([&](TcpConnection* c) {
    ASSERT_NE(c, nullptr);
    EXPECT_TRUE(c->loop()->IsInLoopThread());
    EXPECT_EQ(c->peer_address(), client.LocalAddress());
    ran.Add();
  }));
  ran.Await(1);
}

TEST_F(ConnectionHandleServerTest, LearnsThatThePeerHasGone) {
  StartReporting();
  Connect().Close();
  connected_.Await(1);
  AwaitTrue([&] { return handle_.closed(); });
  ExpectDead(handle_);
}

TEST_F(ConnectionHandleServerTest, OutlivesConnectionServerAndLoops) {
  StartReporting();
  LoopbackClient client = Connect();
  connected_.Await(1);
  handle_.Send("hello");
  EXPECT_EQ(client.Receive(5), "hello");
  server_->Stop();
  ExpectDead(handle_);
  server_.reset();
  acceptor_thread_.reset();
  ExpectDead(handle_);
  EXPECT_FALSE(handle_.Run([](TcpConnection*) { ADD_FAILURE(); }));
}

}  // namespace
}  // namespace rondo
