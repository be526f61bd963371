#ifndef RONDO_TESTS_NET_CLIENT_CONNECTION_POOL_FIXTURE_H_
#define RONDO_TESTS_NET_CLIENT_CONNECTION_POOL_FIXTURE_H_

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "base/unique_fd.h"
#include "net/client/connection_pool.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/buffer.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "tests/net/tcp/event_count.h"

namespace rondo {

// A server of which the test says what it does. Closed, it refuses.
class ManualServer {
 public:
  static constexpr int kBacklog = 128;

  explicit ManualServer(
      const InetAddress& address = *InetAddress::Parse("127.0.0.1:0"),
      int backlog = kBacklog);

  Endpoint endpoint() const { return *socket_.LocalAddress(); }
  bool HasWaiting() const { return socket_.HasWaiting(); }
  // Waits for the next connection. Non-blocking.
  UniqueFd Accept();

 private:
  Socket socket_;
};

// A unix server that nobody can connect to until Open(), and then the pool only
// when its clock has moved by ConnectAttempt::kBacklogRetry.
class BusyListener {
 public:
  BusyListener();

  Endpoint endpoint() const { return address_; }
  // Lets one more in.
  void Open();

 private:
  const InetAddress address_;
  ManualServer listener_;
  UniqueFd first_;  // fills the backlog
  std::vector<UniqueFd> accepted_;
};

// Somebody who acquires, and what he hears: the loop's, but `status` once he
// has been answered.
struct Borrower {
  using Hook = std::function<void(Borrower&)>;

  bool answered() const { return answers > 0; }
  bool holds() const { return lent.has_value() && lent->get() != nullptr; }

  Request request = {};
  int answers = 0;
  absl::Status status = {};
  std::optional<PooledConnection> lent = {};
  std::vector<std::string> heard = {};  // "message <bytes>", "close <reason>" …
  Hook on_answer = nullptr;
  std::function<void(Borrower&, Buffer&)> on_message = nullptr;  // or takes all
  Hook on_close = nullptr;
};

// A pool on a loop with a fake clock and a thread of its own. The test tells it
// step by step what to do and waits until that is done.
class ConnectionPoolFixture : public ::testing::Test {
 protected:
  static constexpr absl::Duration kForever = absl::InfiniteDuration();
  // States that many tests end in.
  static constexpr char kNothing[] = "0 idle, 0 lent, 0 dialing, 0 waiting";
  static constexpr char kOneIdle[] = "1 idle, 0 lent, 0 dialing, 0 waiting";

  ConnectionPoolFixture();
  ~ConnectionPoolFixture() override;

  EventLoop* loop() const { return thread_->loop(); }
  // Runs `f` on the loop.
  void On(absl::FunctionRef<void()> f) { loop()->RunAndWait(f); }
  // Returns when `predicate` has become true on the loop.
  void Await(absl::FunctionRef<bool()> predicate);
  // Returns when some turns of the loop have ended.
  void AwaitTurns();
  // Moves the clock, and returns when the loop has seen it.
  void Advance(absl::Duration d);

  void MakePool(ConnectionPoolOptions options = {});
  // On the loop; for others, Await() them.
  void DestroyPool();

  Borrower& Acquire(const Endpoint& endpoint, absl::Duration timeout = kForever,
                    Borrower::Hook on_answer = nullptr);
  // Acquires and returns when it is lent.
  Borrower& Borrow(const Endpoint& endpoint);
  void AwaitAnswer(const Borrower& borrower);
  void AwaitHeard(const Borrower& borrower, const std::string& what);
  int Answers(const Borrower& borrower);
  std::vector<std::string> Heard(const Borrower& borrower);
  void Return(Borrower& borrower);
  void Drop(Borrower& borrower);
  // An idle connection; the other end of it.
  UniqueFd MakeIdle(ManualServer& listener);

  // As "1 idle, 0 lent, 0 dialing, 2 waiting".
  std::string State();
  void AwaitState(const std::string& state);

  FakeClock clock_;
  std::unique_ptr<EventLoopThread> thread_;
  std::unique_ptr<ConnectionPool> pool_;
  std::deque<Borrower> borrowers_;
  // Who was answered, in this order.
  std::vector<const Borrower*> answered_;
  // A call of the pool is under way, in which nobody is to be called back.
  bool in_call_ = false;

 private:
  void Answer(Borrower& borrower, absl::StatusOr<PooledConnection> result);
  ConnectionCallbacks CallbacksOf(Borrower& borrower);
  std::string StateHere() const;
};

// Reads until `bytes` have come.
std::string ReadSome(const UniqueFd& fd, size_t bytes);
// Reads until the end of the stream, or a reset.
std::string ReadToEnd(const UniqueFd& fd);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_CONNECTION_POOL_FIXTURE_H_
