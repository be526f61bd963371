// Borrowers who do anything at any time, with servers that do too.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "net/client/connection_pool.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/seed.h"

namespace rondo {
namespace {

constexpr int kSeeds = 5;
constexpr size_t kAcquires = 3'000;
constexpr size_t kServers = 3;
constexpr size_t kEndpoints = kServers + 1;  // nobody listens at the last
constexpr size_t kMaxPerEndpoint = 4;
constexpr size_t kMaxTotal = 9;
constexpr size_t kMaxWaiting = 30;
constexpr absl::Duration kIdleTimeout = absl::Milliseconds(20);

// Answers each byte: most with the same, some with more than was asked for, or
// its end.
ConnectionCallbacks ServerCallbacks() {
  return {.on_message = [](TcpConnection& c, Buffer& input) {
    const std::string asked(input.view());
    input.Clear();
    if (asked.find('r') != std::string::npos) return c.ForceClose();
    c.Send(asked);
    if (asked.find('x') != std::string::npos) c.Send("unasked");
    if (asked.find('c') != std::string::npos) c.Close();
  }};
}

class ConnectionPoolRandomTest : public ConnectionPoolFixture {
 protected:
  ConnectionPoolRandomTest() : server_thread_(*EventLoopThread::Start()) {
    for (size_t i = 0; i < kServers; ++i) {
      servers_.push_back(std::make_unique<TcpServer>(
          server_thread_->loop(),
          TcpServerOptions{.listen = {*InetAddress::Parse("127.0.0.1:0")}},
          ServerCallbacks()));
      EXPECT_TRUE(servers_.back()->Start().ok());
      endpoints_.push_back(servers_.back()->addresses().front());
    }
    endpoints_.push_back(AbstractAddress());
  }

  void Run(uint32_t seed) {
    random_.seed(seed);
    asked_.clear();
    std::ranges::fill(last_lent_, 0);
    MakePool({.max_per_endpoint = kMaxPerEndpoint,
              .max_total = kMaxTotal,
              .max_waiting = kMaxWaiting,
              .idle_timeout = kIdleTimeout});
    while (!HasFailure() && Step()) {
    }
    Await([this] {
      ending_ = true;
      for (Borrower& borrower : borrowers_) borrower.lent.reset();
      return pool_->waiting() == 0 && pool_->dialing() == 0;
    });
    Finish();
    ending_ = false;
  }

 private:
  // What is known of the borrower with the same place in borrowers_.
  struct Asked {
    size_t endpoint;
    bool withdrawn = false;
  };

  size_t Below(size_t n) { return random_() % n; }
  bool OneIn(size_t n) { return Below(n) == 0; }

  // Several acts in one turn; false if that is enough.
  bool Step() {
    bool more = false;
    On([this, &more] {
      more = asked_.size() < kAcquires;
      if (OneIn(4)) clock_.Advance(absl::Milliseconds(Below(10)));
      for (size_t i = Below(4); i > 0; --i) Act();
      // In the turn's last step: until then closed ones may be in the table.
      loop()->DeferDelete(std::make_unique<std::shared_ptr<void>>(
          OnDestroy([this] { Check(); })));
    });
    return more;
  }

  void Act() {
    if (OneIn(2)) return AcquireOne();
    if (borrowers_.empty()) return;
    const size_t i =
        borrowers_.size() - 1 - Below(std::min<size_t>(borrowers_.size(), 60));
    if (borrowers_[i].holds()) {
      Use(borrowers_[i]);
    } else if (!borrowers_[i].answered() && OneIn(3)) {
      asked_[i].withdrawn = true;
      borrowers_[i].request.Withdraw();
    }
  }

  void AcquireOne() {
    if (ending_ || asked_.size() >= kAcquires) return;
    const size_t index = asked_.size();
    const size_t endpoint = OneIn(10) ? kServers : Below(kServers);
    asked_.push_back({endpoint});
    const absl::Duration timeout =
        OneIn(3) ? absl::Milliseconds(Below(20)) : kForever;
    Acquire(endpoints_[endpoint], timeout,
            [this, index](Borrower& b) { HandleAnswer(index, b); });
  }

  void HandleAnswer(size_t index, Borrower& borrower) {
    EXPECT_FALSE(asked_[index].withdrawn);
    borrower.on_message = [this](Borrower& b, Buffer& input) {
      if (!OneIn(5)) input.Clear();
      Use(b);
    };
    borrower.on_close = [this](Borrower&) {
      if (OneIn(3)) Act();
    };
    if (borrower.status.ok()) {
      const size_t endpoint = asked_[index].endpoint;
      EXPECT_TRUE(borrower.holds() && !(*borrower.lent)->closed());
      EXPECT_LT(endpoint, kServers);
      EXPECT_LT(std::exchange(last_lent_[endpoint], index + 1), index + 1);
      if (OneIn(3)) Use(borrower);
    }
    if (OneIn(5)) Act();
  }

  void Use(Borrower& borrower) {
    if (!borrower.holds()) return;
    switch (Below(12)) {
      case 0:
        borrower.lent.reset();
        break;
      case 1:
        (*borrower.lent)->Close();
        break;
      case 2:
      case 3:
      case 4:
      case 5:
        borrower.lent->Return();
        break;
      default:
        (*borrower.lent)->Send(std::string(1, "aaaaaaaaaarxc"[Below(13)]));
    }
  }

  void Check() {
    EXPECT_LE(loop()->Local<ConnectionTable>().size() + pool_->dialing(),
              kMaxTotal);
    EXPECT_LE(pool_->idle() + pool_->lent() + pool_->dialing(), kMaxTotal);
    EXPECT_LE(pool_->waiting(), kMaxWaiting + kMaxTotal);
    size_t held[kEndpoints] = {};
    for (size_t i = 0; i < borrowers_.size(); ++i) {
      if (borrowers_[i].holds()) ++held[asked_[i].endpoint];
    }
    EXPECT_LE(*std::ranges::max_element(held), kMaxPerEndpoint);
  }

  void Finish() {
    On([this] {
      for (size_t i = 0; i < borrowers_.size(); ++i) {
        EXPECT_EQ(borrowers_[i].answers, asked_[i].withdrawn ? 0 : 1) << i;
      }
    });
    Await([this] { return pool_->lent() == 0; });
    Advance(kIdleTimeout);
    AwaitState(kNothing);
    On([this] {
      EXPECT_EQ(loop()->Local<ConnectionTable>().size(), 0u);
      EXPECT_GT(pool_->counts().reused, 0u);
      borrowers_.clear();
      answered_.clear();
      DestroyPool();
    });
  }

  std::unique_ptr<EventLoopThread> server_thread_;
  std::vector<std::unique_ptr<TcpServer>> servers_;
  std::vector<Endpoint> endpoints_;
  std::mt19937 random_;
  std::deque<Asked> asked_;
  size_t last_lent_[kEndpoints] = {};  // the number of the borrower
  bool ending_ = false;
};

TEST_F(ConnectionPoolRandomTest, KeepsItsPromises) {
  ForEachSeed(kSeeds, [this](uint32_t seed) { Run(seed); });
}

}  // namespace
}  // namespace rondo
