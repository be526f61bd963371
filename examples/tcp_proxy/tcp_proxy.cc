// TCP proxy: passes bytes, half closes and pressure both ways between its
// clients and the servers behind it.
//
//   bazel run -c opt //examples/tcp_proxy -- --port=8080
//       --backends=127.0.0.1:8081,127.0.0.1:8082        (all in one line)
//   curl http://127.0.0.1:8080/           answered by either
//
// A backend that cannot be reached costs nobody anything: the next is tried,
// and one that fails again and again is left out for a while. Each connection
// and its backend's share one loop, so that they need no lock.
#include <gflags/gflags.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/limit_flags.h"
#include "examples/server_main.h"
#include "examples/tcp_proxy/proxy.h"

DEFINE_string(backends, "", "whom to pass on to: host:port,host:port,…");
DEFINE_string(balance, "round-robin", "round-robin or least-connections");
DEFINE_string(connect_timeout, "5s", "for a backend to be reached");
DEFINE_int32(fail_limit, 3, "failures in a row before one is left out");
DEFINE_string(fail_timeout, "10s", "how long it is left out");
DEFINE_string(slow_connect, "1s", "a client that gives up later: a failure");

namespace {

using rondo::examples::Backends;
using rondo::examples::Balance;
using rondo::examples::CheckDuration;
using rondo::examples::RejectFlag;

std::unique_ptr<Backends> BackendsFromFlags() {
  Backends::Options options;
  if (FLAGS_balance == "least-connections") {
    options.balance = Balance::kLeastConnections;
  } else if (FLAGS_balance != "round-robin") {
    RejectFlag("balance", FLAGS_balance, "round-robin or least-connections");
  }
  rondo::examples::CheckRange("fail_limit", FLAGS_fail_limit, 1,
                              rondo::examples::kUnlimited);
  options.fail_limit = FLAGS_fail_limit;
  options.fail_timeout = CheckDuration("fail_timeout", FLAGS_fail_timeout,
                                       /*zero_allowed=*/true);
  options.slow_connect = CheckDuration("slow_connect", FLAGS_slow_connect,
                                       /*zero_allowed=*/true);
  auto backends = Backends::Parse(FLAGS_backends, options);
  if (!backends.ok()) {
    RejectFlag(
        "backends", FLAGS_backends,
        "one or more of host:port, [::1]:port or unix:/path, with commas "
        "between them");
  }
  return *std::move(backends);
}

// See Relay.
void CheckLimits(const rondo::ConnectionLimits& limits) {
  if (!limits.allow_half_close) {
    RejectFlag("allow_half_close", "false", "true: ends pass one by one");
  }
  const size_t least =
      limits.high_water_mark_bytes + limits.max_read_bytes_per_turn;
  if (limits.max_output_bytes < least) {
    RejectFlag("max_output_bytes", absl::StrCat(limits.max_output_bytes),
               absl::StrCat(least,
                            " or more, which is --high_water_mark_bytes "
                            "and --max_read_bytes_per_turn"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "tcp_proxy: passes connections on.");
  // Ends are passed on one by one, and servers may be the first to speak.
  google::SetCommandLineOptionWithMode("allow_half_close", "true",
                                       google::SET_FLAGS_DEFAULT);
  google::SetCommandLineOptionWithMode("first_byte_timeout", "inf",
                                       google::SET_FLAGS_DEFAULT);
  const std::unique_ptr<Backends> backends = BackendsFromFlags();
  rondo::TcpServerOptions limits;
  rondo::examples::SetLimitsFromFlags(limits);
  CheckLimits(limits.limits);
  return rondo::examples::ServeUntilSignal(
      "tcp_proxy",
      rondo::examples::ProxyCallbacks(
          backends.get(), {.connect_timeout = CheckDuration(
                               "connect_timeout", FLAGS_connect_timeout,
                               /*zero_allowed=*/false),
                           .limits = limits.limits}));
}
