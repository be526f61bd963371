#ifndef RONDO_NET_CLIENT_BACKOFF_H_
#define RONDO_NET_CLIENT_BACKOFF_H_

#include <random>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rondo {

// When to try again what has failed.
struct RetryOptions {
  // The longest delay before the second attempt, and by how much it grows with
  // each that fails, up to max_delay.
  absl::Duration initial_delay = absl::Milliseconds(100);
  double multiplier = 2;
  absl::Duration max_delay = absl::Seconds(30);
  // What part of each delay is left to chance, so that clients that a server
  // has lost at one moment do not come back at one moment: 0 to 1.
  double jitter = 0.5;
  // Attempts in a row; 0: no limit.
  int max_attempts = 0;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// Counts attempts in a row that have failed.
//
// Threading: one thread at a time.
class Backoff {
 public:
  explicit Backoff(const RetryOptions& options);

  // How long to wait after losing what has succeeded.
  absl::Duration First() { return DelayAfter(1); }

  // After a failure: how long to wait before the next attempt; infinite if it
  // was the last.
  absl::Duration Next();

  // After a success.
  void Reset() { failures_ = 0; }

  // Since the last success.
  int failures() const { return failures_; }

 private:
  absl::Duration DelayAfter(int failures);

  const RetryOptions options_;
  std::minstd_rand random_;
  int failures_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_BACKOFF_H_
