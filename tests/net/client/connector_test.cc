#include "net/client/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "net/reactor/event_loop.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/client/resolver_fixture.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/ipv6.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kTimes = 1'000;
constexpr char kName[] = "server.example";

// Whether somebody connects to an IPv4 address that does not answer: what
// proc(5) has of it, in the kernel's byte order.
bool IsConnecting(const InetAddress& address) {
  constexpr char kSynSent[] = "02";
  sockaddr_storage storage;
  address.ToSockaddr(&storage);
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  const std::string remote = absl::StrFormat(
      " %08X:%04X %s ", v4->sin_addr.s_addr, address.port(), kSynSent);
  std::ifstream table("/proc/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    if (absl::StrContains(line, remote)) return true;
  }
  return false;
}

// Connects to kName, of which the name server knows what the test tells it, on
// a loop of another thread with a clock that stands still.
class ConnectorTest : public ResolverFixture {
 protected:
  // What came of a Connector.
  struct Outcome {
    std::unique_ptr<Connector> connector;  // the loop's
    std::atomic<int> calls{0};
    absl::StatusOr<Connector::Connected> result = absl::UnknownError("none");
  };

  ~ConnectorTest() override {
    OnLoop([this] { outcomes_.clear(); });
  }

  Outcome& Begin(const Endpoint& endpoint, ConnectorOptions options = {}) {
    Outcome& outcome = *outcomes_.emplace_back(std::make_unique<Outcome>());
    OnLoop([&] {
      outcome.connector = std::make_unique<Connector>(
          loop(), resolver_.get(), endpoint, options,
          [&outcome](absl::StatusOr<Connector::Connected> result) {
            outcome.result = std::move(result);
            ++outcome.calls;
          });
      EXPECT_EQ(outcome.calls, 0);
    });
    OnLoop([] {});  // it has been told what is known already
    return outcome;
  }
  Outcome& Begin(ConnectorOptions options = {}) {
    return Begin(*Endpoint::FromHostAndPort(kName, port()), options);
  }

  // Begins, and returns when both lookups are answered: these ask the same.
  Outcome& BeginLookedUp(ConnectorOptions options = {}) {
    Outcome& outcome = Begin(options);
    AskForBoth();
    return outcome;
  }

  void AskForBoth() {
    (void)Ask(kName, AddressFamily::kIpv4);
    (void)Ask(kName, AddressFamily::kIpv6);
  }

  static absl::StatusOr<Connector::Connected>& Await(Outcome& outcome) {
    AwaitTrue([&] { return outcome.calls > 0; });
    return outcome.result;
  }

  // The address that it connected to, or the error.
  static std::string AwaitPeer(Outcome& outcome) {
    const auto& result = Await(outcome);
    return result.ok() ? result->peer.WithPort(0).ToString()
                       : std::string(result.status().message());
  }

  // Another listener or refuser at the same port, on which all depends.
  InetAddress At(const std::string& host) const {
    return *InetAddress::FromHostAndPort(host, port());
  }
  uint16_t port() const { return good_.address().port(); }

  void KnowA(const std::vector<std::string>& addresses) {
    server_.Set(kName, DnsType::kA, Addresses(addresses));
  }
  void KnowAaaa(const std::vector<std::string>& addresses) {
    server_.Set(kName, DnsType::kAaaa, Addresses(addresses));
  }

  ListeningSocket good_{*InetAddress::Parse("127.0.0.1:0")};
  std::vector<std::unique_ptr<Outcome>> outcomes_;
};

TEST_F(ConnectorTest, ConnectsToAnAddressWithoutAsking) {
  EXPECT_EQ(AwaitPeer(Begin(good_.address())), "127.0.0.1:0");
  EXPECT_EQ(queries(), 0u);
}

TEST_F(ConnectorTest, LooksANameUp) {
  KnowA({"127.0.0.1"});
  EXPECT_EQ(AwaitPeer(Begin()), "127.0.0.1:0");
  EXPECT_EQ(Await(*outcomes_.back())->socket.PeerAddress()->port(), port());
}

