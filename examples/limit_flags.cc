#include "examples/limit_flags.h"

#include <gflags/gflags.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "examples/flag_check.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/memory_budget.h"

DEFINE_uint64(
    max_connections, 0,
    "open connections; 0: nine tenths of the descriptors that are free");
DEFINE_uint64(max_connections_per_ip, 0,
              "open connections from one IPv4 address or IPv6 /64; 0: half of "
              "max_connections");
DEFINE_string(over_connections, "refuse",
              "what happens to connections above max_connections: refuse "
              "(reset) or wait (in the backlog)");
DEFINE_string(over_ip, "refuse",
              "the same for those above max_connections_per_ip");
DEFINE_uint64(low_water_mark_bytes, 262144,
              "queued output at which a connection that was not read for "
              "having too much is read again");
DEFINE_uint64(high_water_mark_bytes, 1048576,
              "queued output above which a connection is not read");
DEFINE_uint64(max_output_bytes, 16777216,
              "queued output above which a connection is closed, 1 or more");
DEFINE_uint64(max_input_bytes, 1048576,
              "input that a handler may leave for later, 1 or more");
DEFINE_uint64(max_read_bytes_per_turn, 65536,
              "what is read from one connection before the others have their "
              "turn, 1 or more");
DEFINE_uint64(memory_budget_bytes, 0,
              "queued output and input of all connections together; near it "
              "nothing is read and nobody accepted; 0: half of the memory");
DEFINE_string(first_byte_timeout, "1m",
              "closes a connection that sends nothing; 90s, 1.5m, inf, …");
DEFINE_string(request_timeout, "30s",
              "closes a connection whose request has not come whole by then, "
              "however it trickles in; only servers that know when one has "
              "begun do");
DEFINE_string(idle_timeout, "10m",
              "closes a connection on which nothing moves");
DEFINE_string(write_stall_timeout, "1m",
              "closes a connection whose peer does not read what is queued");
DEFINE_string(max_lifetime, "24h", "closes a connection that is so old");
DEFINE_string(linger_timeout, "2s",
              "how long input is swallowed after the last reply, so that it "
              "is not lost; 0 switches it off");
DEFINE_string(drain_timeout, "10s",
              "how long connections may take to finish after SIGTERM or "
              "SIGINT; a second signal ends them at once");
DEFINE_string(drain_quiet_time, "200ms",
              "closes a connection, while the server drains, on which nothing "
              "has moved for so long and nothing is known to be owed");
DEFINE_bool(allow_half_close, false,
            "a peer that has sent FIN goes on being served until the server "
            "closes");

namespace rondo::examples {
namespace {

// Of less, what loops keep in reserve would be all.
constexpr size_t kMinMemoryBudgetBytes = 1 << 20;

absl::Duration request_timeout;  // the flag's

OverLimit ParsePolicy(std::string_view flag, const std::string& text) {
  const auto policy = ParseOverLimit(text);
  if (!policy.ok()) RejectFlag(flag, text, "refuse or wait");
  return *policy;
}

}  // namespace

void SetLimitsFromFlags(TcpServerOptions& options) {
  request_timeout =
      CheckDuration("request_timeout", FLAGS_request_timeout, false);
  CheckAtLeastOne("max_output_bytes", FLAGS_max_output_bytes);
  CheckAtLeastOne("max_input_bytes", FLAGS_max_input_bytes);
  CheckAtLeastOne("max_read_bytes_per_turn", FLAGS_max_read_bytes_per_turn);
  if (FLAGS_high_water_mark_bytes > FLAGS_max_output_bytes) {
    RejectFlag("high_water_mark_bytes",
               std::to_string(FLAGS_high_water_mark_bytes),
               "0 to max_output_bytes");
  }
  if (FLAGS_low_water_mark_bytes > FLAGS_high_water_mark_bytes) {
    RejectFlag("low_water_mark_bytes",
               std::to_string(FLAGS_low_water_mark_bytes),
               "0 to high_water_mark_bytes");
  }
  options.max_connections = FLAGS_max_connections;
  options.max_connections_per_address = FLAGS_max_connections_per_ip;
  options.over_connections =
      ParsePolicy("over_connections", FLAGS_over_connections);
  options.over_address = ParsePolicy("over_ip", FLAGS_over_ip);
  options.limits = {
      .low_water_mark_bytes = FLAGS_low_water_mark_bytes,
      .high_water_mark_bytes = FLAGS_high_water_mark_bytes,
      .max_output_bytes = FLAGS_max_output_bytes,
      .max_input_bytes = FLAGS_max_input_bytes,
      .max_read_bytes_per_turn = FLAGS_max_read_bytes_per_turn,
      .first_byte_timeout =
          CheckDuration("first_byte_timeout", FLAGS_first_byte_timeout, false),
      .idle_timeout = CheckDuration("idle_timeout", FLAGS_idle_timeout, false),
      .write_stall_timeout = CheckDuration("write_stall_timeout",
                                           FLAGS_write_stall_timeout, false),
      .max_lifetime = CheckDuration("max_lifetime", FLAGS_max_lifetime, false),
      .linger_timeout =
          CheckDuration("linger_timeout", FLAGS_linger_timeout, true),
      .drain_quiet_time =
          CheckDuration("drain_quiet_time", FLAGS_drain_quiet_time, false),
      .allow_half_close = FLAGS_allow_half_close};
  if (FLAGS_memory_budget_bytes > 0) {
    if (FLAGS_memory_budget_bytes < kMinMemoryBudgetBytes) {
      RejectFlag("memory_budget_bytes",
                 std::to_string(FLAGS_memory_budget_bytes),
                 absl::StrCat("0, or ", kMinMemoryBudgetBytes, " or more"));
    }
    MemoryBudget::Process().SetLimit(FLAGS_memory_budget_bytes);
  }
}

absl::Duration RequestTimeout() { return request_timeout; }

absl::Duration DrainTimeoutFromFlags() {
  return CheckDuration("drain_timeout", FLAGS_drain_timeout, true);
}

}  // namespace rondo::examples
