#include "tests/net/client/resolver_fixture.h"

#include <glog/logging.h>

#include <utility>

#include "absl/time/clock.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);

std::unique_ptr<EventLoopThread> StartLoop(const Clock* clock) {
  auto thread = EventLoopThread::Start(
      {.loop = {.clock = clock, .stall_limit = absl::InfiniteDuration()}});
  CHECK(thread.ok()) << thread.status();
  return *std::move(thread);
}

}  // namespace

DnsReply Addresses(const std::vector<std::string>& texts,
                   uint32_t ttl_seconds) {
  DnsReply reply;
  for (const std::string& text : texts) {
    const bool is_v6 = text.find(':') != std::string::npos;
    reply.records.push_back({.type = is_v6 ? DnsType::kAaaa : DnsType::kA,
                             .data = text,
                             .ttl_seconds = ttl_seconds});
  }
  return reply;
}

std::vector<std::string> Texts(const Resolver::Answer& answer) {
  if (!answer.ok()) return {answer.status().ToString()};
  std::vector<std::string> texts;
  for (const InetAddress& address : *answer) {
    EXPECT_EQ(address.port(), 0);
    std::string text = address.ToString();
    text.resize(text.size() - 2);  // ":0"
    texts.push_back(std::move(text));
  }
  return texts;
}

void AskedQuestion::Add(const Resolver::Answer& answer) {
  MutexLock lock(&mu_);
  answers_.push_back(answer);
  changed_.NotifyAll();
}

Resolver::Answer AskedQuestion::Await() const {
  const absl::Time give_up = absl::Now() + kPatience;
  MutexLock lock(&mu_);
  while (answers_.empty() && absl::Now() < give_up) {
    changed_.WaitFor(&mu_, give_up - absl::Now());
  }
  if (!answers_.empty()) return answers_.front();
  ADD_FAILURE() << "there is no answer";
  return absl::InternalError("there is no answer");
}

int AskedQuestion::answers() const {
  MutexLock lock(&mu_);
  return static_cast<int>(answers_.size());
}

ResolverFixture::ResolverFixture() : thread_(StartLoop(&clock_)) {
  Use(Options());
}

ResolverFixture::~ResolverFixture() { Clear(); }

void ResolverFixture::Clear() {
  OnLoop([this] {
    resolver_.reset();
    asked_.clear();
  });
}

void ResolverFixture::Use(ResolverOptions options) {
  OnLoop([this, &options] {
    resolver_ = std::make_unique<Resolver>(loop(), std::move(options));
  });
}

void ResolverFixture::UseRealClock(ResolverOptions options) {
  Clear();
  thread_ = StartLoop(nullptr);
  Use(std::move(options));
}

void ResolverFixture::OnLoop(absl::FunctionRef<void()> f) {
  loop()->RunAndWait(f);
}

void ResolverFixture::Advance(absl::Duration d) {
  clock_.Advance(d);
  // The first may run in a turn that has read the clock before.
  OnLoop([] {});
  OnLoop([] {});
}

std::shared_ptr<AskedQuestion> ResolverFixture::BeginOnLoop(
    std::string_view name, AddressFamily family, absl::Duration timeout) {
  auto asked = std::make_shared<AskedQuestion>();
  asked->request = resolver_->Resolve(
      name, family, timeout,
      [asked](const Resolver::Answer& answer) { asked->Add(answer); });
  EXPECT_EQ(asked->answers(), 0) << "answered from inside Resolve()";
  asked_.push_back(asked);
  return asked;
}

std::shared_ptr<AskedQuestion> ResolverFixture::Begin(std::string_view name,
                                                      AddressFamily family,
                                                      absl::Duration timeout) {
  std::shared_ptr<AskedQuestion> asked;
  OnLoop([&] { asked = BeginOnLoop(name, family, timeout); });
  return asked;
}

Resolver::Answer ResolverFixture::Ask(std::string_view name,
                                      AddressFamily family,
                                      absl::Duration timeout) {
  return Begin(name, family, timeout)->Await();
}

size_t ResolverFixture::cached_answers() {
  size_t count = 0;
  OnLoop([&] { count = resolver_->cached_answers(); });
  return count;
}

uint64_t ResolverFixture::queries() {
  uint64_t count = 0;
  OnLoop([&] { count = resolver_->queries(); });
  return count;
}

}  // namespace rondo
