#ifndef RONDO_TESTS_NET_CLIENT_TCP_CLIENT_FIXTURE_H_
#define RONDO_TESTS_NET_CLIENT_TCP_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "net/client/tcp_client.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"
#include "tests/net/client/listening_socket.h"
#include "tests/testing/loops.h"

namespace rondo {

// A client on a loop that runs turn by turn, and what it tells.
class TcpClientFixture : public ::testing::Test {
 protected:
  static constexpr absl::Duration kDelay = absl::Milliseconds(100);

  static TcpClientOptions To(const InetAddress& server) {
    return {.server = server, .retry = {.initial_delay = kDelay, .jitter = 0}};
  }
  static TcpClientOptions ToAgain(const InetAddress& server) {
    TcpClientOptions options = To(server);
    options.reconnect = true;
    return options;
  }

  void Make(TcpClientOptions options) {
    client_.emplace(
        loop_.get(), std::move(options),
        ConnectionCallbacks{.on_connect =
                                [this](TcpConnection&) {
                                  ++connects_;
                                  Call(at_connect_);
                                },
                            .on_message =
                                [this](TcpConnection&, Buffer& input) {
                                  input_ += input.view();
                                  input.Clear();
                                  Call(at_message_);
                                },
                            .on_close =
                                [this](TcpConnection&, CloseReason reason) {
                                  closes_.push_back(reason);
                                  Call(at_close_);
                                }},
        [this](const ConnectFailure& failure) {
          failures_.push_back(failure);
          Call(at_failure_);
        });
  }

  // Steps, one in each turn, and then some turns for what is not to come.
  template <typename... Steps>
  void Run(Steps... steps) {
    RunSteps(
        *loop_, std::move(steps)..., [] {}, [] {}, [] {});
  }
  Step Connect() {
    return [this] { client_->Connect(); };
  }
  Step Advance(absl::Duration d) {
    return [this, d] { clock_.Advance(d); };
  }
  // The server closes the connection that is next in its backlog.
  Step HangUp() {
    return [this] { server_.Accept(); };
  }
  // Destroys the client from inside one of its callbacks.
  Step Destroy() {
    return [this] { client_.reset(); };
  }

  // Until so many have been told, from the beginning on.
  Wait Connects(int count = 1) {
    return Until([this, count] { return connects_ >= count; });
  }
  Wait Failures(size_t count = 1) {
    return Until([this, count] { return failures_.size() >= count; });
  }
  Wait Closes(size_t count = 1) {
    return Until([this, count] { return closes_.size() >= count; });
  }

  std::vector<absl::Duration> RetryDelays() const {
    std::vector<absl::Duration> delays;
    for (const auto& failure : failures_) {
      delays.push_back(failure.retry_after);
    }
    return delays;
  }

  static void Call(Step& step) {
    if (step) step();
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  ListeningSocket server_;
  RefusingAddress nobody_;
  std::optional<TcpClient> client_;

  int connects_ = 0;
  std::string input_;
  std::vector<CloseReason> closes_;
  std::vector<ConnectFailure> failures_;
  Step at_connect_, at_message_, at_close_, at_failure_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_TCP_CLIENT_FIXTURE_H_
