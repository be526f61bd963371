#include "tests/net/client/connection_pool_fixture.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/sockets.h"

namespace rondo {

ManualServer::ManualServer(const InetAddress& address, int backlog) {
  auto socket = Socket::Listen(address, {.backlog = backlog});
  CHECK(socket.ok()) << socket.status();
  socket_ = *std::move(socket);
}

UniqueFd ManualServer::Accept() {
  UniqueFd fd;
  AwaitTrue([this, &fd] {
    fd = UniqueFd(
        accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return fd.valid();
  });
  return fd;
}

BusyListener::BusyListener()
    : address_(AbstractAddress()),
      listener_(address_, /*backlog=*/0),
      first_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage storage;
  const socklen_t length = address_.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  PCHECK(connect(first_.get(), native, length) == 0);
}

void BusyListener::Open() { accepted_.push_back(listener_.Accept()); }

ConnectionPoolFixture::ConnectionPoolFixture() {
  auto thread = EventLoopThread::Start(
      {.loop = {.clock = &clock_, .stall_limit = kForever}});
  CHECK(thread.ok()) << thread.status();
  thread_ = *std::move(thread);
}

ConnectionPoolFixture::~ConnectionPoolFixture() {
  On([this] {
    borrowers_.clear();
    pool_.reset();
  });
}

void ConnectionPoolFixture::Await(absl::FunctionRef<bool()> predicate) {
  AwaitTrue([this, predicate] {
    bool result = false;
    On([&result, predicate] { result = predicate(); });
    return result;
  });
}

void ConnectionPoolFixture::AwaitTurns() {
  for (int i = 0; i < 5; ++i) On([] {});
}

void ConnectionPoolFixture::Advance(absl::Duration d) {
  clock_.Advance(d);
  AwaitTurns();
}

void ConnectionPoolFixture::MakePool(ConnectionPoolOptions options) {
  On([this, &options] {
    pool_ = std::make_unique<ConnectionPool>(loop(), std::move(options));
  });
}

void ConnectionPoolFixture::DestroyPool() {
  const bool in_call = std::exchange(in_call_, true);
  pool_.reset();
  in_call_ = in_call;
}

Borrower& ConnectionPoolFixture::Acquire(const Endpoint& endpoint,
                                         absl::Duration timeout,
                                         Borrower::Hook on_answer) {
  Borrower* borrower = nullptr;
  On([&] {
    borrower = &borrowers_.emplace_back();
    borrower->on_answer = std::move(on_answer);
    const bool in_call = std::exchange(in_call_, true);
    borrower->request = pool_->Acquire(
        endpoint, timeout,
        [this, borrower](absl::StatusOr<PooledConnection> result) {
          Answer(*borrower, std::move(result));
        });
    in_call_ = in_call;
  });
  return *borrower;
}

void ConnectionPoolFixture::Answer(Borrower& borrower,
                                   absl::StatusOr<PooledConnection> result) {
  EXPECT_FALSE(in_call_);
  EXPECT_EQ(++borrower.answers, 1);
  answered_.push_back(&borrower);
  borrower.status = result.status();
  if (result.ok()) {
    borrower.lent.emplace(*std::move(result));
    borrower.lent->SetCallbacks(CallbacksOf(borrower));
  }
  if (borrower.on_answer) borrower.on_answer(borrower);
}

ConnectionCallbacks ConnectionPoolFixture::CallbacksOf(Borrower& borrower) {
  Borrower* const b = &borrower;
  const auto hear = [this, b](std::string what) {
    EXPECT_FALSE(in_call_) << what;
    b->heard.push_back(std::move(what));
  };
  return {
      .on_message =
          [hear, b](TcpConnection&, Buffer& input) {
            hear(absl::StrCat("message ", std::string(input.view())));
            if (b->on_message) return b->on_message(*b, input);
            input.Clear();
          },
      .on_write_complete = [hear](TcpConnection&) { hear("write complete"); },
      .on_high_water = [hear](TcpConnection&) { hear("high water"); },
      .on_low_water = [hear](TcpConnection&) { hear("low water"); },
      .on_half_close = [hear](TcpConnection&) { hear("half close"); },
      .on_timeout = [hear](TcpConnection&, CloseReason) { hear("timeout"); },
      .on_close =
          [hear, b](TcpConnection&, CloseReason reason) {
            hear(absl::StrCat("close ", std::string(ToString(reason))));
            if (b->on_close) b->on_close(*b);
          },
  };
}

Borrower& ConnectionPoolFixture::Borrow(const Endpoint& endpoint) {
  Borrower& borrower = Acquire(endpoint);
  AwaitAnswer(borrower);
  On([&] { EXPECT_TRUE(borrower.holds()) << borrower.status; });
  return borrower;
}

void ConnectionPoolFixture::AwaitAnswer(const Borrower& borrower) {
  Await([&borrower] { return borrower.answered(); });
}

void ConnectionPoolFixture::AwaitHeard(const Borrower& borrower,
                                       const std::string& what) {
  Await([&] { return std::ranges::count(borrower.heard, what) > 0; });
}

int ConnectionPoolFixture::Answers(const Borrower& borrower) {
  int result = 0;
  On([&] { result = borrower.answers; });
  return result;
}

std::vector<std::string> ConnectionPoolFixture::Heard(
    const Borrower& borrower) {
  std::vector<std::string> result;
  On([&] { result = borrower.heard; });
  return result;
}

void ConnectionPoolFixture::Return(Borrower& borrower) {
  On([&] {
    const bool in_call = std::exchange(in_call_, true);
    borrower.lent->Return();
    in_call_ = in_call;
    EXPECT_EQ(borrower.lent->get(), nullptr);
  });
}

void ConnectionPoolFixture::Drop(Borrower& borrower) {
  On([&] {
    const bool in_call = std::exchange(in_call_, true);
    borrower.lent.reset();
    in_call_ = in_call;
  });
}

UniqueFd ConnectionPoolFixture::MakeIdle(ManualServer& listener) {
  Borrower& borrower = Borrow(listener.endpoint());
  Return(borrower);
  return listener.Accept();
}

std::string ConnectionPoolFixture::State() {
  std::string result;
  On([this, &result] { result = StateHere(); });
  return result;
}

std::string ConnectionPoolFixture::StateHere() const {
  return absl::StrCat(pool_->idle(), " idle, ", pool_->lent(), " lent, ",
                      pool_->dialing(), " dialing, ", pool_->waiting(),
                      " waiting");
}

void ConnectionPoolFixture::AwaitState(const std::string& state) {
  Await([this, &state] { return StateHere() == state; });
  EXPECT_EQ(State(), state);
}

std::string ReadSome(const UniqueFd& fd, size_t bytes) {
  std::string result;
  AwaitTrue([&] { return (result += Read(fd)).size() >= bytes; });
  return result;
}

std::string ReadToEnd(const UniqueFd& fd) {
  std::string result;
  AwaitTrue([&] {
    char block[4'096];
    const ssize_t n = recv(fd.get(), block, sizeof(block), 0);
    if (n > 0) result.append(block, n);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  });
  return result;
}

}  // namespace rondo
