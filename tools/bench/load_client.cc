#include "tools/bench/load_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace rondo::bench {
namespace {

constexpr size_t kWave = 256;  // Far under any server's listen backlog.
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kRampUpPatienceNs = 10 * kNsPerSecond;
constexpr int kMaxFailures = 3;
constexpr int kMaxEvents = 1024;
constexpr size_t kReadBytes = 64 * 1024;
constexpr uint32_t kSources = 64;  // 127.0.0.1 to 127.0.0.64.
constexpr uint32_t kSignalId = UINT32_MAX;

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * kNsPerSecond + now.tv_nsec;
}

int64_t ToNs(double seconds) { return std::llround(seconds * 1e9); }

int StopSignalFd() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

std::string HostOf(const sockaddr_in& address) {
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
  return text;
}

}  // namespace

LoadClient::LoadClient(const LoadOptions& options)
    : options_(options),
      workload_(options.mode, options.message_bytes, HostOf(options.server),
                options.pipeline, options.varied),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      signal_fd_(StopSignalFd()),
      slots_(static_cast<size_t>(options.connections)),
      buffer_(kReadBytes) {
  Watch(EPOLL_CTL_ADD, signal_fd_, kSignalId, false);
}

LoadClient::~LoadClient() {
  for (Slot& slot : slots_) {
    if (slot.fd >= 0) close(slot.fd);
  }
  close(signal_fd_);
  close(epoll_fd_);
}

LoadResult LoadClient::Run() {
  now_ns_ = NowNs();
  deadline_ns_ = now_ns_ + kRampUpPatienceNs;
  for (size_t i = 0; i < kWave; ++i) StartOne();
  epoll_event events[kMaxEvents];
  while (phase_ != Phase::kDone) {
    const timespec wait = Wait();
    const int ready =
        epoll_pwait2(epoll_fd_, events, kMaxEvents, &wait, nullptr);
    for (int i = 0; i < ready && phase_ != Phase::kDone; ++i) {
      const uint32_t id = events[i].data.u32;
      if (id == kSignalId) {
        EnterDone();
      } else {
        Handle(slots_[id], events[i].events);
      }
    }
    now_ns_ = NowNs();
    Advance();
  }
  result_.latency_ns = latency_ns_.TakeSnapshot();
  return result_;
}

uint32_t LoadClient::Id(const Slot& slot) const {
  return static_cast<uint32_t>(&slot - slots_.data());
}

std::string_view LoadClient::Request(const Slot& slot) const {
  return workload_.Request(Id(slot), slot.sequence);
}

void LoadClient::Watch(int op, int fd, uint32_t id, bool wants_write) {
  epoll_event event{};
  event.events = EPOLLIN | (wants_write ? uint32_t{EPOLLOUT} : 0);
  event.data.u32 = id;
  epoll_ctl(epoll_fd_, op, fd, &event);
}

// --- One connection. ---------------------------------------------------------

// Sends the next request, over a new connection if there is none.
void LoadClient::Begin(Slot& slot, int64_t start_ns) {
  slot.start_ns = start_ns;
  slot.sent = 0;
  slot.reply = Reply();
  slot.busy = true;
  if (slot.fd >= 0) return Write(slot);
  const int error = Connect(slot);
  if (error != 0 && error != EINPROGRESS) return Fail(slot, strerror(error));
  slot.wants_write = error == EINPROGRESS;
  Watch(EPOLL_CTL_ADD, slot.fd, Id(slot), slot.wants_write);
  if (error == 0) Write(slot);
}

// One source address has some 28,000 ports for one server. When they are used
// up, as those of connections closed by this side are for a minute, go on to
// the next one, and round again from the last.
int LoadClient::Connect(Slot& slot) {
  int error = ConnectFrom(slot, source_);
  for (uint32_t i = 0; error == EADDRNOTAVAIL && i < kSources; ++i) {
    source_ = source_ % kSources + 1;
    error = ConnectFrom(slot, source_);
  }
  return error;
}

int LoadClient::ConnectFrom(Slot& slot, uint32_t source) {
  if (slot.fd >= 0) close(slot.fd);
  slot.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (slot.fd < 0) return errno;
  const int on = 1;
  setsockopt(slot.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (source != 0) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + source);
    // The port is chosen by connect(), which knows the other end; see ip(7).
    setsockopt(slot.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    const auto* address = reinterpret_cast<const sockaddr*>(&local);
    if (bind(slot.fd, address, sizeof(local)) != 0) return errno;
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&options_.server);
  return connect(slot.fd, address, sizeof(options_.server)) == 0 ? 0 : errno;
}

void LoadClient::Handle(Slot& slot, uint32_t events) {
  if (slot.wants_write && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
    Write(slot);
    if (slot.wants_write || slot.sent == 0) return;
  }
  if (events & EPOLLIN) Read(slot);
}

