#include "net/client/connect_attempt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/unique_fd.h"
#include "net/reactor/event_loop.h"
#include "tests/net/client/connect_faults.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/ipv6.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ConnectAttemptTest : public ::testing::Test {
 protected:
  void Begin(const InetAddress& peer, const ConnectOptions& options = {}) {
    attempt_ = std::make_unique<ConnectAttempt>(
        loop_.get(), peer, options,
        [this](ConnectAttempt&, absl::StatusOr<Socket> result) {
          ++calls_;
          result_ = std::move(result);
        });
    EXPECT_EQ(calls_, 0);
  }

  // Until it has ended.
  Wait Ends() {
    return Until([this] { return calls_ > 0; });
  }

  // Begins, and runs the loop until it has ended.
  absl::StatusOr<Socket>& Try(const InetAddress& peer,
                              const ConnectOptions& options = {}) {
    RunSteps(
        *loop_, [&] { Begin(peer, options); }, Ends(), [] {});
    EXPECT_EQ(calls_, 1);
    return result_;
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  std::unique_ptr<ConnectAttempt> attempt_;
  int calls_ = 0;
  absl::StatusOr<Socket> result_ = absl::UnknownError("not called");
};

TEST_F(ConnectAttemptTest, GivesAConnectedSocket) {
  ListeningSocket listener;
  auto& socket = Try(listener.address());
  ASSERT_TRUE(socket.ok()) << socket.status();
  Socket accepted = listener.Accept();
  EXPECT_EQ(*socket->LocalAddress(), *accepted.PeerAddress());
  EXPECT_EQ(*socket->PeerAddress(), listener.address());
}

TEST_F(ConnectAttemptTest, ConnectsOverIpv6) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  ListeningSocket listener(*InetAddress::Parse("[::1]:0"));
  EXPECT_TRUE(Try(listener.address()).ok());
}

TEST_F(ConnectAttemptTest, ConnectsToAUnixSocket) {
  ListeningSocket listener(AbstractAddress());
  EXPECT_TRUE(Try(listener.address()).ok());
  EXPECT_TRUE(listener.HasWaiting());
}

TEST_F(ConnectAttemptTest, ARefusalNamesTheAddressAndTheRemedy) {
  const RefusingAddress nobody;
  EXPECT_THAT(
      std::string(Try(nobody.address()).status().message()),
      AllOf(HasSubstr("cannot connect to " + nobody.address().ToString()),
            HasSubstr("start the server"), HasSubstr("Connection refused")));
}

TEST_F(ConnectAttemptTest, AMissingSocketFileIsRefused) {
  const InetAddress nowhere = UnixAddress("nobody");
  EXPECT_THAT(std::string(Try(nowhere).status().message()),
              AllOf(HasSubstr(nowhere.ToString()), HasSubstr("the path")));
}

TEST_F(ConnectAttemptTest, AFullBacklogGivesNoAnswer) {
  ListeningSocket listener(*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/0);
  listener.FillBacklog();
  RunSteps(
      *loop_, [&] { Begin(listener.address()); }, [] {}, [] {});
  EXPECT_EQ(calls_, 0);
}

TEST_F(ConnectAttemptTest, AFullUnixBacklogIsTriedAgainUntilThereIsRoom) {
  ListeningSocket listener(AbstractAddress(), /*backlog=*/0);
  listener.FillBacklog();
  RunSteps(
      *loop_, [&] { Begin(listener.address()); },
      [&] { clock_.Advance(ConnectAttempt::kBacklogRetry); },
      [&] {
        EXPECT_EQ(calls_, 0);
        while (listener.HasWaiting()) listener.Accept();
        clock_.Advance(ConnectAttempt::kBacklogRetry);
      },
      Ends());
  EXPECT_EQ(calls_, 1);
  EXPECT_TRUE(result_.ok()) << result_.status();
}

