#include "examples/server_options.h"

#include "examples/flag_check.h"
#include "examples/limit_flags.h"
#include "examples/server_flags.h"
#include "net/reactor/event_loop_thread_pool.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/placement.h"

namespace rondo::examples {
namespace {

constexpr int kMaxPort = 65'535;

EventLoopOptions LoopOptionsFromFlags() {
  if (FLAGS_poller != "epoll" && FLAGS_poller != "poll" &&
      FLAGS_poller != "select") {
    RejectFlag("poller", FLAGS_poller, "epoll, poll or select");
  }
  CheckRange("max_timers_per_turn", FLAGS_max_timers_per_turn, 1, kUnlimited);
  CheckRange("max_tasks_per_turn", FLAGS_max_tasks_per_turn, 1, kUnlimited);
  return {.poller = FLAGS_poller,
          .max_timers_per_turn = FLAGS_max_timers_per_turn,
          .max_tasks_per_turn = FLAGS_max_tasks_per_turn,
          .stall_limit = CheckDuration("stall_limit", FLAGS_stall_limit,
                                       /*zero_allowed=*/false)};
}

}  // namespace

TcpServerOptions ServerOptionsFromFlags() {
  CheckRange("port", FLAGS_port, 0, kMaxPort);
  CheckRange("threads", FLAGS_threads, 0, EventLoopThreadPool::kMaxThreads);
  CheckRange("backlog", FLAGS_backlog, 1, kUnlimited);
  CheckRange("max_accepts_per_turn", FLAGS_max_accepts_per_turn, 1, kUnlimited);
  const auto placement = ParsePlacement(FLAGS_placement);
  if (!placement.ok()) {
    RejectFlag("placement", FLAGS_placement,
               "round-robin, least-connections or reuseport");
  }
  const auto address = InetAddress::FromHostAndPort(FLAGS_host, FLAGS_port);
  if (!address.ok()) {
    RejectFlag("host", FLAGS_host,
               "an IPv4 or IPv6 address in numbers, or unix:/path");
  }
  TcpServerOptions options = {
      .listen = {*address},
      .threads = FLAGS_threads,
      .placement = *placement,
      .backlog = FLAGS_backlog,
      .tcp_no_delay = FLAGS_tcp_nodelay,
      .pin_cpus = FLAGS_pin_cpus,
      .max_accepts_per_turn = FLAGS_max_accepts_per_turn,
      .loop = LoopOptionsFromFlags()};
  SetLimitsFromFlags(options);
  return options;
}

}  // namespace rondo::examples
