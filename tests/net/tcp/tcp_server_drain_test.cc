// Servers that drain: who is still served, and who may be told to stop at the
// same time.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "base/thread.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

class TcpServerDrainTest : public ServerFixture {
 protected:
  ~TcpServerDrainTest() override { server_.reset(); }  // it uses these

  static TcpServerOptions OneForEachAddress(int threads) {
    TcpServerOptions options = LoopbackOptions(threads);
    options.max_connections_per_address = 1;
    options.over_address = OverLimit::kWait;
    return options;
  }

  // A client that has been served.
  LoopbackClient Served() {
    LoopbackClient client = Connect();
    EXPECT_EQ(client.Exchange("hello"), "hello");
    return client;
  }

  std::atomic<bool> now_{false};
  EventCount events_;
};

// --- Who is served. ----------------------------------------------------------

TEST_F(TcpServerDrainTest, AReplyThatComesInPartsIsNotCut) {
  std::atomic<int> left = 100;
  Start(LoopbackOptions(1),
        {.on_message =
             [](TcpConnection& c, Buffer& input) {
               input.Clear();
               c.Send(std::string(10'000, 'x'));
             },
         .on_write_complete =
             [&left](TcpConnection& c) {
               if (--left > 0) c.Send(std::string(10'000, 'x'));
             },
         .on_drain = [this](TcpConnection&) { events_.Add(); }});
  LoopbackClient client = Connect();
  AwaitTrue([&] { return server_->open_connections() == 1; });
  server_->Drain(absl::InfiniteDuration());
  events_.Await(1);
  client.Send("question");
  EXPECT_EQ(client.ReceiveAll().size(), 1'000'000u);
}

TEST_F(TcpServerDrainTest, WhoWaitsForItsAddressIsServed) {
  Start(OneForEachAddress(1));
  LoopbackClient first = Served();
  LoopbackClient waiting = Connect();
  waiting.Send("hello");
  AwaitTrue([&] { return server_->waiting_connections() == 1; });
  server_->Drain(absl::InfiniteDuration());
  first.Close();
  EXPECT_EQ(waiting.Receive(5), "hello");
  EXPECT_EQ(waiting.AwaitEnd(), End::kFin);
}

TEST_F(TcpServerDrainTest, WhoWaitsIsServedAfterLeavingTheSockets) {
  Start(OneForEachAddress(1));
  LoopbackClient first = Served();
  LoopbackClient waiting = Connect();
  waiting.Send("hello");
  AwaitTrue([&] { return server_->waiting_connections() == 1; });
  server_->LeaveListening();
  server_->Drain(absl::InfiniteDuration());
  first.Close();
  EXPECT_EQ(waiting.Receive(5), "hello");
}

TEST_F(TcpServerDrainTest, WhoWaitsInTheBacklogIsServed) {
  TcpServerOptions options = LoopbackOptions(1);
  options.max_connections = 1;
  options.max_connections_per_address = SIZE_MAX;
  options.over_connections = OverLimit::kWait;
  Start(options);
  LoopbackClient first = Served();
  std::vector<LoopbackClient> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send("hello");
  }
  server_->Drain(absl::InfiniteDuration());
  first.Close();
  for (LoopbackClient& client : waiting) {
    EXPECT_EQ(client.Receive(5), "hello");
    client.Close();
  }
}

TEST_F(TcpServerDrainTest, WhoWaitsLongerThanTheGraceIsDropped) {
  Start(OneForEachAddress(1));
  LoopbackClient first = Served();
  first.Send("half of what it wants to say");
  LoopbackClient waiting = Connect();
  AwaitTrue([&] { return server_->waiting_connections() == 1; });
  server_->Stop(absl::Milliseconds(1));
  EXPECT_EQ(server_->waiting_connections(), 0u);
  EXPECT_EQ(waiting.AwaitEnd(), End::kFin);
}

// --- Several that end it. ----------------------------------------------------

// The first is held up where it ends the listeners; meanwhile all connections
// leave.
TEST_F(TcpServerDrainTest, ASecondDrainerIsToldToo) {
  Start(LoopbackOptions(1));
  LoopbackClient client = Served();
  std::latch go(1);
  acceptor_loop()->QueueInLoop([&] { go.wait(); });
  Thread first =
      NewThread("first", [this] { server_->Drain(absl::InfiniteDuration()); });
  AwaitTrue([&] { return server_->listening_fds().empty(); });
  Thread second =
      NewThread("second", [this] { server_->Stop(absl::InfiniteDuration()); });
  client.Close();
  AwaitTrue([&] { return server_->open_connections() == 0; });
  go.count_down();
  first.Join();
  second.Join();
}

// One callback drains while another, on the loop that accepts, stops it.
TEST_F(TcpServerDrainTest, CallbacksThatDrainAndStopDoNotWaitForEachOther) {
  Start(LoopbackOptions(1), {.on_message = [this](TcpConnection&, Buffer& in) {
          in.Clear();
          server_->Drain(absl::InfiniteDuration());
        }});
  LoopbackClient client = Connect();
  AwaitTrue([&] { return server_->open_connections() == 1; });
  acceptor_loop()->QueueInLoop([this] {
    events_.Add();
    AwaitTrue([this] { return server_->listening_fds().empty(); });
    server_->Stop();
    events_.Add();
  });
  events_.Await(1);
  client.Send("x");
  events_.Await(2);
}

TEST_F(TcpServerDrainTest, StopAwaitsTheCallbackThatHasStoppedIt) {
  std::latch go(1);
  std::atomic<bool> closed = false;
  Start(LoopbackOptions(1),
        {.on_message =
             [&](TcpConnection&, Buffer& input) {
               input.Clear();
               server_->Stop();
               events_.Add();
               go.wait();
             },
         .on_close = [&](TcpConnection&, CloseReason) { closed = true; }});
  LoopbackClient client = Connect();
  client.Send("x");
  events_.Await(1);
  std::atomic<bool> returned = false;
  Thread stopper = NewThread("stopper", [&] {
    EXPECT_TRUE(server_->Stop().complete);
    EXPECT_TRUE(closed);
    returned = true;
  });
  EXPECT_FALSE(returned);
  go.count_down();
  stopper.Join();
}

// --- While those who wait are admitted. --------------------------------------

class TcpServerAdmittingTest : public TcpServerDrainTest {
 protected:
  // Two are served and three wait; then both leave in one turn.
  void AdmitSeveralAtOnce() {
    LoopbackClient clients[] = {Served(), Served()};
    for (int i = 0; i < 3; ++i) waiting_.push_back(Connect());
    AwaitTrue([&] { return server_->waiting_connections() == 3; });
    now_ = true;
    std::latch go(1);
    acceptor_loop()->QueueInLoop([&] { go.wait(); });
    for (LoopbackClient& client : clients) client.Close();
    go.count_down();
    events_.Await(1);
  }

  static TcpServerOptions Options() {
    TcpServerOptions options = OneForEachAddress(0);
    options.max_connections_per_address = 2;
    return options;
  }

  std::vector<LoopbackClient> waiting_;
};

TEST_F(TcpServerAdmittingTest, TheFirstMayDestroyTheServer) {
  ConnectionCallbacks callbacks = EchoCallbacks();
  callbacks.on_connect = [this](TcpConnection&) {
    if (!now_.exchange(false)) return;
    server_.reset();
    events_.Add();
  };
  Start(Options(), std::move(callbacks));
  AdmitSeveralAtOnce();
  for (LoopbackClient& client : waiting_) {
    EXPECT_NE(client.AwaitEnd(), End::kStuck);
  }
}

TEST_F(TcpServerAdmittingTest, TheFirstMayDrainTheServer) {
  std::vector<LoopbackClient> more;
  ConnectionCallbacks callbacks = EchoCallbacks();
  callbacks.on_connect = [&](TcpConnection&) {
    if (!now_.exchange(false)) return;
    for (int i = 0; i < 20; ++i) more.push_back(Connect());
    server_->Drain(absl::InfiniteDuration());
    events_.Add();
  };
  Start(Options(), std::move(callbacks));
  AdmitSeveralAtOnce();
  for (auto* clients : {&waiting_, &more}) {
    for (LoopbackClient& client : *clients) {
      EXPECT_EQ(client.Exchange("hello"), "hello");
      client.Close();
    }
  }
}

}  // namespace
}  // namespace rondo