TEST_F(ConnectorTest, PrefersIpv6) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  const ListeningSocket ipv6(At("::1"));
  KnowA({"127.0.0.1"});
  KnowAaaa({"::1"});
  // Whichever comes first, the other comes within the resolution delay.
  EXPECT_EQ(AwaitPeer(Begin()), "[::1]:0");
}

TEST_F(ConnectorTest, Ipv4WaitsForTheResolutionDelay) {
  KnowA({"127.0.0.1"});
  (void)Ask(kName);  // and is known at once from now on
  server_.Set(kName, DnsType::kAaaa, {.silent = true});
  Outcome& outcome = Begin();
  Advance(absl::Milliseconds(50) - absl::Nanoseconds(1));
  EXPECT_FALSE(good_.HasWaiting());
  Advance(absl::Nanoseconds(1));
  EXPECT_EQ(AwaitPeer(outcome), "127.0.0.1:0");
}

TEST_F(ConnectorTest, Ipv6WithinTheResolutionDelayComesFirst) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  const ListeningSocket ipv6(At("::1"));
  KnowA({"127.0.0.1"});
  (void)Ask(kName);
  KnowAaaa({"::1"});
  server_.Hold();
  Outcome& outcome = Begin();
  Advance(absl::Milliseconds(49));
  server_.Release();
  EXPECT_EQ(AwaitPeer(outcome), "[::1]:0");
}

TEST_F(ConnectorTest, AnAnswerDuringAnAttemptWaitsForItsTurn) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  ListeningSocket full(At("127.0.0.2"), /*backlog=*/0);
  full.FillBacklog();
  const ListeningSocket ipv6(At("::1"));
  KnowA({"127.0.0.2", "127.0.0.3"});
  (void)Ask(kName);
  KnowAaaa({"::1"});
  server_.Hold();
  const int asked = server_.queries();
  Outcome& outcome = Begin();
  Advance(absl::Milliseconds(50));  // tries IPv4
  server_.AwaitQueries(asked + 1);
  server_.Release();
  (void)Ask(kName, AddressFamily::kIpv6);  // it has the answer too
  Advance(absl::Milliseconds(249));
  EXPECT_FALSE(ipv6.HasWaiting());
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(AwaitPeer(outcome), "[::1]:0");
}

TEST_F(ConnectorTest, TheNextAddressIsTriedBesideOneThatIsSilent) {
  ListeningSocket full(At("127.0.0.2"), /*backlog=*/0);
  full.FillBacklog();
  KnowA({"127.0.0.2", "127.0.0.1"});
  Outcome& outcome = BeginLookedUp();
  Advance(absl::Milliseconds(250) - absl::Nanoseconds(1));
  EXPECT_FALSE(good_.HasWaiting());
  Advance(absl::Nanoseconds(1));
  EXPECT_EQ(AwaitPeer(outcome), "127.0.0.1:0");
}

TEST_F(ConnectorTest, TheNextAddressIsTriedAtOnceAfterAFailure) {
  KnowA({"127.0.0.3", "127.0.0.4", "127.0.0.1"});
  EXPECT_EQ(AwaitPeer(Begin()), "127.0.0.1:0");
}

TEST_F(ConnectorTest, FamiliesTakeTurns) {
  KnowA({"127.0.0.3", "127.0.0.4"});
  KnowAaaa({"::2", "::3"});  // nobody's: no way to them, or refused
  AskForBoth();              // so that both answers are there at once
  const std::string message = AwaitPeer(Begin());
  const auto at = [&](const std::string& address) {
    const size_t place = message.find(address);
    EXPECT_NE(place, std::string::npos) << address << " in " << message;
    return place;
  };
  EXPECT_LT(at(kName), at("[::2]"));
  EXPECT_LT(at("[::2]"), at("127.0.0.3"));
  EXPECT_LT(at("127.0.0.3"), at("[::3]"));
  EXPECT_LT(at("[::3]"), at("127.0.0.4"));
}

