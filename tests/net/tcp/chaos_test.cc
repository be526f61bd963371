// Servers, clients and a system that all misbehave, by a seed: what comes back
// is what was sent, every connection ends once and for a reason, and nothing
// is left. With RONDO_SEED in the environment one scenario runs again;
// what its threads do meanwhile is the scheduler's.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/tcp/socket_calls.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/chaos_clients.h"
#include "tests/net/tcp/chaos_plan.h"
#include "tests/net/tcp/chaos_server.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/faulty_socket_calls.h"
#include "tests/testing/seed.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using Stop = ChaosPlan::Stop;
using Stopper = ChaosPlan::Stopper;

constexpr int kParts = 4;  // that can run beside each other, as shards
constexpr int kScenariosPerPart = 100;
constexpr int kCrowds = 8;
constexpr size_t kCrowd = 2'000;
// Past this the process is ended: a scenario takes some milliseconds.
constexpr unsigned kHangSeconds = 120;

// One scenario, from beginning to end.
class Scenario {
 public:
  explicit Scenario(uint32_t seed, size_t clients = 0)
      : plan_(seed, clients), calls_(seed, plan_.faults), clients_(plan_) {}

  void Run() {
    SCOPED_TRACE(plan_.ToString());
    const ScopedSocketCalls scoped(&calls_);
    Start();
    while (clients_.Turn(address_)) {
      if (app_->events() < plan_.stop_at_event) continue;
      if (plan_.stopper == Stopper::kTestThread) StopAsPlanned();
      if (plan_.stopper == Stopper::kOtherThread && !other_.has_value()) {
        other_.emplace(NewThread("stopper", [this] { StopAsPlanned(); }));
      }
    }
    AwaitStopper();
    End();
    CheckClients();
  }

 private:
  void Start() {
    auto acceptor =
        EventLoopThread::Start({.name = "acceptor", .loop = plan_.server.loop});
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    acceptor_ = *std::move(acceptor);
    absl::AnyInvocable<void()> at_event = nullptr;
    if (plan_.stopper == Stopper::kCallback) {
      at_event = [this] { StopAsPlanned(); };
    }
    app_ = std::make_unique<ChaosServer>(plan_, clients_.ports(),
                                         std::move(at_event));
    TcpServerOptions options = plan_.server;
    options.listen = {OwnLoopback()};
    server_ = std::make_unique<TcpServer>(acceptor_->loop(), options,
                                          app_->Callbacks());
    const absl::Status status = server_->Start();
    ASSERT_TRUE(status.ok()) << status;
    address_ = server_->addresses().front();
  }

  // On whatever thread, once.
  void StopAsPlanned() {
    if (plan_.stop == Stop::kNone || stop_begun_.exchange(true)) return;
    switch (plan_.stop) {
      case Stop::kNone:
        break;
      case Stop::kStop:
        CheckStopped(server_->Stop());
        break;
      case Stop::kStopWithGrace:
        CheckStopped(server_->Stop(plan_.grace));
        break;
      case Stop::kDrain:
        server_->Drain(plan_.grace, [this](StopReport report) {
          EXPECT_TRUE(report.complete);
          EXPECT_FALSE(drained_.exchange(true));
        });
        break;
      case Stop::kDestroy:
        server_.reset();
        if (plan_.stopper != Stopper::kCallback) app_->ExpectNoMoreEvents();
    }
    stop_done_ = true;
  }

  void CheckStopped(const StopReport& report) {
    EXPECT_EQ(report.complete, plan_.stopper != Stopper::kCallback);
    if (!report.complete) return;
    app_->ExpectNoMoreEvents();
    EXPECT_EQ(server_->open_connections(), 0);
  }

  // Whoever has not begun to stop the server comes too late.
  void AwaitStopper() {
    if (stop_begun_.exchange(true)) {
      AwaitTrue([this] { return stop_done_.load(); });
    } else {
      never_stopped_ = true;
    }
    if (other_.has_value()) other_->Join();
  }

  void End() {
    if (server_ != nullptr) {
      if (never_stopped_) AwaitTrue([this] { return HaveAllComeAndGone(); });
      AwaitTrue([this] { return server_->open_connections() == 0; });
      const bool drains = plan_.stop == Stop::kDrain && !never_stopped_;
      if (drains) AwaitTrue([this] { return drained_.load(); });
      const StopReport report = server_->Stop();
      CheckCounts(report);
      server_.reset();
    }
    AwaitTrue([this] { return app_->gone(); });
    acceptor_.reset();
  }

