#include "examples/tcp_proxy/backends.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rondo::examples {
namespace {

int64_t ToNanoseconds(MonotonicTime time) {
  return absl::ToInt64Nanoseconds(time - MonotonicTime());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backends>> Backends::Parse(std::string_view list,
                                                          Options options) {
  std::vector<Endpoint> endpoints;
  const std::vector<std::string> texts = absl::StrSplit(
      absl::string_view(list.data(), list.size()), ',', absl::SkipEmpty());
  for (const std::string& text : texts) {
    auto endpoint = Endpoint::Parse(text);
    if (!endpoint.ok()) return endpoint.status();
    endpoints.push_back(*std::move(endpoint));
  }
  if (endpoints.empty()) {
    return absl::InvalidArgumentError("there is no backend in the list");
  }
  return std::unique_ptr<Backends>(new Backends(std::move(endpoints), options));
}

Backends::Backends(std::vector<Endpoint> endpoints, Options options)
    : options_(options), backends_(endpoints.size()) {
  for (size_t i = 0; i < endpoints.size(); ++i) {
    backends_[i].endpoint = std::move(endpoints[i]);
  }
}

Backends::Choice Backends::Choose(const std::vector<size_t>& tried) {
  // The best so far: up rather than down, then by the balance, then in turn.
  const auto better = [this](size_t a, size_t b) {
    const bool up = IsUp(backends_[a]);
    if (up != IsUp(backends_[b])) return up;
    return options_.balance == Balance::kLeastConnections &&
           backends_[a].connections < backends_[b].connections;
  };
  const size_t first = next_++;
  size_t best = size();
  for (size_t i = 0; i < size(); ++i) {
    const size_t index = (first + i) % size();
    if (std::ranges::find(tried, index) != tried.end()) continue;
    if (best == size() || better(index, best)) best = index;
  }
  CHECK_LT(best, size()) << "all were tried";
  return Choice(this, best);
}

bool Backends::IsUp(const Backend& backend) const {
  return ToNanoseconds(Clock::Real().Now()) >= backend.left_out_until_ns;
}

void Backends::ReportFailure(Backend& backend, const absl::Status& why) {
  // What this side lacks is not the backend's fault.
  if (absl::IsResourceExhausted(why) || absl::IsInvalidArgument(why)) return;
  if (++backend.failures < options_.fail_limit) return;
  const bool was_up = IsUp(backend);
  backend.left_out_until_ns =
      ToNanoseconds(Clock::Real().Now() + options_.fail_timeout);
  LOG_IF(WARNING, was_up) << "backend " << backend.endpoint.ToString()
                          << " is left out for "
                          << absl::FormatDuration(options_.fail_timeout) << ": "
                          << why.message();
}

Backends::Choice::Choice(Backends* backends, size_t index)
    : backends_(backends), index_(index) {
  ++backend().connections;
}

Backends::Choice::Choice(Choice&& other) noexcept
    : backends_(std::exchange(other.backends_, nullptr)),
      index_(other.index_) {}

Backends::Choice::~Choice() {
  if (backends_ != nullptr) --backend().connections;
}

}  // namespace rondo::examples
