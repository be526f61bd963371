#ifndef RONDO_NET_CLIENT_DNS_CHANNEL_H_
#define RONDO_NET_CLIENT_DNS_CHANNEL_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/client/question.h"
#include "net/reactor/io_events.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/inet_address.h"

struct ares_addrinfo;     // of c-ares
struct ares_channeldata;  // of c-ares

namespace rondo {

class Channel;
class EventLoop;

// See ResolverOptions.
struct DnsChannelOptions {
  std::vector<InetAddress> servers;
  std::string resolv_conf;
  // Brought within 1 ms to kMaxTryTimeout and 1 to kMaxTries.
  absl::Duration try_timeout;
  int tries = 0;
};

// c-ares within a loop: asks /etc/hosts, then the DNS.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows the loop. Destroyed, it drops what is asked,
// unanswered; not to be done from inside an answer.
// Errors: as Resolver's.
// Reference: ares_getaddrinfo(3), ares_process_fd(3), ares_timeout(3).
class DnsChannel {
 public:
  // What is asked at a time. c-ares 1.18 tells queries apart by 16 bits, tries
  // numbers until one is free and so would not return with all of them taken,
  // and goes through all open ones for ares_timeout(). And so many datagrams
  // fit the buffer of a socket, 212,992 bytes at 768 for a small one, so that a
  // crowd does not lose its own answers.
  static constexpr size_t kMaxOpen = 256;

  // The wait doubles with each try, in an int of milliseconds.
  static constexpr int kMaxTries = 10;
  static constexpr absl::Duration kMaxTryTimeout = absl::Hours(1);

  struct Reply {
    absl::StatusOr<std::vector<InetAddress>> addresses;
    // How long it may be kept. Zero: not at all.
    absl::Duration ttl;
  };
  using Done = absl::AnyInvocable<void(Reply)>;

  static absl::StatusOr<std::unique_ptr<DnsChannel>> Create(
      EventLoop* loop, const DnsChannelOptions& options);
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  bool full() const { return open_ >= kMaxOpen; }
  // Nothing is asked.
  bool idle() const { return open_ == 0; }

  // Calls `done` once, perhaps from inside this call, but when c-ares is off
  // the stack: it may ask again. Requires: not full(), a canonical name.
  void Ask(const Question& question, Done done);

 private:
  struct Query;

  explicit DnsChannel(EventLoop* loop);
  absl::Status Init(const DnsChannelOptions& options);

  // Called by c-ares.
  static void OnSocketState(void* self, int fd, int readable, int writable);
  static void OnReply(void* query, int status, int timeouts,
                      ares_addrinfo* result);

  void Process(int read_fd, int write_fd);
  // After every call of c-ares: passes on the replies that came in it.
  void Settle();
  void ArmTimer();

  EventLoop* const loop_;
  ares_channeldata* channel_ = nullptr;
  std::map<int, std::unique_ptr<Channel>> sockets_;  // c-ares owns these
  TimerId timer_;
  size_t open_ = 0;
  std::vector<std::unique_ptr<Query>> replied_;
  bool settling_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_DNS_CHANNEL_H_