void LoadClient::Write(Slot& slot) {
  const std::string_view rest = Request(slot).substr(slot.sent);
  const ssize_t n = send(slot.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return Fail(slot, strerror(errno));
  if (n > 0) slot.sent += static_cast<size_t>(n);
  const bool wants_write = n < static_cast<ssize_t>(rest.size());
  if (wants_write == slot.wants_write) return;
  slot.wants_write = wants_write;
  Watch(EPOLL_CTL_MOD, slot.fd, Id(slot), wants_write);
}

void LoadClient::Read(Slot& slot) {
  const ssize_t n = recv(slot.fd, buffer_.data(), buffer_.size(), 0);
  if (n < 0) return errno == EAGAIN ? void() : Fail(slot, strerror(errno));
  const Workload::Verdict verdict =
      n == 0 ? workload_.OnEnd(slot.reply)
             : workload_.OnBytes(Request(slot),
                                 {buffer_.data(), static_cast<size_t>(n)},
                                 &slot.reply);
  if (verdict == Workload::Verdict::kMore) return;
  const bool good =
      verdict == Workload::Verdict::kDone && slot.sent == Request(slot).size();
  if (!good) return Fail(slot, n == 0 ? "closed too early" : "wrong reply");
  Finish(slot);
}

void LoadClient::Finish(Slot& slot) {
  const int64_t now = NowNs();
  if (phase_ == Phase::kMeasure) {
    result_.requests += workload_.pipeline();
    const bool counts = !is_open() || slot.start_ns >= measure_start_ns_;
    if (counts) latency_ns_.Record(now - slot.start_ns);
  }
  slot.busy = false;
  ++slot.sequence;
  slot.failures = 0;
  if (workload_.closes()) Close(slot);
  if (phase_ != Phase::kRampUp) return Next(slot);
  ++answered_;
  deadline_ns_ = now + kRampUpPatienceNs;
  StartOne();
}

void LoadClient::Fail(Slot& slot, const char* why) {
  Close(slot);
  if (phase_ == Phase::kDone) return;
  if (phase_ == Phase::kRampUp) {
    result_.failure = "no good first reply from " + HostOf(options_.server) +
                      ":" + std::to_string(ntohs(options_.server.sin_port)) +
                      ": " + why;
    return EnterDone();
  }
  ++result_.errors;
  if (++slot.failures < kMaxFailures) return Begin(slot, slot.start_ns);
  slot.busy = false;
  if (++given_up_ == slots_.size()) EnterDone();
}

void LoadClient::Close(Slot& slot) {
  if (slot.fd >= 0) close(slot.fd);
  slot.fd = -1;
  slot.sent = 0;
  slot.wants_write = false;
}

// --- All of them. ------------------------------------------------------------

void LoadClient::StartOne() {
  if (started_ < slots_.size()) Begin(slots_[started_++], NowNs());
}

void LoadClient::Advance() {
  if (is_open() && phase_ != Phase::kRampUp) SendDue();
  switch (phase_) {
    case Phase::kRampUp:
      if (answered_ == slots_.size()) return EnterWarmUp();
      if (now_ns_ < deadline_ns_) return;
      result_.failure = "no reply for 10 seconds after " +
                        std::to_string(answered_) + " of " +
                        std::to_string(slots_.size()) + " connections";
      return EnterDone();
    case Phase::kWarmUp:
      if (now_ns_ >= deadline_ns_) EnterMeasure();
      return;
    case Phase::kMeasure:
      if (now_ns_ >= deadline_ns_) EnterDone();
      return;
    case Phase::kDone:
      return;
  }
}

void LoadClient::EnterWarmUp() {
  phase_ = Phase::kWarmUp;
  deadline_ns_ = now_ns_ + ToNs(options_.warmup_seconds);
  open_since_ns_ = now_ns_;
  for (Slot& slot : slots_) Next(slot);
}

void LoadClient::Next(Slot& slot) {
  if (!is_open()) return Begin(slot, NowNs());
  idle_.push_back(&slot);
  SendDue();
}

void LoadClient::SendDue() {
  while (!idle_.empty() && phase_ != Phase::kDone && DueAt(begun_) <= NowNs()) {
    Slot& slot = *idle_.front();
    idle_.pop_front();
    Begin(slot, DueAt(begun_++));
  }
}

int64_t LoadClient::DueAt(uint64_t request) const {
  return open_since_ns_ +
         std::llround(static_cast<double>(request) * 1e9 / options_.rate);
}

// Those that were due in the measurement and have had no reply.
void LoadClient::CountUnanswered() {
  const int64_t end = NowNs();
  const auto count = [this, end](int64_t due) {
    if (due < measure_start_ns_) return;
    latency_ns_.Record(end - due);
    ++result_.unanswered;
  };
  for (const Slot& slot : slots_) {
    if (slot.busy) count(slot.start_ns);
  }
  for (; DueAt(begun_) < end; ++begun_) count(DueAt(begun_));
}

void LoadClient::EnterMeasure() {
  phase_ = Phase::kMeasure;
  usage_at_start_ = ReadServerUsage(options_.server_pids);
  measure_start_ns_ = NowNs();
  deadline_ns_ = measure_start_ns_ + ToNs(options_.seconds);
}

void LoadClient::EnterDone() {
  if (phase_ == Phase::kMeasure) {
    if (is_open()) CountUnanswered();
    result_.seconds =
        static_cast<double>(NowNs() - measure_start_ns_) / kNsPerSecond;
    const std::optional<ServerUsage> usage =
        ReadServerUsage(options_.server_pids);
    if (usage && usage_at_start_) {
      result_.server_usage = {
          .cpu_ns = usage->cpu_ns - usage_at_start_->cpu_ns,
          .context_switches =
              usage->context_switches - usage_at_start_->context_switches};
    }
  }
  phase_ = Phase::kDone;
}

timespec LoadClient::Wait() const {
  int64_t until = deadline_ns_;
  if (!idle_.empty()) until = std::min(until, DueAt(begun_));
  const int64_t ns = std::max<int64_t>(0, until - now_ns_);
  return {.tv_sec = ns / kNsPerSecond, .tv_nsec = ns % kNsPerSecond};
}

}  // namespace rondo::bench
