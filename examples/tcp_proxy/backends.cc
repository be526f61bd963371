#include "examples/tcp_proxy/backends.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rondo::examples {

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
  std::vector<size_t> candidates = Candidates(tried);
  CHECK(!candidates.empty()) << "all were tried";
  if (options_.balance == Balance::kLeastConnections) {
    KeepLeastConnected(candidates);
  }
  const size_t turn = tried.empty() ? next_++ : next_again_++;
  return Choice(this, candidates[turn % candidates.size()]);
}

// Those that were not tried; only those that are up, if there are any.
std::vector<size_t> Backends::Candidates(
    const std::vector<size_t>& tried) const {
  std::vector<size_t> up;
  std::vector<size_t> down;
  for (size_t i = 0; i < size(); ++i) {
    if (std::ranges::find(tried, i) != tried.end()) continue;
    (IsUp(backends_[i]) ? up : down).push_back(i);
  }
  return up.empty() ? down : up;
}

void Backends::KeepLeastConnected(std::vector<size_t>& candidates) const {
  // Once: other threads change them.
  std::vector<int> connections;
  for (size_t i : candidates) connections.push_back(backends_[i].connections);
  const int least = *std::ranges::min_element(connections);
  size_t kept = 0;
  for (size_t k = 0; k < candidates.size(); ++k) {
    if (connections[k] == least) candidates[kept++] = candidates[k];
  }
  candidates.resize(kept);
}

bool Backends::IsUp(const Backend& backend) const {
  return options_.clock->Now().nanoseconds() >= backend.left_out_until_ns;
}

void Backends::ReportFailure(Backend& backend, const absl::Status& why) {
  // What this side lacks is not the backend's fault.
  if (absl::IsResourceExhausted(why) || absl::IsInvalidArgument(why)) return;
  if (++backend.failures < options_.fail_limit) return;
  const bool was_up = IsUp(backend);
  backend.left_out_until_ns =
      (options_.clock->Now() + options_.fail_timeout).nanoseconds();
  LOG_IF(WARNING, was_up) << "backend " << backend.endpoint.ToString()
                          << " is left out for "
                          << absl::FormatDuration(options_.fail_timeout) << ": "
                          << why.message();
}

void Backends::ReportGivenUp(Backend& backend, absl::Duration waited) {
  if (waited < options_.slow_connect) return;
  ReportFailure(
      backend, absl::DeadlineExceededError(absl::StrCat(
                   "its client gave up after ", absl::FormatDuration(waited))));
}

Backends::Choice::Choice(Backends* backends, size_t index)
    : backends_(backends),
      index_(index),
      since_(backends->options_.clock->Now()) {
  ++backend().connections;
}

Backends::Choice::Choice(Choice&& other) noexcept
    : backends_(std::exchange(other.backends_, nullptr)),
      index_(other.index_),
      since_(other.since_),
      reported_(other.reported_) {}

Backends::Choice::~Choice() {
  if (backends_ == nullptr) return;
  --backend().connections;
  if (reported_) return;
  backends_->ReportGivenUp(backend(),
                           backends_->options_.clock->Now() - since_);
}

void Backends::Choice::ReportFailure(const absl::Status& why) {
  reported_ = true;
  backends_->ReportFailure(backend(), why);
}

void Backends::Choice::ReportSuccess() {
  reported_ = true;
  backend().failures = 0;
}

}  // namespace rondo::examples
