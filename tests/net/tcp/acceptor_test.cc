#include "net/tcp/acceptor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

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

// What becomes at once of a new connection to `address`.
int ConnectErrno(const InetAddress& address) {
  const UniqueFd fd(
      socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  if (connect(fd.get(), native, length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd connecting = {.fd = fd.get(), .events = POLLOUT, .revents = 0};
  if (poll(&connecting, 1, /*timeout=*/0) == 0) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

class AcceptorTest : public ::testing::Test {
 protected:
  // Accepts on `address` and keeps the sockets in accepted_.
  // Clients of unix sockets are in the backlog when connect() returns.
  void Create(AcceptorOptions options = {},
              const InetAddress& address = AbstractAddress()) {
    auto acceptor = Acceptor::Create(&loop_, address, options,
                                     [this](Socket socket, InetAddress peer) {
                                       peers_.push_back(std::move(peer));
                                       accepted_.push_back(std::move(socket));
                                       if (on_accept_) on_accept_();
                                     });
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    acceptor_ = *std::move(acceptor);
  }

  void Connect(int clients = 1) {
    for (int i = 0; i < clients; ++i)
      clients_.emplace_back(acceptor_->address());
  }

  FakeClock clock_;
  const std::unique_ptr<EventLoop> owned_loop_ = NewLoop({.clock = &clock_});
  EventLoop& loop_ = *owned_loop_;
  std::vector<Socket> accepted_;
  std::vector<InetAddress> peers_;
  std::vector<LoopbackClient> clients_;
  absl::AnyInvocable<void()> on_accept_;
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, AcceptsFromTheNextTurnOn) {
  Create();
  Connect();
  EXPECT_THAT(accepted_, SizeIs(0));
  RunTurns(loop_, 1);
  ASSERT_THAT(accepted_, SizeIs(1));
  Write(clients_[0].fd(), "hello");
  char block[8];
  EXPECT_EQ(accepted_[0].Read(block, sizeof(block)).bytes, 5u);
}

TEST_F(AcceptorTest, TellsWhereItListensAndWhoCame) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  EXPECT_NE(acceptor_->address().port(), 0);
  Connect();
  on_accept_ = [this] { loop_.Stop(); };
  loop_.Run();
  EXPECT_THAT(peers_, testing::ElementsAre(clients_[0].LocalAddress()));
}

TEST_F(AcceptorTest, AcceptsSoManyInATurnAndTheOthersLater) {
  Create({.max_accepts_per_turn = 2});
  Connect(5);
  RunSteps(
      loop_, [this] { EXPECT_THAT(accepted_, SizeIs(2)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(4)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(5)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(5)); });
}

TEST_F(AcceptorTest, AcceptsAllThatWaitInOneTurn) {
  Create();
  Connect(20);
  RunSteps(loop_, [this] { EXPECT_THAT(accepted_, SizeIs(20)); });
}

TEST_F(AcceptorTest, StoppedInItsCallbackItAcceptsNoMore) {
  Create();
  on_accept_ = [this] { acceptor_->Stop(); };
  Connect(3);
  RunTurns(loop_, 3);
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(AcceptorTest, MayBeGivenUpInItsCallback) {
  Create();
  on_accept_ = [this] {
    acceptor_->Stop();
    loop_.DeferDelete(std::move(acceptor_));
  };
  Connect(3);
  RunTurns(loop_, 3);
  EXPECT_THAT(accepted_, SizeIs(1));
  EXPECT_EQ(acceptor_, nullptr);
}

// --- The end of what waits. --------------------------------------------------

const InetAddress kLoopback = *InetAddress::Parse("127.0.0.1:0");

TEST_F(AcceptorTest, StoppedAfterWaitingItTakesAllThatWaitsAndCloses) {
  Create({.max_accepts_per_turn = 1}, kLoopback);
  const InetAddress address = acceptor_->address();
  Connect(5);
  int stopped = 0;
  RunSteps(
      loop_,
      [&] {
        acceptor_->StopAfterWaiting([&stopped] { ++stopped; });
        EXPECT_THAT(accepted_, SizeIs(5));
        clock_.Advance(Acceptor::kHandshakeTime);
      },
      [] {},
      [&] {
        EXPECT_EQ(stopped, 1);
        EXPECT_LT(acceptor_->fd(), 0);
        EXPECT_EQ(ConnectErrno(address), ECONNREFUSED);
        acceptor_->StopAfterWaiting([&stopped] { ++stopped; });
        EXPECT_EQ(stopped, 2);  // at once
      });
}

TEST_F(AcceptorTest, StoppedWhileItStopsAfterWaitingItForgetsThat) {
  Create({}, kLoopback);
  Connect(1);
  RunSteps(
      loop_,
      [&] {
        acceptor_->Hold();
        acceptor_->StopAfterWaiting();
        EXPECT_THAT(accepted_, SizeIs(1));
        acceptor_->Stop();
        acceptor_->Stop();
      },
      [&] { clock_.Advance(Acceptor::kHandshakeTime); }, [] {});
  EXPECT_THAT(accepted_, SizeIs(1));
}

// Who comes while it takes what waits is not let in, to be reset a little
// later: the kernel tells those to try again.
TEST_F(AcceptorTest, StoppingAfterWaitingLetsNobodyIn) {
  auto probe = Socket::Listen(kLoopback, {});
  ASSERT_TRUE(probe.ok()) << probe.status();
  if (!probe->RefuseNew()) GTEST_SKIP() << "not allowed here";
  Create({}, kLoopback);
  const InetAddress address = acceptor_->address();
  int error = -1;
  on_accept_ = [&] { error = ConnectErrno(address); };
  Connect(1);
  acceptor_->StopAfterWaiting();
  EXPECT_EQ(error, EINPROGRESS);
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(AcceptorTest, WhoSharesTheSocketIsStillReached) {
  Create({}, kLoopback);
  const InetAddress address = acceptor_->address();
  const UniqueFd other(dup(acceptor_->fd()));  // as if in another process
  acceptor_->Share();
  acceptor_->StopAfterWaiting();
  RunTurns(loop_, 3);
  EXPECT_EQ(ConnectErrno(address), 0);
}

TEST_F(AcceptorTest, WhoMadeAnAdoptedSocketIsStillReachedAndKeepsItsFile) {
  const InetAddress address = UnixAddress("adopted");
  auto socket = Socket::Listen(address, {});
  ASSERT_TRUE(socket.ok()) << socket.status();
  const UniqueFd maker(dup(socket->fd()));
  auto acceptor =
      Acceptor::Create(&loop_, *std::move(socket), {.adopted = true}, nullptr);
  ASSERT_TRUE(acceptor.ok()) << acceptor.status();
  (*acceptor)->StopAfterWaiting();
  acceptor->reset();
  EXPECT_EQ(ConnectErrno(address), 0);
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

// --- Its file. ---------------------------------------------------------------

TEST_F(AcceptorTest, RemovesItsSocketFile) {
  const InetAddress address = UnixAddress("acceptor");
  Create({}, address);
  EXPECT_EQ(access(address.unix_path().c_str(), F_OK), 0);
  acceptor_.reset();
  EXPECT_NE(access(address.unix_path().c_str(), F_OK), 0);
}

TEST_F(AcceptorTest, LeavesTheSocketFileOfAnother) {
  const InetAddress address = UnixAddress("another");
  Create({}, address);
  ASSERT_EQ(unlink(address.unix_path().c_str()), 0);
  const auto other = Socket::Listen(address, {});
  ASSERT_TRUE(other.ok()) << other.status();
  acceptor_.reset();
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

// The name of an abstract socket looks like that of a file in this folder.
TEST_F(AcceptorTest, AnAbstractNameIsNoFile) {
  const InetAddress address = AbstractAddress();
  std::ofstream(address.unix_path()) << "precious";
  ASSERT_EQ(access(address.unix_path().c_str(), F_OK), 0);
  Create({}, address);
  acceptor_.reset();
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

TEST_F(AcceptorTest, ReportsWhyItCannotListen) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  const auto second =
      Acceptor::Create(&loop_, acceptor_->address(), {}, nullptr);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(acceptor_->address().ToString()));
}

TEST_F(AcceptorTest, ReportsThatThePollerCannotWatchIt) {
  const auto loop = NewLoop({.poller = "select"});
  AllowDescriptors(FD_SETSIZE + 100);
  std::vector<UniqueFd> below;
  do {
    below.push_back(EventFd());
  } while (below.back().get() < FD_SETSIZE);
  const auto acceptor =
      Acceptor::Create(loop.get(), AbstractAddress(), {}, nullptr);
  ASSERT_FALSE(acceptor.ok());
  EXPECT_THAT(std::string(acceptor.status().message()), HasSubstr("select"));
}

TEST_F(AcceptorTest, OneThatHangsUpInTheBacklogCostsNobodyElse) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  for (int i = 0; i < 5; ++i) {
    Connect();
    clients_.back().Reset();
  }
  Connect();
  const InetAddress last = clients_.back().LocalAddress();
  on_accept_ = [this, last] {
    if (peers_.back() == last) loop_.Stop();
  };
  loop_.Run();
  EXPECT_EQ(acceptor_->counts().pauses, 0u);
}

// --- Out of descriptors. -----------------------------------------------------

TEST_F(AcceptorTest, OutOfDescriptorsItRestsAndResumes) {
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
TEST_F(AcceptorTest, RestsAtAnErrorThatDoesNotGoAway) {
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

TEST_F(AcceptorTest, RestsTwiceAsLongEachTimeUpToAMaximum) {
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

TEST_F(AcceptorTest, MayBeStoppedAndDestroyedWhileItRests) {
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
class AcceptorServerTest : public ServerFixture {};

TEST_F(AcceptorServerTest, OutOfDescriptorsOthersAreServed) {
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