TEST_F(ConnectorTest, ANameThatIsNotThereIsNamed) {
  const auto& result = Await(Begin());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr(kName));
}

TEST_F(ConnectorTest, TheDeadlineHoldsForLookingUp) {
  server_.SetDefault({.silent = true});
  Outcome& outcome = Begin({.timeout = absl::Seconds(2)});
  Advance(absl::Seconds(2));
  const auto& result = Await(outcome);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr(kName), HasSubstr("within 2s"),
                    HasSubstr("no answer from the DNS")));
}

TEST_F(ConnectorTest, TheDeadlineTellsOfEarlierFailures) {
  ListeningSocket full(At("127.0.0.2"), /*backlog=*/0);
  full.FillBacklog();
  KnowA({"127.0.0.3", "127.0.0.2"});
  Outcome& outcome = BeginLookedUp({.timeout = absl::Seconds(2)});
  AwaitTrue([&] { return IsConnecting(full.address()); });
  Advance(absl::Seconds(2));
  const auto& result = Await(outcome);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("127.0.0.3"), HasSubstr("refused")));
}

TEST_F(ConnectorTest, WithoutItsResolverItFails) {
  server_.SetDefault({.silent = true});
  Outcome& outcome = Begin();
  OnLoop([this] { resolver_.reset(); });
  EXPECT_EQ(Await(outcome).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ConnectorTest, IsDestroyedInEachState) {
  ListeningSocket full(At("127.0.0.2"), /*backlog=*/0);
  full.FillBacklog();
  KnowA({"127.0.0.2", "127.0.0.3", "127.0.0.1"});
  KnowAaaa({"::1"});
  int calls = 0;
  for (int i = 0; i < kTimes; ++i) {
    std::unique_ptr<Connector> connector;
    OnLoop([&] {
      if (i % 2 == 0) resolver_->ClearCache();
      connector = std::make_unique<Connector>(
          loop(), resolver_.get(), *Endpoint::FromHostAndPort(kName, port()),
          ConnectorOptions(), [&](const auto&) { ++calls; });
    });
    for (int turns = i % 5; turns > 0; --turns) OnLoop([] {});
    if (i % 3 == 0) Advance(absl::Milliseconds(250));
    OnLoop([&] { connector.reset(); });
    const int before = calls;
    OnLoop([] {});
    ASSERT_EQ(calls, before);
  }
}

TEST_F(ConnectorTest, MayBeDestroyedByItsCallback) {
  KnowA({"127.0.0.1"});
  std::unique_ptr<Connector> connector;
  std::atomic<bool> called{false};
  OnLoop([&] {
    connector = std::make_unique<Connector>(
        loop(), resolver_.get(), *Endpoint::FromHostAndPort(kName, port()),
        ConnectorOptions(), [&](const auto&) {
          connector.reset();
          called = true;
        });
  });
  AwaitTrue([&] { return called.load(); });
}

TEST(ConnectorOptionsTest, AnErrorNamesTheOptionAndItsValue) {
  EXPECT_TRUE(ConnectorOptions().Check().ok());
  EXPECT_THAT(
      std::string(
          ConnectorOptions{.timeout = absl::ZeroDuration()}.Check().message()),
      HasSubstr("timeout is 0"));
  EXPECT_THAT(std::string(ConnectorOptions{.attempt_delay = -absl::Seconds(1)}
                              .Check()
                              .message()),
              HasSubstr("attempt_delay is -1s"));
  EXPECT_THAT(
      std::string(ConnectorOptions{.resolution_delay = -absl::Seconds(1)}
                      .Check()
                      .message()),
      HasSubstr("resolution_delay is -1s"));
}

}  // namespace
}  // namespace rondo
