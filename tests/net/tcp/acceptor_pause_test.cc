// What an acceptor does when no descriptor is left, or accept(2) goes on
// failing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "net/tcp/acceptor.h"
#include "tests/net/tcp/acceptor_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using ::testing::SizeIs;

// Accepts once before there are no descriptors: UBSan needs some when it meets
// an object of a class for the first time.
class AcceptorPauseTest : public AcceptorFixture {
 protected:
  void SetUp() override {
    const auto loop = NewLoop({.clock = &clock_});
    const auto acceptor =
        Acceptor::Create(loop.get(), AbstractAddress(), {}, [](auto...) {});
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    const LoopbackClient client((*acceptor)->address());
    RunTurns(*loop, 2);
  }
};

// While it lives, no descriptor can be had.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none = {.rlim_cur = 3, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

TEST_F(AcceptorPauseTest, OutOfDescriptorsItRestsAndResumes) {
  Create({.min_pause = absl::Milliseconds(10)});
  Connect(2);
  auto none = std::make_unique<NoDescriptors>();
  std::vector<Step> steps(20);
  for (Step& step : steps) {
    step = [this] { EXPECT_EQ(acceptor_->counts().pauses, 1u) << "it spins"; };
  }
  steps.push_back([&] {
    none.reset();
    clock_.Advance(absl::Milliseconds(10));
  });
  steps.push_back([] {});  // the timer's turn, and then the listener's
  steps.push_back([this] { EXPECT_THAT(accepted_, SizeIs(2)); });
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(acceptor_->counts().pauses, 1u);
  EXPECT_EQ(acceptor_->counts().errors, 1u);
}

// accept(2) on a listener that was shut down fails for ever.
TEST_F(AcceptorPauseTest, RestsAtAnErrorThatDoesNotGoAway) {
  const int next = UniqueFd(dup(STDERR_FILENO)).get();
  Create({.max_errors_in_a_row = 5}, *InetAddress::Parse("127.0.0.1:0"));
  ASSERT_EQ(shutdown(next, SHUT_RDWR), 0);
  std::vector<Step> steps(20);
  for (Step& step : steps) {
    step = [this] { EXPECT_EQ(acceptor_->counts().errors, 5u); };
  }
  steps.push_back([this] { clock_.Advance(absl::Seconds(1)); });
  steps.push_back([] {});
  steps.push_back([] {});
  steps.push_back([this] { EXPECT_EQ(acceptor_->counts().errors, 10u); });
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(acceptor_->counts().pauses, 2u);
}

TEST_F(AcceptorPauseTest, RestsTwiceAsLongEachTimeUpToAMaximum) {
  Create({.min_pause = absl::Milliseconds(10),
          .max_pause = absl::Milliseconds(30)});
  Connect();
  auto none = std::make_unique<NoDescriptors>();
  std::vector<Step> steps;
  // Each needs a turn for its timer and one for the listener.
  const auto after = [&](int ms, uint64_t pauses) {
    steps.push_back([this, ms] { clock_.Advance(absl::Milliseconds(ms)); });
    steps.push_back([] {});
    steps.push_back([] {});
    steps.push_back([this, ms, pauses] {
      EXPECT_EQ(acceptor_->counts().pauses, pauses)
          << "after " << ms << " more ms";
    });
  };
  after(0, 1);
  after(9, 1);
  after(1, 2);  // 10 ms
  after(19, 2);
  after(1, 3);  // 20 ms
  after(29, 3);
  after(1, 4);  // 30 ms
  after(29, 4);
  after(1, 5);  // 30 ms
  steps.push_back([&] { none.reset(); });
  after(30, 5);
  steps.push_back([&] {
    EXPECT_THAT(accepted_, SizeIs(1));
    Connect();
    none = std::make_unique<NoDescriptors>();
  });
  after(0, 6);
  after(10, 7);  // begins anew after success
  steps.push_back([&] { none.reset(); });
  RunSteps(loop_, std::move(steps));
}

TEST_F(AcceptorPauseTest, MayBeStoppedAndDestroyedWhileItRests) {
  Create();
  Connect();
  auto none = std::make_unique<NoDescriptors>();
  RunSteps(
      loop_, [this] { EXPECT_EQ(acceptor_->counts().pauses, 1u); },
      [this] {
        acceptor_->Stop();
        clock_.Advance(absl::Seconds(1));
      },
      [] {},
      [&] {
        none.reset();
        acceptor_.reset();
      },
      [this] { clock_.Advance(absl::Seconds(1)); }, [] {});
  EXPECT_THAT(accepted_, SizeIs(0));
}

// With a real clock and a server: others are served all the while.
class AcceptorPauseServerTest : public ServerFixture {};

TEST_F(AcceptorPauseServerTest, OutOfDescriptorsOthersAreServed) {
  for (const int threads : {0, 2}) {
    Start(LoopbackOptions(threads));
    LoopbackClient served = Connect();
    EXPECT_EQ(served.Exchange("before"), "before");
    // The acceptor gets to see the next one when no descriptor is left.
    EventCount held;
    EventCount go;
    acceptor_loop()->QueueInLoop([&held, &go] {
      held.Add();
      go.Await(1);
    });
    held.Await(1);
    LoopbackClient waits = Connect();
    waits.Send("waits");
    {
      const NoDescriptors none;
      go.Add();
      for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(served.Exchange("meanwhile"), "meanwhile");
      }
      EXPECT_EQ(server_->opened_connections(), 1u);
    }
    EXPECT_EQ(waits.Receive(5), "waits");
    server_.reset();
  }
}

}  // namespace
}  // namespace rondo
