#include "net/tcp/tcp_server.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/socket.h"
#include "net/tcp/transport.h"

namespace rondo {
namespace {

constexpr Placement kPlacements[] = {Placement::kRoundRobin,
                                     Placement::kLeastConnections,
                                     Placement::kReusePort};

// On the connection's loop.
void Open(EventLoop* loop, Socket socket, InetAddress peer,
          ConnectionMembership membership) {
  if (membership.group()->stopped()) return;
  auto& table = loop->Local<ConnectionTable>();
  table.Adopt(std::make_unique<TcpConnection>(
      &table, std::make_unique<Transport>(std::move(socket)), std::move(peer),
      std::move(membership)));
}

}  // namespace

absl::StatusOr<Placement> ParsePlacement(std::string_view text) {
  for (Placement placement : kPlacements) {
    if (text == ToString(placement)) return placement;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no placement is called '", std::string(text),
                   "': use round-robin, least-connections or reuseport"));
}

std::string_view ToString(Placement placement) {
  switch (placement) {
    case Placement::kRoundRobin:
      return "round-robin";
    case Placement::kLeastConnections:
      return "least-connections";
    case Placement::kReusePort:
      return "reuseport";
  }
  return "unknown";
}

struct TcpServer::Listener {
  EventLoop* loop;
  std::unique_ptr<Acceptor> acceptor;
};

TcpServer::TcpServer(EventLoop* acceptor_loop, TcpServerOptions options,
                     ConnectionCallbacks callbacks)
    : acceptor_loop_(acceptor_loop),
      options_(std::move(options)),
      group_(std::make_shared<ConnectionGroup>(
          std::move(callbacks),
          std::clamp(options_.threads, 1, EventLoopThreadPool::kMaxThreads))) {}

TcpServer::~TcpServer() { Stop(); }

absl::Status TcpServer::Start() {
  CHECK(pool_ == nullptr) << "a TcpServer starts once";
  if (absl::Status status = CheckOptions(); !status.ok()) return status;
  auto pool =
      EventLoopThreadPool::Start(acceptor_loop_, {.threads = options_.threads,
                                                  .pin_cpus = options_.pin_cpus,
                                                  .name = options_.name,
                                                  .loop = options_.loop});
  if (!pool.ok()) return pool.status();
  pool_ = *std::move(pool);
  for (const InetAddress& address : options_.listen) {
    absl::Status status = Listen(address);
    if (status.ok()) continue;
    Stop();
    pool_.reset();
    MutexLock lock(&mu_);
    addresses_.clear();
    return status;
  }
  return absl::OkStatus();
}

absl::Status TcpServer::CheckOptions() const {
  if (options_.listen.empty()) {
    return absl::InvalidArgumentError("no address to listen on");
  }
  if (options_.threads < 0 ||
      options_.threads > EventLoopThreadPool::kMaxThreads) {
    return absl::InvalidArgumentError(
        absl::StrCat(options_.threads, " threads: allowed are 0 to ",
                     EventLoopThreadPool::kMaxThreads));
  }
  if (options_.placement != Placement::kReusePort) return absl::OkStatus();
  for (const InetAddress& address : options_.listen) {
    if (!address.is_unix()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(address.ToString(),
                     ": a unix socket has no reuseport placement; use "
                     "round-robin or least-connections"));
  }
  return absl::OkStatus();
}

absl::Status TcpServer::Listen(const InetAddress& address) {
  const bool each_loop = options_.placement == Placement::kReusePort;
  AcceptorOptions acceptor_options = {
      .listen = {.backlog = options_.backlog,
                 .reuse_port = each_loop,
                 .ipv6_only = std::ranges::any_of(options_.listen,
                                                  [](const InetAddress& a) {
                                                    return a.family() ==
                                                           AF_INET;
                                                  }),
                 .tcp_no_delay = options_.tcp_no_delay,
                 .keep_alive = options_.keep_alive},
      .max_accepts_per_turn = options_.max_accepts_per_turn};
  InetAddress bound = address;  // port 0 is chosen once, for all loops
  const size_t listeners = each_loop ? pool_->size() : 1;
  for (size_t i = 0; i < listeners; ++i) {
    EventLoop* const loop = each_loop ? pool_->loops()[i] : acceptor_loop_;
    absl::StatusOr<std::unique_ptr<Acceptor>> acceptor;
    loop->RunAndWait([&] {
      acceptor = Acceptor::Create(
          loop, bound, acceptor_options,
          [this, each_loop, i](Socket socket, InetAddress peer) {
            Place(each_loop ? i : ChooseLoop(), std::move(socket),
                  std::move(peer));
          });
    });
    if (!acceptor.ok()) return acceptor.status();
    bound = (*acceptor)->address();
    MutexLock lock(&mu_);
    listeners_.push_back({loop, *std::move(acceptor)});
  }
  MutexLock lock(&mu_);
  addresses_.push_back(bound);
  return absl::OkStatus();
}

