// Connections whose output is another's input, as in a proxy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "net/tcp/connection_handle.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/tcp/connection_fixture.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::Not;

constexpr size_t kHigh = 100'000;
constexpr ConnectionLimits kLimits = {.low_water_mark_bytes = kHigh / 2,
                                      .high_water_mark_bytes = kHigh};

// --- On one loop. ------------------------------------------------------------

class TcpConnectionFeederTest : public ConnectionFixture {
 protected:
  // One whose kernel takes nothing, with more than the high mark queued.
  Opened OpenAbove(const Opened& feeder) {
    Opened fed = OpenWithLimits(kLimits);
    fed.script->writes.assign(1'000, {.error = EAGAIN});
    fed->SetFeeder(feeder->handle());
    fed->Send(std::string(kHigh + 1, 'x'));
    return fed;
  }

  // One step in which `peer` sends; two in which it is read, if it is.
  static std::vector<Step> Sending(const Opened& opened, const char* bytes) {
    std::vector<Step> steps;
    steps.push_back([&opened, bytes] { Write(opened.peer, bytes); });
    steps.push_back([] {});
    steps.push_back([] {});
    return steps;
  }

  static void Append(std::vector<Step>& to, std::vector<Step> steps) {
    for (Step& step : steps) to.push_back(std::move(step));
  }

  // Lets all of `opened`'s output out, and has its peer read it.
  static std::vector<Step> Draining(const Opened& opened) {
    std::vector<Step> steps;
    for (int i = 0; i < 10; ++i) {
      steps.push_back([&opened] {
        opened.script->writes.clear();
        ReadAll(opened.peer);
      });
    }
    return steps;
  }

  const Opened feeder_ = OpenWithLimits(kLimits);
};

TEST_F(TcpConnectionFeederTest, IsNotReadWhileWhatItFeedsIsAboveTheMark) {
  const Opened fed = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  Append(steps, Sending(feeder_, "held back"));
  Append(steps, Sending(fed, "the other way"));
  steps.push_back([&] {
    const std::vector<std::string> events = Events();
    EXPECT_THAT(events, Contains("message the other way"));
    EXPECT_THAT(events, Not(Contains("message held back")));
  });
  Append(steps, Draining(fed));
  steps.push_back(
      [&] { EXPECT_THAT(Events(), Contains("message held back")); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, OfSeveralWaitsForAll) {
  const Opened one = OpenAbove(feeder_);
  const Opened two = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  Append(steps, Draining(one));
  Append(steps, Sending(feeder_, "held back"));
  steps.push_back(
      [&] { EXPECT_THAT(Events(), Not(Contains("message held back"))); });
  Append(steps, Draining(two));
  steps.push_back(
      [&] { EXPECT_THAT(Events(), Contains("message held back")); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, IsReadAgainWhenWhatItFeedsCloses) {
  const Opened fed = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  steps.push_back([&] { fed->ForceClose(); });
  Append(steps, Sending(feeder_, "input"));
  steps.push_back([&] { EXPECT_THAT(Events(), Contains("message input")); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, MayCloseBeforeWhatItFeeds) {
  const Opened fed = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  steps.push_back([&] { feeder_->ForceClose(); });
  Append(steps, Draining(fed));
  Append(steps, Sending(fed, "input"));
  steps.push_back([&] {
    EXPECT_FALSE(fed->above_high_water());
    EXPECT_THAT(Events(), Contains("message input"));
  });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, AnotherTakesItsPlaceAndThePressure) {
  const Opened other = OpenWithLimits(kLimits);
  const Opened fed = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  steps.push_back([&] { fed->SetFeeder(other->handle()); });
  Append(steps, Sending(feeder_, "free"));
  Append(steps, Sending(other, "held back"));
  steps.push_back([&] {
    const std::vector<std::string> events = Events();
    EXPECT_THAT(events, Contains("message free"));
    EXPECT_THAT(events, Not(Contains("message held back")));
  });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, IsItselfAgainWhenSaidSo) {
  const Opened fed = OpenAbove(feeder_);
  std::vector<Step> steps;
  steps.push_back([] {});
  steps.push_back([&] { fed->SetFeeder(fed->handle()); });
  Append(steps, Sending(feeder_, "free"));
  Append(steps, Sending(fed, "held back"));
  steps.push_back([&] {
    const std::vector<std::string> events = Events();
    EXPECT_THAT(events, Contains("message free"));
    EXPECT_THAT(events, Not(Contains("message held back")));
  });
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFeederTest, WhatWasLeftIsPassedAgainWhenThePressureEnds) {
  const Opened fed = OpenAbove(feeder_);
  int calls = 0;
  std::vector<Step> steps;
  steps.push_back([] {});
  Append(steps, Draining(fed));
  steps.push_back([&] {
    on_message_ = [&](TcpConnection&, Buffer& input) {
      if (++calls == 2) return input.Clear();
      fed.script->writes.assign(1'000, {.error = EAGAIN});
      fed->Send(std::string(kHigh + 1, 'x'));
    };
  });
  Append(steps, Sending(feeder_, "kept"));
  steps.push_back([&] { EXPECT_EQ(calls, 1); });
  Append(steps, Draining(fed));
  steps.push_back([&] { EXPECT_EQ(calls, 2); });
  RunSteps(loop_, std::move(steps));
}

// Each keeps the other's link: nobody must keep both for ever.
TEST_F(TcpConnectionFeederTest, TwoMayFeedEachOther) {
  const Opened fed = OpenAbove(feeder_);
  feeder_->SetFeeder(fed->handle());
  std::vector<Step> steps;
  steps.push_back([] {});
  Append(steps, Sending(fed, "input"));
  steps.push_back([&] { EXPECT_THAT(Events(), Contains("message input")); });
  Append(steps, Draining(fed));
  steps.push_back([&] {
    fed->Close();
    feeder_->Close();
  });
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(table().size(), 0u);
}

// --- On two loops. -----------------------------------------------------------

// The first client's connection feeds the second's, which is on another loop.
class TcpConnectionFarFeederTest : public ServerFixture {
 protected:
  ~TcpConnectionFarFeederTest() override { server_.reset(); }  // it uses these

  void StartPair() {
    TcpServerOptions options = LoopbackOptions(2);
    options.limits = kLimits;
    Start(options,
          {.on_connect =
               [this](TcpConnection& c) {
                 handles_.push_back(c.handle());
                 connected_.Add();
               },
           .on_message =
               [this](TcpConnection&, Buffer& input) {
                 for (size_t i = input.readable_bytes(); i > 0; --i) {
                   received_.Add();
                 }
                 input.Clear();
               },
           .on_close = [this](TcpConnection&, CloseReason) { closed_.Add(); }});
    for (int i : {1, 2}) {
      clients_.push_back(Connect());
      connected_.Await(i);
    }
    handles_[1].Run(
        [feeder = handles_[0]](TcpConnection* c) { c->SetFeeder(feeder); });
  }

  // Queues for the second client until its connection is above the mark, and
  // returns when the first's has heard of it.
  void RaiseAbove() {
    std::atomic<bool> above = false;
    AwaitTrue([&] {
      handles_[1].Run([&](TcpConnection* c) {
        if (c->above_high_water()) {
          above = true;
        } else {
          c->Send(std::string(kHigh, 'x'));
          sent_ += kHigh;
        }
      });
      AwaitTurns();
      return above.load();
    });
    AwaitTurns();
  }

  // Has the first client send, and sees that this is not read.
  void ExpectHeldBack() {
    clients_[0].Send("x");
    for (int i = 0; i < 10; ++i) AwaitTurns();
    EXPECT_EQ(received_.count(), 0);
  }

  std::vector<ConnectionHandle> handles_;  // one loop at a time
  std::atomic<size_t> sent_ = 0;
  EventCount connected_;
  EventCount received_;  // bytes
  EventCount closed_;
  std::vector<LoopbackClient> clients_;
};

TEST_F(TcpConnectionFarFeederTest, IsNotReadUntilTheOthersPeerHasRead) {
  StartPair();
  RaiseAbove();
  ExpectHeldBack();
  EXPECT_EQ(clients_[1].Receive(sent_).size(), sent_);
  received_.Await(1);
}

TEST_F(TcpConnectionFarFeederTest, IsReadAgainWhenWhatItFeedsCloses) {
  StartPair();
  RaiseAbove();
  ExpectHeldBack();
  handles_[1].ForceClose();
  received_.Await(1);
}

TEST_F(TcpConnectionFarFeederTest, MayCloseBeforeWhatItFeeds) {
  StartPair();
  RaiseAbove();
  handles_[0].ForceClose();
  closed_.Await(1);
  EXPECT_EQ(clients_[1].Receive(sent_).size(), sent_);
  clients_[1].Send("x");
  received_.Await(1);
}

TEST_F(TcpConnectionFarFeederTest, MayHaveItsLoopStoppedFirst) {
  StartPair();
  RaiseAbove();
  server_.reset();
  EXPECT_EQ(closed_.count(), 2);
}

}  // namespace
}  // namespace rondo
