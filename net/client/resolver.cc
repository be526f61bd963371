#include "net/client/resolver.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "net/client/answer_cache.h"
#include "net/client/dns_channel.h"
#include "net/client/file_stamp.h"
#include "net/client/host_name.h"
#include "net/client/question.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/timer_id.h"

namespace rondo {
namespace {

class Waiter;
using Waiters = std::list<std::shared_ptr<Waiter>>;
using SharedAnswer = AnswerCache::Answer;

SharedAnswer Share(Resolver::Answer answer) {
  return std::make_shared<const Resolver::Answer>(std::move(answer));
}

// One who asks: waits for a lookup, then in the outbox to be told.
class Waiter final : public Request::State {
 public:
  Waiter(EventLoop* loop, Resolver::Callback callback)
      : loop_(loop), callback_(std::move(callback)) {}

  // Adds `waiter` to those of a lookup for `name`, at most for `timeout`.
  static void Join(const std::shared_ptr<Waiter>& waiter, Waiters& waiters,
                   const std::string& name, absl::Duration timeout);

  // Whoever waits has been taken from the lookup.
  void SetAnswer(SharedAnswer answer) {
    answer_ = std::move(answer);
    StopWaiting();
  }

  // Nobody will tell it. The caller has taken it from the lookup.
  void Forget() { StopWaiting(); }

  // Requires: it has its answer. May destroy the resolver.
  void Tell() {
    auto callback = std::exchange(callback_, nullptr);
    if (callback != nullptr) callback(*answer_);
  }

  void Withdraw() override {
    Leave();
    // Last: what it holds may do anything when it goes.
    const auto callback = std::exchange(callback_, nullptr);
  }

 private:
  // The caller keeps it alive.
  void Leave() {
    if (waiters_ != nullptr) waiters_->erase(place_);
    StopWaiting();
  }

  void StopWaiting() {
    waiters_ = nullptr;
    if (timer_ != TimerId{}) loop_->Cancel(timer_);
    timer_ = {};
  }

  EventLoop* const loop_;
  Resolver::Callback callback_;
  Waiters* waiters_ = nullptr;  // null unless it waits for a lookup
  Waiters::iterator place_;
  TimerId timer_;
  SharedAnswer answer_;
};

void Waiter::Join(const std::shared_ptr<Waiter>& waiter, Waiters& waiters,
                  const std::string& name, absl::Duration timeout) {
  waiter->waiters_ = &waiters;
  waiter->place_ = waiters.insert(waiters.end(), waiter);
  if (timeout == absl::InfiniteDuration()) return;
  const auto expire = [weak = std::weak_ptr(waiter), name, timeout] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->Leave();
    self->SetAnswer(Share(absl::DeadlineExceededError(
        absl::StrCat("no answer in time: ", name, " (asked for ",
                     absl::FormatDuration(timeout), ")"))));
    self->Tell();
  };
  waiter->timer_ = waiter->loop_->RunAfter(timeout, expire);
}

// Those whose answer is there, until a task of the loop tells them. Outlives
// the resolver in that task.
struct Outbox {
  std::vector<std::shared_ptr<Waiter>> waiters;
  bool posted = false;

  void TellAll() {
    posted = false;
    // What is asked meanwhile waits for the next task.
    for (const auto& waiter : std::exchange(waiters, {})) waiter->Tell();
  }
};

// The answer for a numeric address, which is not c-ares's: that gives IPv4 to
// those who ask for IPv6.
std::optional<Resolver::Answer> AnswerNumeric(std::string_view name,
                                              int family) {
  const auto address = InetAddress::FromHostAndPort(name, /*port=*/0);
  if (!address.ok() || address->is_unix()) return std::nullopt;
  if (address->family() == family) {
    return Resolver::Answer(std::vector<InetAddress>{*address});
  }
  return absl::NotFoundError(absl::StrCat(
      "no IPv", family == AF_INET ? "4" : "6", " address: ", std::string(name),
      " (it is one of the other family)"));
}

// Those names are nobody's to define (RFC 6761 section 6.3). Besides, c-ares
// 1.18 leaks 10 bytes each time that /etc/hosts has localhost for the other
// family only, and asks the DNS for a.localhost.
bool IsLocalhost(std::string_view canonical) {
  return canonical == "localhost" || canonical.ends_with(".localhost");
}

}  // namespace

