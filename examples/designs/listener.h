#ifndef RONDO_EXAMPLES_DESIGNS_LISTENER_H_
#define RONDO_EXAMPLES_DESIGNS_LISTENER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/unique_fd.h"
#include "examples/designs/connection.h"
#include "examples/designs/protocol.h"

namespace rondo::examples {

// Whether it is an IPv4 or IPv6 address in numbers.
bool IsAddress(const std::string& host);

// Why epoll_ctl(2) refuses to watch one more.
inline constexpr std::string_view kNoWatch =
    "the kernel watches no more for this user; raise "
    "fs.epoll.max_user_watches";

// The listening socket of a design.
//
// Threading: all methods are Thread-safe.
// Errors: without a free descriptor the connection that waits is refused, by
// means of a descriptor kept for that: left waiting it would wake the design
// again and again. Refusals are counted, and the first is logged.
// Reference: accept(2), "ERRORS".
class Listener {
 public:
  struct Options {
    std::string host;  // which IsAddress()
    int port = 0;
    ProtocolFactory protocol = nullptr;
    bool blocking = false;  // this socket and those that it accepts
  };

  // Listens, or says what cannot be had, why, and what to do.
  static absl::StatusOr<std::unique_ptr<Listener>> Create(
      const Options& options);

  int fd() const { return fd_.get(); }
  std::string address() const;  // "127.0.0.1:8080", with the actual port

  // The next connection; null if there is none after all.
  std::unique_ptr<Connection> Accept();

  // Closes a connection that the design cannot serve. `why` ends in a remedy.
  void Refuse(std::unique_ptr<Connection> connection, std::string_view why);

  int64_t accepted() const { return accepted_; }
  int64_t refused() const { return refused_; }  // of those

 private:
  Listener(UniqueFd fd, UniqueFd spare, const Options& options);
  UniqueFd TryAccept() const;  // or errno
  bool AwaitPeer() const;
  void RefuseOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CountRefusal(std::string_view why);

  const UniqueFd fd_;
  const ProtocolFactory protocol_;
  const int accept_flags_;

  Mutex mu_;
  UniqueFd spare_ ABSL_GUARDED_BY(mu_);  // given up to accept and refuse

  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> refused_ = 0;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_LISTENER_H_