TEST_F(ConnectAttemptTest, AResetBeforeItIsSeenIsAFailure) {
  ListeningSocket listener;
  const int attempts_fd = UniqueFd(dup(STDERR_FILENO)).get();  // the next one
  RunSteps(
      *loop_,
      [&] {
        Begin(listener.address());
        listener.Accept().ResetOnClose();  // and closes
        EXPECT_TRUE(AwaitEvents(attempts_fd, /*an error or hangup*/ 0));
      },
      Ends());
  EXPECT_THAT(std::string(result_.status().message()),
              AllOf(HasSubstr("dropped it"), HasSubstr("reset by peer")));
}

TEST_F(ConnectAttemptTest, AConnectionToItselfIsARefusal) {
  // Both ends are the one port that is free again.
  const InetAddress self = [] {
    const ListeningSocket listener(OwnLoopback());
    return listener.address();
  }();
  const auto& result = Try(self, {.local_address = self});
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr("Connection refused"));
}

TEST_F(ConnectAttemptTest, BindsToALocalAddress) {
  ListeningSocket listener;
  const auto local = *InetAddress::Parse("127.0.0.9:0");
  ASSERT_TRUE(Try(listener.address(), {.local_address = local}).ok());
  EXPECT_EQ(listener.Accept().PeerAddress()->WithPort(0), local);
}

TEST_F(ConnectAttemptTest, ALocalAddressOfAnotherMachineIsNamed) {
  const auto elsewhere = *InetAddress::Parse("192.0.2.1:0");  // RFC 5737
  const ListeningSocket listener;
  const auto& result = Try(listener.address(), {.local_address = elsewhere});
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("to " + listener.address().ToString()),
                    HasSubstr("from 192.0.2.1:0"),
                    HasSubstr("this machine has no such address"),
                    HasSubstr("Cannot assign requested address")));
}

TEST_F(ConnectAttemptTest, ALocalPortThatIsTakenIsNamed) {
  const ListeningSocket listener;
  const RefusingAddress taken;
  const auto& result =
      Try(listener.address(), {.local_address = taken.address()});
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("from " + taken.address().ToString()),
                    HasSubstr("choose another port"),
                    HasSubstr("Address already in use")));
}

TEST_F(ConnectAttemptTest, ALocalAddressOfAnotherFamilyIsNamed) {
  const ListeningSocket listener;
  const auto& result = Try(listener.address(),
                           {.local_address = *InetAddress::Parse("[::1]:0")});
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr("of the same family"));
}

TEST_F(ConnectAttemptTest, LeavesByAnInterface) {
  ListeningSocket listener;
  EXPECT_TRUE(Try(listener.address(), {.interface = "lo"}).ok());
}

TEST_F(ConnectAttemptTest, AnInterfaceThatIsNotThereIsNamed) {
  const ListeningSocket listener;
  const auto& result = Try(listener.address(), {.interface = "nosuch0"});
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("interface nosuch0"), HasSubstr("ip link")));
}

// With nothing of the fixture's during the famine, in which a sanitizer that
// looks at an object's type finds none.
TEST_F(ConnectAttemptTest, WithoutADescriptorItFails) {
  const ListeningSocket listener;
  EventLoop* const loop = loop_.get();
  std::optional<ConnectAttempt> attempt;
  absl::Status status;
  RunSteps(
      *loop,
      [&] {
        const DescriptorFamine famine;
        attempt.emplace(loop, listener.address(), ConnectOptions(),
                        [&status](ConnectAttempt&, const auto& result) {
                          status = result.status();
                        });
      },
      Until([&status] { return !status.ok(); }));
  EXPECT_THAT(std::string(status.message()), HasSubstr("ulimit -n"));
}

TEST_F(ConnectAttemptTest, DestroyedBeforeItsTurnItDoesNotCall) {
  ListeningSocket listener;
  const RefusingAddress nobody;
  RunSteps(
      *loop_,
      [&] {
        Begin(listener.address());
        attempt_.reset();
        Begin(nobody.address());
        attempt_.reset();
      },
      [] {}, [] {});
  EXPECT_EQ(calls_, 0);
}

