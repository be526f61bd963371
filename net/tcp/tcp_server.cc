#include "net/tcp/tcp_server.h"

#include <glog/logging.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "net/reactor/mailbox.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/listener.h"
#include "net/tcp/socket.h"

namespace rondo {
namespace {

StopReport ReportOn(const ConnectionGroup& group) {
  return {.drained = group.drained(),
          .forced = group.forced(),
          .bytes_unsent = group.unsent_bytes(),
          .complete = true};
}

// On the connection's loop.
void Open(EventLoop* loop, Socket socket, InetAddress peer,
          ConnectionMembership membership) {
  if (membership.group()->stopped()) return;
  loop->Local<ConnectionTable>().Open(std::move(socket), std::move(peer),
                                      std::move(membership));
}

}  // namespace

TcpServer::TcpServer(EventLoop* acceptor_loop, TcpServerOptions options,
                     ConnectionCallbacks callbacks)
    : acceptor_loop_(acceptor_loop),
      options_(std::move(options)),
      group_(std::make_shared<ConnectionGroup>(
          std::move(callbacks),
          std::clamp(options_.threads, 1, EventLoopThreadPool::kMaxThreads),
          options_.limits, options_.Admission())) {}

TcpServer::~TcpServer() { Stop(); }

absl::Status TcpServer::Start(std::vector<Socket> listening) {
  CHECK(pool_ == nullptr) << "a TcpServer starts once";
  if (absl::Status status = options_.Check(); !status.ok()) return status;
  auto pool =
      EventLoopThreadPool::Start(acceptor_loop_, {.threads = options_.threads,
                                                  .pin_cpus = options_.pin_cpus,
                                                  .name = options_.name,
                                                  .loop = options_.loop});
  if (!pool.ok()) return pool.status();
  pool_ = *std::move(pool);
  absl::Status status = StartListening(std::move(listening));
  if (status.ok()) return status;
  Stop();
  pool_.reset();
  MutexLock lock(&mu_);
  addresses_.clear();
  return status;
}

absl::Status TcpServer::StartListening(std::vector<Socket> listening) {
  std::vector<InetAddress> wanted = options_.listen;
  std::vector<InetAddress> bound;
  for (const Socket& socket : listening) {
    auto address = socket.LocalAddress();
    if (!address.ok()) return address.status();
    bound.push_back(*std::move(address));
    const bool known = std::ranges::find(wanted, bound.back()) != wanted.end();
    if (options_.listen.empty() && !known) wanted.push_back(bound.back());
  }
  if (wanted.empty()) {
    return absl::InvalidArgumentError("no address to listen on");
  }
  for (const InetAddress& address : wanted) {
    std::vector<Socket> its;
    for (size_t i = 0; i < listening.size(); ++i) {
      const bool same =
          bound[i] == address || (!address.is_unix() && address.port() == 0 &&
                                  bound[i].WithPort(0) == address);
      if (same && listening[i].valid()) its.push_back(std::move(listening[i]));
    }
    absl::Status status = Listen(address, std::move(its));
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < listening.size(); ++i) {
    LOG_IF(WARNING, listening[i].valid())
        << "closing the socket that listens on " << bound[i].ToString()
        << ": this server is not to listen there";
  }
  return absl::OkStatus();
}

absl::Status TcpServer::Listen(const InetAddress& address,
                               std::vector<Socket> listening) {
  InetAddress bound = address;  // port 0 is chosen once, for all loops
  const size_t needed = each_loop_listens() ? pool_->size() : 1;
  // Sockets that do not share their port cannot have others beside them.
  const bool alone = !listening.empty() && !listening.front().reuse_port();
  const size_t count =
      alone ? listening.size() : std::max(needed, listening.size());
  for (size_t i = 0; i < count; ++i) {
    const bool adopted = i < listening.size();
    auto socket = adopted ? std::move(listening[i])
                          : Socket::Listen(bound, SocketOptions());
    if (!socket.ok()) return socket.status();
    if (adopted) socket->Listen(SocketOptions());
    auto added = AddListener(i % needed, *std::move(socket), adopted);
    if (!added.ok()) return added.status();
    bound = *std::move(added);
  }
  MutexLock lock(&mu_);
  addresses_.push_back(bound);
  return absl::OkStatus();
}

ListenOptions TcpServer::SocketOptions() const {
  const bool also_ipv4 = std::ranges::any_of(
      options_.listen,
      [](const InetAddress& a) { return a.family() == AF_INET; });
  return {.backlog = options_.backlog,
          .reuse_port = each_loop_listens(),
          .ipv6_only = also_ipv4,
          .tcp_no_delay = options_.tcp_no_delay,
          .keep_alive = options_.keep_alive};
}

absl::StatusOr<InetAddress> TcpServer::AddListener(size_t loop_index,
                                                   Socket socket,
                                                   bool adopted) {
  EventLoop* const loop =
      each_loop_listens() ? pool_->loops()[loop_index] : acceptor_loop_;
  // One that has no others beside it hands over to all loops.
  const bool stays = each_loop_listens() && socket.reuse_port();
  auto place = [this, stays, loop_index](Socket accepted, InetAddress peer,
                                         AddressKey key) {
    Place(stays ? loop_index : ChooseLoop(), std::move(accepted),
          std::move(peer), key);
  };
  absl::StatusOr<std::unique_ptr<Listener>> listener;
  loop->RunAndWait([&] {
    listener = Listener::Create(
        loop, std::move(socket),
        {.adopted = adopted,
         .counts = &accept_counts_,
         .max_accepts_per_turn = options_.max_accepts_per_turn},
        group_, std::move(place));
  });
  if (!listener.ok()) return listener.status();
  MutexLock lock(&mu_);
  listeners_.push_back(*std::move(listener));
  return listeners_.back()->address();
}

void TcpServer::Place(size_t loop_index, Socket socket, InetAddress peer,
                      AddressKey key) {
  EventLoop* const loop = pool_->loops()[loop_index];
  ConnectionMembership membership(group_, loop_index, key);
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

void TcpServer::Drain(absl::Duration grace,
                      absl::AnyInvocable<void(StopReport)> done) {
  if (!StartDrain(grace) || !done) return;
  group_->WhenEmpty([weak = std::weak_ptr(group_),
                     mailbox = acceptor_loop_->mailbox(),
                     done = std::move(done)]() mutable {
    // Refused only when the loop is gone, and then nobody waits.
    (void)mailbox->Post([weak, done = std::move(done)]() mutable {
      const auto group = weak.lock();
      if (group != nullptr && !group->stopped()) done(ReportOn(*group));
    });
  });
}

bool TcpServer::StartDrain(absl::Duration grace) {
  {
    MutexLock lock(&mu_);
    if (stopping_ > Stopping::kDraining) return false;
    stopping_ = Stopping::kDraining;
  }
  std::vector<std::pair<EventLoop*, std::shared_ptr<Mailbox>>> places;
  for (EventLoop* loop : loops()) places.emplace_back(loop, loop->mailbox());
  EndListening([grace](Listener& listener) { listener.Drain(grace); },
               [group = group_, places, grace] {
                 group->StartDraining();
                 for (const auto& [loop, mailbox] : places) {
                   // Refused by a loop that is gone, with its connections.
                   (void)mailbox->Post([loop = loop, group, grace] {
                     loop->Local<ConnectionTable>().Drain(group, grace);
                   });
                 }
               });
  return true;
}

void TcpServer::AwaitEmpty(absl::Duration timeout) {
  struct Gate {
    Mutex mu;
    CondVar changed;
    bool empty ABSL_GUARDED_BY(mu) = false;
  };
  auto gate = std::make_shared<Gate>();
  group_->WhenEmpty([gate] {
    MutexLock lock(&gate->mu);
    gate->empty = true;
    gate->changed.NotifyAll();
  });
  const MonotonicTime deadline = Clock::Real().Now() + timeout;
  MutexLock lock(&gate->mu);
  while (!gate->empty) {
    const absl::Duration left = deadline - Clock::Real().Now();
    if (left <= absl::ZeroDuration()) return;
    gate->changed.WaitFor(&gate->mu,
                          timeout == absl::InfiniteDuration() ? timeout : left);
  }
}

StopReport TcpServer::Stop(absl::Duration grace) {
  const bool in_callback = IsInOwnCallback();
  if (grace > absl::ZeroDuration() && StartDrain(grace)) {
    if (in_callback) return {};
    AwaitEmpty(grace);
  }
  bool first;
  {
    MutexLock lock(&mu_);
    // Whoever stops it may be waiting for this very callback.
    if (in_callback && stopping_ > Stopping::kDraining) return {};
    while (stopping_ == Stopping::kUnderWay) stop_done_.Wait(&mu_);
    if (stopping_ == Stopping::kDone) return ReportOn(*group_);
    first = stopping_ <= Stopping::kDraining;
    stopping_ = Stopping::kUnderWay;
  }
  if (first) EndAll();
  // Each is past the end of that turn: the sockets are closed, and the callback
  // that has stopped the server, if one has, has returned.
  OnEachLoop([](EventLoop*) {});
  if (!in_callback && pool_ != nullptr) pool_->Stop();
  MutexLock lock(&mu_);
  stopping_ = in_callback ? Stopping::kStopped : Stopping::kDone;
  stop_done_.NotifyAll();
  StopReport report = ReportOn(*group_);
  report.complete = !in_callback;
  return report;
}

void TcpServer::EndAll() {
  std::vector<std::shared_ptr<Listener>> listeners;
  {
    MutexLock lock(&mu_);
    listeners.swap(ended_);
    std::ranges::move(listeners_, std::back_inserter(listeners));
    listeners_.clear();
  }
  for (const auto& listener : listeners) {
    listener->loop()->RunAndWait([&listener] { listener->Stop(); });
  }
  // What was accepted is open by now, or finds on its way that it is too late.
  group_->StartDraining();
  group_->Stop();
  OnEachLoop([this](EventLoop* loop) {
    loop->Local<ConnectionTable>().CloseAll(group_.get(),
                                            CloseReason::kServerStopped);
  });
}

void TcpServer::EndListening(std::function<void(Listener&)> end,
                             absl::AnyInvocable<void()> then) {
  std::vector<std::shared_ptr<Listener>> listeners;
  {
    MutexLock lock(&mu_);
    std::ranges::move(listeners_, std::back_inserter(ended_));
    listeners_.clear();
    listeners = ended_;
  }
  struct Rest {
    std::atomic<size_t> count;
    absl::AnyInvocable<void()> then;
    void CountDown() {
      if (--count == 0 && then) then();
    }
  };
  auto rest = std::make_shared<Rest>(listeners.size() + 1, std::move(then));
  // Two callbacks that wait for each other's loops would wait for ever.
  const bool may_wait = !IsInOwnCallback();
  for (const auto& listener : listeners) {
    EventLoop* const loop = listener->loop();
    const auto end_one = [listener, end, rest] {
      end(*listener);
      rest->CountDown();
    };
    if (may_wait || loop->IsInLoopThread()) {
      loop->RunAndWait(end_one);
    } else {
      loop->QueueInLoop(end_one);
    }
  }
  rest->CountDown();
}

std::vector<int> TcpServer::listening_fds() const {
  MutexLock lock(&mu_);
  std::vector<int> fds;
  for (const auto& listener : listeners_) {
    listener->Share();
    fds.push_back(listener->fd());
  }
  return fds;
}

void TcpServer::LeaveListening() {
  EndListening([](Listener& listener) { listener.Leave(); });
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