void TcpServer::Place(size_t loop_index, Socket socket, InetAddress peer) {
  EventLoop* const loop = pool_->loops()[loop_index];
  ConnectionMembership membership(group_, loop_index);
  if (loop->IsInLoopThread()) {
    return Open(loop, std::move(socket), std::move(peer),
                std::move(membership));
  }
  loop->QueueInLoop([loop, socket = std::move(socket), peer = std::move(peer),
                     membership = std::move(membership)]() mutable {
    Open(loop, std::move(socket), std::move(peer), std::move(membership));
  });
}

size_t TcpServer::ChooseLoop() {
  const size_t loops = pool_->size();
  const size_t next = next_loop_++ % loops;
  if (options_.placement == Placement::kRoundRobin) return next;
  size_t best = next;  // among equals, still in turn
  for (size_t i = 0; i < loops; ++i) {
    if (group_->open_on_loop(i) < group_->open_on_loop(best)) best = i;
  }
  return best;
}

void TcpServer::Stop() {
  {
    MutexLock lock(&mu_);
    if (stopping_ != Stopping::kNo) {
      // Whoever stops it may be waiting for this very callback.
      if (IsInOwnCallback()) return;
      while (stopping_ != Stopping::kDone) stop_done_.Wait(&mu_);
      return;
    }
    stopping_ = Stopping::kUnderWay;
  }
  StopListening();
  // What was accepted is open by now, or finds on its way that it is too late.
  group_->Stop();
  OnEachLoop([this](EventLoop* loop) {
    loop->Local<ConnectionTable>().CloseAll(group_.get(),
                                            CloseReason::kServerStopped);
  });
  // Each is past the end of that turn: the sockets are closed.
  OnEachLoop([](EventLoop*) {});
  MutexLock lock(&mu_);
  stopping_ = Stopping::kDone;
  stop_done_.NotifyAll();
}

void TcpServer::StopListening() {
  std::vector<Listener> listeners;
  {
    MutexLock lock(&mu_);
    listeners.swap(listeners_);
  }
  for (Listener& listener : listeners) {
    listener.loop->RunAndWait([&listener] {
      listener.acceptor->Stop();
      // It may be calling us.
      listener.loop->DeferDelete(std::move(listener.acceptor));
    });
  }
}

void TcpServer::OnEachLoop(absl::FunctionRef<void(EventLoop*)> f) {
  acceptor_loop_->RunAndWait([&] { f(acceptor_loop_); });
  if (pool_ == nullptr) return;
  for (EventLoop* loop : pool_->loops()) {
    if (loop != acceptor_loop_) loop->RunAndWait([&] { f(loop); });
  }
}

bool TcpServer::IsInOwnCallback() const {
  if (acceptor_loop_->IsInCallback()) return true;
  if (pool_ == nullptr) return false;
  return std::ranges::any_of(pool_->loops(), &EventLoop::IsInCallback);
}

uint16_t TcpServer::port() const {
  MutexLock lock(&mu_);
  return addresses_.empty() ? 0 : addresses_.front().port();
}

std::vector<InetAddress> TcpServer::addresses() const {
  MutexLock lock(&mu_);
  return addresses_;
}

std::vector<EventLoop*> TcpServer::loops() const {
  return pool_ == nullptr ? std::vector<EventLoop*>() : pool_->loops();
}

}  // namespace rondo
