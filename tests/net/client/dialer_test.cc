#include "net/client/dialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "net/reactor/event_loop.h"
#include "tests/net/client/listening_socket.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A dialer on a loop that runs turn by turn.
class DialerTest : public ::testing::Test {
 protected:
  void Make(DialerOptions options = {}) {
    dialer_.emplace(
        loop_.get(), options,
        ConnectionCallbacks{.on_connect =
                                [this](TcpConnection& c) {
                                  events_.push_back("on_connect");
                                  if (at_connect_) at_connect_(c);
                                },
                            .on_close =
                                [this](TcpConnection&, CloseReason reason) {
                                  events_.push_back("on_close");
                                  reasons_.push_back(reason);
                                }});
  }

  Request Dial(const InetAddress& address) {
    return dialer_->Dial(address, [this](absl::StatusOr<TcpConnection*> c) {
      events_.push_back(c.ok() ? "dialed" : "failed");
      if (c.ok()) {
        connection_ = *c;
      } else {
        status_ = c.status();
      }
      if (at_dialed_) at_dialed_();
    });
  }

  // Steps, one in each turn, and then some turns for what is not to come.
  template <typename... Steps>
  void Run(Steps... steps) {
    RunSteps(
        *loop_, std::move(steps)..., [] {}, [] {});
  }
  // Until `event` has been told.
  Wait Tells(const std::string& event) {
    return Until([this, event] { return std::ranges::count(events_, event); });
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  ListeningSocket server_;
  RefusingAddress nobody_;
  std::optional<Dialer> dialer_;
  Request request_;
  std::vector<std::string> events_;
  std::vector<CloseReason> reasons_;
  absl::AnyInvocable<void(TcpConnection&)> at_connect_;
  Step at_dialed_;
  TcpConnection* connection_ = nullptr;  // while it is open
  absl::Status status_;
};

TEST_F(DialerTest, GivesTheConnectionAfterItsOnConnect) {
  Make();
  Run(
      [&] {
        request_ = Dial(server_.address());
        EXPECT_THAT(events_, IsEmpty());
        EXPECT_EQ(dialer_->dialing(), 1u);
      },
      Tells("dialed"),
      [&] {
        EXPECT_THAT(events_, ElementsAre("on_connect", "dialed"));
        EXPECT_EQ(connection_->peer_address(), server_.address());
        EXPECT_EQ(dialer_->dialing(), 0u);
        EXPECT_EQ(dialer_->open_connections(), 1u);
      });
}

TEST_F(DialerTest, GivesTheReasonOfAFailure) {
  Make();
  Run([&] { request_ = Dial(nobody_.address()); }, Tells("failed"));
  EXPECT_THAT(events_, ElementsAre("failed"));
  EXPECT_THAT(std::string(status_.message()), HasSubstr("refused"));
  EXPECT_EQ(dialer_->dialing(), 0u);
}

TEST_F(DialerTest, WhatEndsInItsOnConnectWasNotDialed) {
  Make();
  at_connect_ = [](TcpConnection& c) { c.ForceClose(); };
  Run([&] { request_ = Dial(server_.address()); }, Tells("failed"));
  EXPECT_THAT(events_, ElementsAre("on_connect", "on_close", "failed"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kCancelled);
}

TEST_F(DialerTest, WhatIsWithdrawnIsNotAnswered) {
  Make();
  const auto destroyed = std::make_shared<bool>(false);
  Run(
      [&] {
        request_ = dialer_->Dial(
            server_.address(),
            [this, on = OnDestroy([destroyed] { *destroyed = true; })](
                const auto&) { events_.push_back("dialed"); });
        request_.Withdraw();
        EXPECT_TRUE(*destroyed);
        EXPECT_EQ(dialer_->dialing(), 0u);
      },
      [] {});
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(DialerTest, ARequestMayBeWithdrawnByItsOwnCallback) {
  Make();
  at_dialed_ = [this] { request_.Withdraw(); };
  Run([&] { request_ = Dial(server_.address()); }, Tells("dialed"));
  EXPECT_THAT(events_, ElementsAre("on_connect", "dialed", "on_close"));
}

TEST_F(DialerTest, OneCallbackMayWithdrawTheOthers) {
  Make();
  std::vector<Request> requests;
  at_dialed_ = [&] { requests.clear(); };
  Run(
      [&] {
        for (int i = 0; i < 5; ++i) requests.push_back(Dial(nobody_.address()));
      },
      Tells("failed"));
  EXPECT_THAT(events_, ElementsAre("failed"));
  EXPECT_EQ(dialer_->dialing(), 0u);
}

TEST_F(DialerTest, ConnectionsShareLimits) {
  ConnectionLimits limits = ClientLimits();
  limits.idle_timeout = absl::Seconds(5);
  Make({.limits = limits});
  Run([&] { request_ = Dial(server_.address()); }, Tells("dialed"),
      [&] { clock_.Advance(absl::Seconds(5)); }, Tells("on_close"));
  EXPECT_THAT(reasons_, ElementsAre(CloseReason::kIdleTimeout));
}

TEST_F(DialerTest, BadOptionsFailEachDial) {
  Make({.connector = {.timeout = absl::ZeroDuration()}});
  Run([&] { request_ = Dial(server_.address()); }, Tells("failed"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status_.message()), HasSubstr("timeout is 0"));
  EXPECT_FALSE(server_.HasWaiting());
}

TEST_F(DialerTest, DestroyedItEndsItsConnectionsAndForgetsTheRest) {
  Make();
  Request other;
  Run([&] { request_ = Dial(server_.address()); }, Tells("dialed"),
      [&] {
        events_.clear();
        other = Dial(server_.address());
        dialer_.reset();
        EXPECT_THAT(events_, ElementsAre("on_close"));
        EXPECT_THAT(reasons_, ElementsAre(CloseReason::kForceClosed));
      },
      [] {});
  EXPECT_EQ(events_.size(), 1u);
}

TEST_F(DialerTest, MayBeDestroyedByOnConnect) {
  Make();
  at_connect_ = [this](TcpConnection&) { dialer_.reset(); };
  Run([&] { request_ = Dial(server_.address()); }, Tells("on_close"));
  EXPECT_THAT(events_, ElementsAre("on_connect", "on_close"));
}

TEST_F(DialerTest, MayBeDestroyedByItsAnswer) {
  Make();
  at_dialed_ = [this] { dialer_.reset(); };
  Run([&] { request_ = Dial(server_.address()); }, Tells("on_close"));
  EXPECT_THAT(events_, ElementsAre("on_connect", "dialed", "on_close"));
}

TEST_F(DialerTest, MayBeDestroyedByAFailure) {
  Make();
  at_dialed_ = [this] { dialer_.reset(); };
  Request other;
  Run(
      [&] {
        request_ = Dial(nobody_.address());
        other = Dial(nobody_.address());
      },
      Tells("failed"));
  EXPECT_THAT(events_, ElementsAre("failed"));
}

TEST_F(DialerTest, ACallbackThatOwnsRequestsIsDestroyedWithTheDialer) {
  Make();
  Run([&] {
    request_ = dialer_->Dial(server_.address(),
                             [other = Dial(server_.address())](const auto&) {});
    dialer_.reset();
  });
  EXPECT_THAT(events_, IsEmpty());
}

}  // namespace
}  // namespace rondo