// What is asked, and whom.
class Resolver::Core {
 public:
  Core(EventLoop* loop, const ResolverOptions& options)
      : loop_(loop),
        options_(options),
        stamp_(FileStamp::Of(options_.resolv_conf)),
        channel_(MakeChannel()),
        cache_(options_.max_cached_answers) {}
  ~Core();

  Request Resolve(std::string_view name, int family, absl::Duration timeout,
                  Callback callback);

  // Nobody is told anything any more.
  void End();

  void ClearCache() { cache_.Clear(); }
  size_t CountCached() { return cache_.Count(loop_->now()); }
  uint64_t queries() const { return queries_; }

 private:
  absl::StatusOr<std::unique_ptr<DnsChannel>> MakeChannel() const;
  void RenewChannel();
  // The answer, if nobody need be asked; else null and the question.
  SharedAnswer FindAnswer(std::string_view name, Question& question);
  // Joins those who ask the same, or begins.
  void Wait(const Question& question, const std::shared_ptr<Waiter>& waiter,
            absl::Duration timeout);
  // Asks what is in line, as far as the channel takes it.
  void AskNext();
  void Finish(const Question& question, DnsChannel::Reply reply);
  void Tell(const std::shared_ptr<Waiter>& waiter, SharedAnswer answer);

  EventLoop* const loop_;
  const ResolverOptions options_;
  const std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
  FileStamp stamp_;  // of the file that channel_ was made from
  absl::StatusOr<std::unique_ptr<DnsChannel>> channel_;
  // Those before it, until what they were asked is answered.
  std::vector<std::unique_ptr<DnsChannel>> retired_;
  bool ended_ = false;
  AnswerCache cache_;
  std::map<Question, Waiters> lookups_;  // without an answer
  std::deque<Question> line_;  // those for which the channel has no room yet
  uint64_t queries_ = 0;
};

Request Resolver::Core::Resolve(std::string_view name, int family,
                                absl::Duration timeout, Callback callback) {
  DCHECK(loop_->IsInLoopThread());
  const auto waiter = std::make_shared<Waiter>(loop_, std::move(callback));
  Question question{.name = {}, .family = family};
  const SharedAnswer answer = FindAnswer(name, question);
  if (answer != nullptr) {
    Tell(waiter, answer);
  } else {
    Wait(question, waiter, timeout);
  }
  return Request(waiter);
}

SharedAnswer Resolver::Core::FindAnswer(std::string_view name,
                                        Question& question) {
  auto numeric = AnswerNumeric(name, question.family);
  if (numeric.has_value()) return Share(*std::move(numeric));
  auto canonical = CanonicalHostName(name);
  if (!canonical.ok()) return Share(canonical.status());
  question.name = *std::move(canonical);
  if (IsLocalhost(question.name)) {
    return FindAnswer(question.family == AF_INET ? "127.0.0.1" : "::1",
                      question);
  }
  SharedAnswer cached = cache_.Find(question, loop_->now());
  if (cached != nullptr) return cached;
  RenewChannel();
  if (channel_.ok()) return nullptr;
  return Share(absl::Status(channel_.status().code(),
                            absl::StrCat("cannot look up ", question.name, " (",
                                         channel_.status().message(), ")")));
}

absl::StatusOr<std::unique_ptr<DnsChannel>> Resolver::Core::MakeChannel()
    const {
  return DnsChannel::Create(loop_, {.servers = options_.servers,
                                    .resolv_conf = options_.resolv_conf,
                                    .try_timeout = options_.try_timeout,
                                    .tries = options_.tries});
}