TEST_F(ConnectAttemptTest, MayBeDestroyedByItsCallback) {
  ListeningSocket listener;
  const RefusingAddress nobody;
  std::vector<std::unique_ptr<ConnectAttempt>> attempts;
  const auto begin = [&](const InetAddress& peer) {
    attempts.push_back(std::make_unique<ConnectAttempt>(
        loop_.get(), peer, ConnectOptions(),
        [&](ConnectAttempt& attempt, absl::StatusOr<Socket>) {
          ++calls_;
          std::erase_if(attempts,
                        [&](const auto& a) { return a.get() == &attempt; });
        }));
  };
  RunSteps(
      *loop_,
      [&] {
        begin(listener.address());
        begin(nobody.address());
      },
      Until([this] { return calls_ == 2; }), [] {});
  EXPECT_EQ(calls_, 2);
  EXPECT_TRUE(attempts.empty());
}

// --- What the system hardly ever does. ---------------------------------------

class ConnectAttemptFaultTest : public ConnectAttemptTest {
 protected:
  void SetUp() override {
    if (!kSocketCallsReplaceable) GTEST_SKIP() << "no faults with NDEBUG";
  }

  ConnectFaults faults_;
  const ScopedSocketCalls scoped_{&faults_};
};

TEST_F(ConnectAttemptFaultTest, AnUnreachableNetworkIsNamed) {
  faults_.connect_errno = ENETUNREACH;
  const auto& result = Try(*InetAddress::Parse("192.0.2.1:80"));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("192.0.2.1:80"), HasSubstr("the routes")));
}

TEST_F(ConnectAttemptFaultTest, ConnectingGoesOnAfterASignal) {
  faults_.connect_errno = EINTR;
  const ListeningSocket listener;
  EXPECT_TRUE(Try(listener.address()).ok());
  EXPECT_EQ(faults_.connects, 1);
}

// As where it may not bind, by a rule of the kernel's or a container's.
TEST_F(ConnectAttemptFaultTest, ALocalAddressThatIsNotGivenIsNamed) {
  const auto local = *InetAddress::Parse("127.0.0.9:0");
  const ListeningSocket listener;
  faults_.bind_errno = EACCES;
  const auto& result = Try(listener.address(), {.local_address = local});
  EXPECT_THAT(
      std::string(result.status().message()),
      AllOf(HasSubstr("cannot connect to " + listener.address().ToString()),
            HasSubstr("from 127.0.0.9:0"), HasSubstr("Permission denied")));
  EXPECT_EQ(faults_.connects, 0);
}

// What ends a handshake that has begun, nobody says before SO_ERROR does.
TEST_F(ConnectAttemptFaultTest, AnErrorOfTheHandshakeIsNamed) {
  const ListeningSocket listener;
  faults_.so_error = EHOSTUNREACH;
  const auto& result = Try(listener.address());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(
      std::string(result.status().message()),
      AllOf(HasSubstr("cannot connect to " + listener.address().ToString()),
            HasSubstr("look at the routes"), HasSubstr("No route to host")));
}

TEST_F(ConnectAttemptFaultTest, AnErrorThatCannotBeAskedForIsAFailure) {
  const ListeningSocket listener;
  faults_.getsockopt_errno = ENOBUFS;
  EXPECT_THAT(
      std::string(Try(listener.address()).status().message()),
      AllOf(HasSubstr("cannot connect to " + listener.address().ToString()),
            HasSubstr("No buffer space available")));
}

TEST_F(ConnectAttemptFaultTest, NoFreePortIsNamed) {
  faults_.connect_errno = EADDRNOTAVAIL;
  const ListeningSocket listener;
  EXPECT_THAT(std::string(Try(listener.address()).status().message()),
              HasSubstr("no port is free"));
}

}  // namespace
}  // namespace rondo
