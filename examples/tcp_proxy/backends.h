#ifndef RONDO_EXAMPLES_TCP_PROXY_BACKENDS_H_
#define RONDO_EXAMPLES_TCP_PROXY_BACKENDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/client/endpoint.h"

namespace rondo::examples {

enum class Balance { kRoundRobin, kLeastConnections };

// The servers that a proxy has to choose from. One that could not be reached
// again and again is left out for a while, unless all are: its health is
// learned from the connections that are wanted anyway. A client that gives up
// after it has waited for `slow_connect` counts as a failure too, or one whose
// clients have no patience would never be found out.
//
// Threading: all methods are Thread-safe.
class Backends {
 public:
  struct Options {
    Balance balance = Balance::kRoundRobin;
    int fail_limit = 3;  // in a row, until one is left out
    absl::Duration fail_timeout = absl::Seconds(10);
    absl::Duration slow_connect = absl::Seconds(1);
    const Clock* clock = &Clock::Real();  // borrowed
  };
  class Choice;

  // `list` as "127.0.0.1:8081,example.com:80". InvalidArgument names what is
  // wrong with it.
  static absl::StatusOr<std::unique_ptr<Backends>> Parse(std::string_view list,
                                                         Options options);

  // A backend, which counts a connection more for as long as the choice lives.
  // Never one of `tried`, of which there are fewer than size().
  Choice Choose(const std::vector<size_t>& tried);

  size_t size() const { return backends_.size(); }

 private:
  struct Backend {
    Endpoint endpoint;
    std::atomic<int> connections{0};
    std::atomic<int> failures{0};  // in a row
    std::atomic<int64_t> left_out_until_ns{INT64_MIN};
  };

  Backends(std::vector<Endpoint> endpoints, Options options);

  std::vector<size_t> Candidates(const std::vector<size_t>& tried) const;
  void KeepLeastConnected(std::vector<size_t>& candidates) const;
  bool IsUp(const Backend& backend) const;
  void ReportFailure(Backend& backend, const absl::Status& why);
  void ReportGivenUp(Backend& backend, absl::Duration waited);

  const Options options_;
  std::vector<Backend> backends_;
  // Whose turn it is. Those who try again have turns of their own: if they took
  // others', the same backends would be passed over again and again.
  std::atomic<size_t> next_{0};
  std::atomic<size_t> next_again_{0};
};

// A backend that was chosen for a connection. Destroyed before anything was
// reported, it was given up.
class Backends::Choice {
 public:
  Choice(Backends* backends, size_t index);
  Choice(Choice&& other) noexcept;
  Choice& operator=(Choice&&) = delete;
  ~Choice();

  size_t index() const { return index_; }
  const Endpoint& endpoint() const { return backend().endpoint; }

  // Whether it could be reached.
  void ReportFailure(const absl::Status& why);
  void ReportSuccess();

 private:
  Backend& backend() const { return backends_->backends_[index_]; }

  Backends* backends_;  // null when moved from
  size_t index_;
  MonotonicTime since_;
  bool reported_ = false;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_TCP_PROXY_BACKENDS_H_
