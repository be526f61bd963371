#include "net/client/connector.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

// More of one name would be an attack, or a mistake.
constexpr size_t kMaxAddresses = 16;  // of one family

size_t Index(AddressFamily family) { return static_cast<size_t>(family); }

AddressFamily Other(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? AddressFamily::kIpv6
                                        : AddressFamily::kIpv4;
}

absl::Status CheckDuration(const char* name, absl::Duration value,
                           bool zero_allowed) {
  const bool good = zero_allowed ? value >= absl::ZeroDuration()
                                 : value > absl::ZeroDuration();
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is ", absl::FormatDuration(value),
                   zero_allowed ? ", and must not be negative"
                                : ", and must be more than 0"));
}

}  // namespace

absl::Status ConnectorOptions::Check() const {
  absl::Status status = CheckDuration("timeout", timeout, false);
  status.Update(CheckDuration("attempt_delay", attempt_delay, false));
  status.Update(CheckDuration("resolution_delay", resolution_delay, true));
  return status;
}

Connector::Connector(EventLoop* loop, Resolver* resolver, Endpoint endpoint,
                     const ConnectorOptions& options, Callback callback)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      options_(options),
      callback_(std::move(callback)) {
  DCHECK(loop_->IsInLoopThread());
  if (options_.timeout != absl::InfiniteDuration()) {
    deadline_ = loop_->RunAfter(options_.timeout, [this] { HandleTimeout(); });
  }
  if (!endpoint_.is_name()) {
    waiting_[Index(AddressFamily::kIpv4)].push_back(endpoint_.address());
    TryNext();
    return;
  }
  if (resolver == nullptr) resolver = &loop_->Local<Resolver>();
  const auto& local = options_.socket.local_address;
  const int only = local.has_value() ? local->family() : AF_UNSPEC;
  if (only != AF_INET) LookUp(*resolver, AddressFamily::kIpv6);
  if (only != AF_INET6) LookUp(*resolver, AddressFamily::kIpv4);
}

Connector::~Connector() {
  loop_->Cancel(deadline_);
  loop_->Cancel(next_);
}

// Its timeout is that of the whole.
void Connector::LookUp(Resolver& resolver, AddressFamily family) {
  ++lookups_open_;
  lookups_[Index(family)] =
      resolver.Resolve(endpoint_.name(), family, absl::InfiniteDuration(),
                       [this, family](const Resolver::Answer& answer) {
                         HandleAnswer(family, answer);
                       });
}

void Connector::HandleAnswer(AddressFamily family,
                             const Resolver::Answer& answer) {
  --lookups_open_;
  if (answer.ok()) {
    auto& waiting = waiting_[Index(family)];
    for (const InetAddress& address : *answer) {
      if (waiting.size() == kMaxAddresses) break;
      waiting.push_back(address.WithPort(endpoint_.port()));
    }
  } else {
    failures_.push_back(answer.status());
  }
  if (!attempts_.empty()) {
    if (next_armed_ || !IsWaiting()) return;
    TryNextAfter(last_attempt_ + options_.attempt_delay - loop_->now());
  } else if (family == AddressFamily::kIpv4 && lookups_open_ > 0 &&
             IsWaiting()) {
    TryNextAfter(options_.resolution_delay);
  } else {
    TryNext();
  }
}

void Connector::HandleAttempt(ConnectAttempt& attempt,
                              absl::StatusOr<Socket> result) {
  if (result.ok()) {
    return Finish(Connected{*std::move(result), attempt.peer()});
  }
  failures_.push_back(result.status());
  std::erase_if(attempts_,
                [&attempt](const auto& a) { return a.get() == &attempt; });
  TryNext();
}

void Connector::HandleTimeout() {
  const bool looks_up = attempts_.empty() && lookups_open_ > 0;
  Finish(WithFailures(
      absl::StatusCode::kDeadlineExceeded,
      absl::StrCat("within ", absl::FormatDuration(options_.timeout),
                   looks_up ? ": no answer from the DNS"
                            : ": no answer from the server")));
}

void Connector::TryNext() {
  loop_->Cancel(next_);
  next_armed_ = false;
  if (IsWaiting()) {
    last_attempt_ = loop_->now();
    attempts_.push_back(std::make_unique<ConnectAttempt>(
        loop_, TakeNext(), options_.socket,
        [this](ConnectAttempt& attempt, absl::StatusOr<Socket> result) {
          HandleAttempt(attempt, std::move(result));
        }));
    if (IsWaiting()) TryNextAfter(options_.attempt_delay);
  } else if (attempts_.empty() && lookups_open_ == 0) {
    Finish(failures_.size() == 1 && !endpoint_.is_name()
               ? failures_.back()
               : WithFailures(failures_.back().code(), ""));
  }
}

void Connector::TryNextAfter(absl::Duration delay) {
  next_armed_ = true;
  next_ = loop_->RunAfter(delay, [this] { TryNext(); });
}

bool Connector::IsWaiting() const {
  return std::ranges::any_of(
      waiting_, [](const auto& addresses) { return !addresses.empty(); });
}

// The families in turn, while both have some (RFC 8305 section 4).
InetAddress Connector::TakeNext() {
  AddressFamily family = next_family_;
  if (waiting_[Index(family)].empty()) family = Other(family);
  next_family_ = Other(family);
  std::deque<InetAddress>& from = waiting_[Index(family)];
  InetAddress result = std::move(from.front());
  from.pop_front();
  return result;
}

absl::Status Connector::WithFailures(absl::StatusCode code,
                                     std::string_view what) const {
  std::vector<std::string> parts;
  if (!what.empty()) parts.emplace_back(what);
  for (const absl::Status& failure : failures_) {
    std::string part(failure.message());
    // Both lookups fail alike where there is no such name.
    if (parts.empty() || parts.back() != part) parts.push_back(std::move(part));
  }
  return absl::Status(
      code, absl::StrCat("cannot connect to ", endpoint_.ToString(), ": ",
                         absl::StrJoin(parts, "; ")));
}

void Connector::Finish(absl::StatusOr<Connected> result) {
  loop_->Cancel(deadline_);
  loop_->Cancel(next_);
  for (Request& lookup : lookups_) lookup.Withdraw();
  attempts_.clear();
  Callback callback = std::move(callback_);
  callback(std::move(result));  // which may destroy this
}

}  // namespace rondo
