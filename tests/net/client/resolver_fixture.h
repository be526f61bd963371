#ifndef RONDO_TESTS_NET_CLIENT_RESOLVER_FIXTURE_H_
#define RONDO_TESTS_NET_CLIENT_RESOLVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "base/mutex.h"
#include "net/client/request.h"
#include "net/client/resolver.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/client/dns_server.h"

namespace rondo {

// A reply with these addresses, of whichever family they are.
DnsReply Addresses(const std::vector<std::string>& texts,
                   uint32_t ttl_seconds = 60);

// What an answer has: addresses as text without their port, or its status.
std::vector<std::string> Texts(const Resolver::Answer& answer);

// A question and what came of it.
class AskedQuestion {
 public:
  Request request;  // the loop's

  // Called by the resolver.
  void Add(const Resolver::Answer& answer);
  // Returns the first answer when it is there, or fails the test.
  Resolver::Answer Await() const;
  // How many there are. Thread-safe.
  int answers() const;

 private:
  mutable Mutex mu_;
  mutable CondVar changed_;
  std::vector<Resolver::Answer> answers_ ABSL_GUARDED_BY(mu_);
};

// A resolver on a loop's thread with a clock that stands still, so that no
// query is repeated, and a name server.
class ResolverFixture : public ::testing::Test {
 protected:
  ResolverFixture();
  ~ResolverFixture() override;

  // Options that ask the fixture's name server.
  ResolverOptions Options() const { return {.servers = {server_.address()}}; }
  // Makes the resolver anew.
  void Use(ResolverOptions options);
  // The same, on a loop with the machine's clock.
  void UseRealClock(ResolverOptions options);

  // Runs `f` on the loop and returns when it has run.
  void OnLoop(absl::FunctionRef<void()> f);
  // Moves the clock; what is due then has run when this returns.
  void Advance(absl::Duration d);

  // On the loop only.
  std::shared_ptr<AskedQuestion> BeginOnLoop(
      std::string_view name, AddressFamily family = AddressFamily::kIpv4,
      absl::Duration timeout = absl::InfiniteDuration());

  // Asks, and asks and waits for the answer.
  std::shared_ptr<AskedQuestion> Begin(
      std::string_view name, AddressFamily family = AddressFamily::kIpv4,
      absl::Duration timeout = absl::InfiniteDuration());
  Resolver::Answer Ask(std::string_view name,
                       AddressFamily family = AddressFamily::kIpv4,
                       absl::Duration timeout = absl::InfiniteDuration());

  size_t cached_answers();
  uint64_t queries();

  EventLoop* loop() { return thread_->loop(); }

  // Destroys what is the loop's.
  void Clear();

  FakeClock clock_;
  DnsServer server_;
  std::unique_ptr<EventLoopThread> thread_;
  std::unique_ptr<Resolver> resolver_;  // the loop's
  std::vector<std::shared_ptr<AskedQuestion>>
      asked_;  // the requests are the loop's
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_RESOLVER_FIXTURE_H_