// c-ares reads the file once for each channel.
void Resolver::Core::RenewChannel() {
  std::erase_if(retired_, [](const auto& channel) { return channel->idle(); });
  if (ended_ || !options_.servers.empty()) return;
  const FileStamp stamp = FileStamp::Of(options_.resolv_conf);
  if (stamp == stamp_) return;
  stamp_ = stamp;
  auto renewed = MakeChannel();
  if (!renewed.ok() && channel_.ok()) return;  // better that than none
  if (channel_.ok()) retired_.push_back(*std::move(channel_));
  channel_ = std::move(renewed);
}

void Resolver::Core::Wait(const Question& question,
                          const std::shared_ptr<Waiter>& waiter,
                          absl::Duration timeout) {
  const auto [lookup, is_new] = lookups_.try_emplace(question);
  Waiter::Join(waiter, lookup->second, question.name, timeout);
  if (!is_new) return;
  line_.push_back(question);
  AskNext();
}

void Resolver::Core::AskNext() {
  while (!line_.empty() && !(*channel_)->full()) {
    const Question question = std::move(line_.front());
    line_.pop_front();
    const auto lookup = lookups_.find(question);
    if (lookup->second.empty()) {  // all have left before their turn
      lookups_.erase(lookup);
      continue;
    }
    ++queries_;
    (*channel_)->Ask(question, [this, question](DnsChannel::Reply reply) {
      Finish(question, std::move(reply));
    });
  }
}

void Resolver::Core::Finish(const Question& question, DnsChannel::Reply reply) {
  const SharedAnswer answer = Share(std::move(reply.addresses));
  const absl::Duration ttl = std::min(reply.ttl, options_.max_ttl);
  if (answer->ok() && ttl > absl::ZeroDuration()) {
    cache_.Put(question, answer, loop_->now() + ttl);
  }
  const auto lookup = lookups_.extract(question);
  for (const auto& waiter : lookup.mapped()) Tell(waiter, answer);
  AskNext();
}

void Resolver::Core::Tell(const std::shared_ptr<Waiter>& waiter,
                          SharedAnswer answer) {
  waiter->SetAnswer(std::move(answer));
  outbox_->waiters.push_back(waiter);
  if (std::exchange(outbox_->posted, true)) return;
  loop_->QueueInLoop([outbox = outbox_] { outbox->TellAll(); });
}

Resolver::Core::~Core() {
  for (const auto& [question, waiters] : std::exchange(lookups_, {})) {
    const SharedAnswer answer = Share(absl::CancelledError(absl::StrCat(
        "not looked up: ", question.name, " (the resolver is gone)")));
    for (const auto& waiter : waiters) Tell(waiter, answer);
  }
}

// What the callbacks own goes last: it may be other questions.
void Resolver::Core::End() {
  ended_ = true;
  channel_ = absl::CancelledError("its loop has ended");
  retired_.clear();
  line_.clear();
  const auto told = std::exchange(outbox_->waiters, {});
  const auto lookups = std::exchange(lookups_, {});
  for (const auto& [question, waiters] : lookups) {
    for (const auto& waiter : waiters) waiter->Forget();
  }
}

Resolver::Resolver(EventLoop* loop, ResolverOptions options)
    : core_(std::make_unique<Core>(loop, options)) {}

Resolver::~Resolver() = default;

Request Resolver::Resolve(std::string_view name, AddressFamily family,
                          absl::Duration timeout, Callback callback) {
  const int af = family == AddressFamily::kIpv4 ? AF_INET : AF_INET6;
  return core_->Resolve(name, af, timeout, std::move(callback));
}

void Resolver::ClearCache() { core_->ClearCache(); }

size_t Resolver::cached_answers() const { return core_->CountCached(); }

uint64_t Resolver::queries() const { return core_->queries(); }

void Resolver::OnLoopEnd() { core_->End(); }

}  // namespace rondo