  void CheckCounts(const StopReport& report) {
    uint64_t connects = 0, closes = 0, stopped = 0, unsent = 0;
    for (const ChaosServer::Record& record : app_->records()) {
      connects += record.connects;
      closes += record.closes;
      unsent += record.unsent;
      stopped += record.reason == CloseReason::kServerStopped;
    }
    EXPECT_EQ(connects, closes);
    uint64_t counted = 0;
    for (size_t i = 0; i < kCloseReasons; ++i) {
      counted += server_->closed_connections(static_cast<CloseReason>(i));
    }
    EXPECT_EQ(counted, closes);
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(report.forced, stopped);
    EXPECT_LE(report.drained + report.forced, closes);
    EXPECT_GE(report.bytes_unsent, unsent);
    EXPECT_EQ(server_->open_connections(), 0);
    if (!never_stopped_) return;
    EXPECT_EQ(server_->opened_connections(), closes);
    EXPECT_EQ(report.drained, 0);
    EXPECT_EQ(report.forced, 0);
  }

  // Clients that have gone may still be waiting to be accepted.
  bool HaveAllComeAndGone() const {
    const uint64_t come =
        server_->opened_connections() +
        server_->refused_connections(Refusal::kConnectionLimit) +
        server_->refused_connections(Refusal::kAddressLimit) +
        calls_.count(SocketFault::kEconnaborted);
    return come == plan_.clients.size() && server_->open_connections() == 0;
  }

  void CheckClients() {
    for (size_t i = 0; i < plan_.clients.size(); ++i) {
      SCOPED_TRACE("client " + std::to_string(i));
      CheckClient(plan_.clients[i], app_->records()[i], clients_.result(i));
    }
  }

  void CheckClient(const ChaosClientPlan& plan,
                   const ChaosServer::Record& record,
                   const ChaosClients::Result& result) {
    EXPECT_EQ(record.connects, record.closes);
    EXPECT_LE(record.bytes_sent, record.taken);
    EXPECT_LE(record.taken, record.bytes_received);
    EXPECT_LE(record.bytes_received, result.sent);
    EXPECT_LE(result.received, record.bytes_sent);
    if (record.closes == 0) return;
    SCOPED_TRACE(ToString(record.reason));
    EXPECT_TRUE(IsExplained(record, plan));
    const bool drained = record.reason == CloseReason::kDrained;
    const bool in_peace = drained ||
                          record.reason == CloseReason::kPeerClosed ||
                          record.reason == CloseReason::kLocalClosed;
    if (!in_peace) return;
    EXPECT_EQ(record.unsent, 0);
    if (drained) {
      EXPECT_EQ(record.drains, 1);
    }
    // What is answered elsewhere may come when the application has closed.
    if (!record.ended || plan_.reply == ChaosPlan::Reply::kInline) {
      EXPECT_EQ(record.bytes_sent, record.taken);
    }
    // Input that comes after the end may reset it.
    if (!plan.stays() || result.sent != record.bytes_received) return;
    EXPECT_EQ(result.received, record.bytes_sent);
    EXPECT_EQ(result.end, ChaosClients::End::kFin);
    if (drained || record.ended) return;
    EXPECT_EQ(record.taken, plan.total);
    EXPECT_EQ(record.bytes_sent, plan.total);
  }

  // Whether somebody has done what the reason says.
  bool IsExplained(const ChaosServer::Record& record,
                   const ChaosClientPlan& plan) const {
    switch (record.reason) {
      case CloseReason::kPeerClosed:
        return true;
      case CloseReason::kPeerReset:
        // Who closes with input unread resets, and so does who is sent to.
        return plan_.fatal_faults || record.ended || !plan.stays();
      case CloseReason::kLocalClosed:
        return record.ended || plan_.server.limits.allow_half_close;
      case CloseReason::kForceClosed:
        return plan.server_end == ChaosClientPlan::ServerEnd::kForceClose;
      case CloseReason::kDrained:
      case CloseReason::kServerStopped:
        return !never_stopped_;
      case CloseReason::kSocketError:
        return calls_.count(SocketFault::kEnobufs) > 0;
      case CloseReason::kOutputLimit:
        return plan_.tight_output;
      default:
        return false;
    }
  }

  const ChaosPlan plan_;
  FaultySocketCalls calls_;
  ChaosClients clients_;
  std::unique_ptr<EventLoopThread> acceptor_;
  std::unique_ptr<ChaosServer> app_;
  std::unique_ptr<TcpServer> server_;
  InetAddress address_;
  std::optional<Thread> other_;
  std::atomic<bool> stop_begun_ = false;
  std::atomic<bool> stop_done_ = false;
  std::atomic<bool> drained_ = false;
  bool never_stopped_ = false;
};

void RunScenarios(int count, size_t clients) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "a build without the seam";
  ForEachSeed(count, [clients](uint32_t seed) {
    alarm(kHangSeconds);
    Scenario(seed, clients).Run();
    alarm(0);
  });
}

class ChaosTest : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Parts, ChaosTest, testing::Range(0, kParts));

TEST_P(ChaosTest, WhatComesBackIsWhatWasSent) {
  RunScenarios(static_cast<int>(Scaled(kScenariosPerPart)), /*clients=*/0);
}

TEST(ChaosCrowdTest, WhatComesBackIsWhatWasSent) {
  RunScenarios(static_cast<int>(Scaled(kCrowds)), kCrowd);
}

}  // namespace
}  // namespace rondo
