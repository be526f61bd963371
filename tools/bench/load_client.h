#ifndef RONDO_TOOLS_BENCH_LOAD_CLIENT_H_
#define RONDO_TOOLS_BENCH_LOAD_CLIENT_H_

#include <netinet/in.h>
#include <sys/epoll.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.h"
#include "tools/bench/server_usage.h"
#include "tools/bench/workload.h"

namespace rondo::bench {

struct LoadOptions {
  sockaddr_in server{};
  Mode mode = Mode::kEcho;
  int connections = 1;
  size_t message_bytes = 64;
  int pipeline = 1;     // Requests sent at once, in Mode::kHello.
  bool varied = false;  // Each differs from the last, in Mode::kHello.
  double rate = 0;  // Requests per second of an open loop, 0 for a closed one.
  double seconds = 2;
  double warmup_seconds = 0.2;
  std::vector<int> server_pids = {};  // Whose usage to account.
};

struct LoadResult {
  uint64_t requests = 0;
  uint64_t errors = 0;      // From the warm-up on.
  uint64_t unanswered = 0;  // Due before the end of an open loop.
  double seconds = 0;
  Histogram::Snapshot latency_ns;
  std::optional<ServerUsage> server_usage;  // During the measurement.
  std::string failure;  // Why nothing could be measured; else empty.
};

// A closed loop of load: each of N connections has one request on its way and
// sends the next one when the reply has come and has been checked. Or an open
// one: from the warm-up on requests are due at a fixed rate, each is sent by
// the connection that has been idle longest or, if none is, the next to have
// its reply, and its latency runs from the moment when it was due.
//
//   Phase     begins when                     what happens
//   kRampUp   Run() is called                 each connection does one request
//                                             and waits for the others; at most
//                                             kWave of them are on their way
//   kWarmUp   all have had one reply          all run, nothing is counted
//   kMeasure  warmup_seconds later            all run, all is counted
//   kDone     seconds later, or on SIGINT
//
// A connection that fails counts as one error and is opened anew; one that
// fails three times in a row is given up.
//
// Threading: one thread; SIGINT and SIGTERM must be blocked in all of them.
// Ownership: owns its sockets. Errors: LoadResult::errors and ::failure.
class LoadClient {
 public:
  explicit LoadClient(const LoadOptions& options);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;
  ~LoadClient();

  // Call once.
  LoadResult Run();

 private:
  enum class Phase { kRampUp, kWarmUp, kMeasure, kDone };

  struct Slot {
    int fd = -1;
    bool wants_write = false;  // Connecting, or a write was cut short.
    uint32_t sequence = 0;
    int failures = 0;  // Since its last reply.
    size_t sent = 0;
    int64_t start_ns = 0;  // Of its request: sent, or in an open loop due.
    bool busy = false;     // Has a request on its way.
    Reply reply;
  };

  uint32_t Id(const Slot& slot) const;
  std::string_view Request(const Slot& slot) const;
  void Watch(int op, int fd, uint32_t id, bool wants_write);

  // One connection.
  void Begin(Slot& slot, int64_t start_ns);
  int Connect(Slot& slot);
  int ConnectFrom(Slot& slot, uint32_t source);
  void Handle(Slot& slot, uint32_t events);
  void Write(Slot& slot);
  void Read(Slot& slot);
  void Finish(Slot& slot);
  void Fail(Slot& slot, const char* why);
  void Close(Slot& slot);

  // All of them.
  void StartOne();
  void Advance();
  bool is_open() const { return options_.rate > 0; }
  // What to do with a connection that has had its reply.
  void Next(Slot& slot);
  // Open loop: sends what is due, as far as there are idle connections.
  void SendDue();
  int64_t DueAt(uint64_t request) const;
  void CountUnanswered();
  void EnterWarmUp();
  void EnterMeasure();
  void EnterDone();
  // Until something is due.
  timespec Wait() const;

  const LoadOptions options_;
  const Workload workload_;
  const int epoll_fd_;
  const int signal_fd_;
  Phase phase_ = Phase::kRampUp;
  int64_t now_ns_ = 0;
  int64_t deadline_ns_ = 0;       // Of the phase.
  int64_t measure_start_ns_ = 0;  // 0 before kMeasure.
  std::vector<Slot> slots_;
  size_t started_ = 0;   // Slots begun in kRampUp.
  size_t answered_ = 0;  // Slots that have had a reply in kRampUp.
  size_t given_up_ = 0;
  std::deque<Slot*> idle_;     // Open loop, the longest first.
  int64_t open_since_ns_ = 0;  // When request 0 was due.
  uint64_t begun_ = 0;         // Requests taken from the schedule.
  uint32_t source_ = 0;        // Host part of the source address, 0 for any.
  std::optional<ServerUsage> usage_at_start_;
  Histogram latency_ns_;
  LoadResult result_;
  std::vector<char> buffer_;
};

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_LOAD_CLIENT_H_
