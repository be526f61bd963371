#ifndef RONDO_TOOLS_BENCH_LOAD_CLIENT_H_
#define RONDO_TOOLS_BENCH_LOAD_CLIENT_H_

#include <netinet/in.h>
#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/latency_histogram.h"
#include "tools/bench/workload.h"

namespace rondo::bench {

struct LoadOptions {
  sockaddr_in server{};
  Mode mode = Mode::kEcho;
  int connections = 1;
  size_t message_bytes = 64;
  double seconds = 2;
  double warmup_seconds = 0.2;
  int server_pid = 0;  // Whose CPU time to account, 0 for none.
};

struct LoadResult {
  uint64_t requests = 0;
  uint64_t errors = 0;  // From the warm-up on.
  double seconds = 0;
  LatencyHistogram latency;
  std::optional<double> server_cpu_seconds;
  std::string failure;  // Why nothing could be measured; else empty.
};

// A closed loop of load: each of N connections has one request on its way and
// sends the next one when the reply has come and has been checked.
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
    int64_t start_ns = 0;
    Reply reply;
  };

  uint32_t Id(const Slot& slot) const;
  std::string_view Request(const Slot& slot) const;
  void Watch(int op, int fd, uint32_t id, bool wants_write);

  // One connection.
  void Begin(Slot& slot);
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
  void EnterWarmUp();
  void EnterMeasure();
  void EnterDone();
  int WaitMilliseconds() const;
  std::optional<double> ServerCpuSeconds() const;

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
  uint32_t source_ = 0;  // Host part of the source address, 0 for any.
  std::optional<double> cpu_at_start_;
  LoadResult result_;
  std::vector<char> buffer_;
};

}  // namespace rondo::bench

#endif  // RONDO_TOOLS_BENCH_LOAD_CLIENT_H_
