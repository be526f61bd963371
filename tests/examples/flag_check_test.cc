// Flags that make no sense: exit code 1, and one line that names the flag, the
// value and what is allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct BadFlag {
  std::string name;  // of the test
  std::string flag;
  std::string value;
  std::string allowed;

  std::string Text() const { return "--" + flag + "=" + value; }
};

void PrintTo(const BadFlag& bad, std::ostream* out) { *out << bad.Text(); }

std::string NameOf(const testing::TestParamInfo<BadFlag>& info) {
  return info.param.name;
}

void ExpectRefused(const Ended& ended) {
  EXPECT_EQ(ended.exit_code, 1) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output, IsEmpty());  // it does not listen
}

// What the examples' own checks refuse.
class FlagCheckTest : public testing::TestWithParam<BadFlag> {
 protected:
  void ExpectRefusedBy(const std::string& example) const {
    const BadFlag& bad = GetParam();
    const Ended ended = RunExample(example, {"--port=0", bad.Text()});
    ExpectRefused(ended);
    EXPECT_EQ(ended.errors,
              "ERROR: " + bad.Text() + ": allowed is " + bad.allowed + "\n");
  }
};

using ServerFlagCheckTest = FlagCheckTest;

TEST_P(ServerFlagCheckTest, EndsHello) { ExpectRefusedBy("hello"); }

// It has threads of its own by the time that most flags are looked at.
TEST_P(ServerFlagCheckTest, EndsOffload) { ExpectRefusedBy("offload"); }

constexpr char kPorts[] = "0 to 65535";
constexpr char kThreads[] = "0 to 1024";
constexpr char kPollers[] = "epoll, poll or select";
constexpr char kPlacements[] = "round-robin, least-connections or reuseport";
constexpr char kHosts[] = "an IPv4 or IPv6 address in numbers, or unix:/path";
constexpr char kPositive[] = "1 or more";
constexpr char kWorkers[] = "1 to 1024";
constexpr char kPolicies[] = "refuse or wait";
constexpr char kTimeouts[] = "a duration such as 90s, 1.5m, 24h or inf";
constexpr char kGraces[] = "0 or a duration such as 2s or 1.5m";
constexpr char kTicks[] = "1 to 1000000";

INSTANTIATE_TEST_SUITE_P(
    Bad, ServerFlagCheckTest,
    testing::Values(
        BadFlag{"NegativePort", "port", "-1", kPorts},
        BadFlag{"PortAboveTheLast", "port", "65536", kPorts},
        BadFlag{"PortFarAboveTheLast", "port", "70000", kPorts},
        BadFlag{"NegativeThreads", "threads", "-1", kThreads},
        BadFlag{"TooManyThreads", "threads", "1025", kThreads},
        BadFlag{"FarTooManyThreads", "threads", "2147483647", kThreads},
        BadFlag{"UnknownPoller", "poller", "kqueue", kPollers},
        BadFlag{"NoPoller", "poller", "", kPollers},
        BadFlag{"PollerInUpperCase", "poller", "EPOLL", kPollers},
        BadFlag{"UnknownPlacement", "placement", "random", kPlacements},
        BadFlag{"NoPlacement", "placement", "", kPlacements},
        BadFlag{"NoBacklog", "backlog", "0", kPositive},
        BadFlag{"NegativeBacklog", "backlog", "-5", kPositive},
        BadFlag{"NoWorker", "worker_threads", "0", kWorkers},
        BadFlag{"TooManyWorkers", "worker_threads", "1025", kWorkers},
        BadFlag{"NoQueue", "worker_queue_limit", "0", kPositive},
        BadFlag{"NegativeQueue", "worker_queue_limit", "-1", kPositive},
        BadFlag{"NonsenseHost", "host", "nonsense", kHosts},
        BadFlag{"HostName", "host", "localhost", kHosts},
        BadFlag{"NoHost", "host", "", kHosts},
        BadFlag{"HostWithPort", "host", "127.0.0.1:80", kHosts},
        BadFlag{"HalfAHost", "host", "127.0.0", kHosts},
        BadFlag{"TooLongPath", "host", "unix:/" + std::string(108, 'x'),
                kHosts}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    BadLimit, ServerFlagCheckTest,
    testing::Values(
        BadFlag{"UnknownPolicy", "over_connections", "drop", kPolicies},
        BadFlag{"NoPolicy", "over_connections", "", kPolicies},
        BadFlag{"PolicyInUpperCase", "over_ip", "WAIT", kPolicies},
        BadFlag{"NoOutput", "max_output_bytes", "0", kPositive},
        BadFlag{"NoInput", "max_input_bytes", "0", kPositive},
        BadFlag{"NoRead", "max_read_bytes_per_turn", "0", kPositive},
        BadFlag{"HighMarkAboveTheCap", "high_water_mark_bytes", "16777217",
                "0 to max_output_bytes"},
        BadFlag{"LowMarkAboveTheHighOne", "low_water_mark_bytes", "1048577",
                "0 to high_water_mark_bytes"},
        BadFlag{"NoAccept", "max_accepts_per_turn", "0", kPositive},
        BadFlag{"NegativeAccepts", "max_accepts_per_turn", "-1", kPositive},
        BadFlag{"NoTimer", "max_timers_per_turn", "0", kPositive},
        BadFlag{"NoTask", "max_tasks_per_turn", "0", kPositive}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    BadDuration, ServerFlagCheckTest,
    testing::Values(
        BadFlag{"NoFirstByteTimeout", "first_byte_timeout", "0", kTimeouts},
        BadFlag{"EmptyTimeout", "first_byte_timeout", "", kTimeouts},
        BadFlag{"NegativeIdleTimeout", "idle_timeout", "-1s", kTimeouts},
        BadFlag{"TimeoutWithoutUnit", "idle_timeout", "10", kTimeouts},
        BadFlag{"StallTimeoutInWords", "write_stall_timeout", "soon",
                kTimeouts},
        BadFlag{"TimeoutInUnknownUnit", "write_stall_timeout", "3d", kTimeouts},
        BadFlag{"NoLifetime", "max_lifetime", "0s", kTimeouts},
        BadFlag{"EndlessNegativeLifetime", "max_lifetime", "-inf", kTimeouts},
        BadFlag{"NoRequestTimeout", "request_timeout", "0", kTimeouts},
        BadFlag{"NoQuietTime", "drain_quiet_time", "0", kTimeouts},
        BadFlag{"TinyBudget", "memory_budget_bytes", "1",
                "0, or 1048576 or more"},
        BadFlag{"NegativeLinger", "linger_timeout", "-2s", kGraces},
        BadFlag{"LingerWithoutUnit", "linger_timeout", "2", kGraces},
        BadFlag{"NegativeDrain", "drain_timeout", "-1ms", kGraces},
        BadFlag{"EmptyDrain", "drain_timeout", "", kGraces},
        BadFlag{"NoStallLimit", "stall_limit", "0", kTimeouts},
        BadFlag{"NegativeStallLimit", "stall_limit", "-100ms", kTimeouts},
        BadFlag{"StallLimitWithoutUnit", "stall_limit", "100", kTimeouts}),
    NameOf);

using HttpFlagCheckTest = FlagCheckTest;

TEST_P(HttpFlagCheckTest, EndsHello) { ExpectRefusedBy("hello"); }

constexpr char kSizes[] = "2 to 1073741824";
constexpr char kFormats[] = "combined or json";
constexpr char kLogs[] =
    "a file, in a folder that is there, to which this user may append; here: "
    "cannot open ";

INSTANTIATE_TEST_SUITE_P(
    BadHttpLimit, HttpFlagCheckTest,
    testing::Values(
        BadFlag{"NoRequestLine", "max_request_line_bytes", "0",
                "1 to 1073741824"},
        BadFlag{"HugeRequestLine", "max_request_line_bytes", "1073741825",
                "1 to 1073741824"},
        BadFlag{"NoHeader", "max_header_bytes", "1", kSizes},
        BadFlag{"HugeHeader", "max_header_bytes", "18446744073709551615",
                kSizes},
        BadFlag{"HugeExtensions", "max_chunk_extension_bytes", "1073741825",
                "0 to 1073741824"},
        BadFlag{"TrailerWithoutItsEnd", "max_trailer_bytes", "1", kSizes},
        BadFlag{"HugeTrailer", "max_trailer_bytes", "1073741825", kSizes},
        BadFlag{"NoField", "max_fields", "0", kPositive},
        BadFlag{"NoRequest", "max_pipelined_requests", "0", kPositive},
        BadFlag{"NoRate", "min_body_bytes_per_second", "0", kPositive},
        BadFlag{"NoHeaderTimeout", "header_timeout", "0", kTimeouts},
        BadFlag{"NegativeBodyTimeout", "body_timeout", "-1s", kTimeouts},
        BadFlag{"KeepAliveTimeoutInWords", "keep_alive_timeout", "soon",
                kTimeouts}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    BadAccessLog, HttpFlagCheckTest,
    testing::Values(
        BadFlag{"UnknownFormat", "access_log_format", "xml", kFormats},
        BadFlag{"NoFormat", "access_log_format", "", kFormats},
        BadFlag{"FormatInUpperCase", "access_log_format", "JSON", kFormats},
        BadFlag{"NoFolder", "access_log", "/nowhere/log",
                kLogs + std::string("/nowhere/log for appending: "
                                    "No such file or directory")},
        BadFlag{"AFolder", "access_log", "/",
                kLogs + std::string("/ for appending: Is a directory")}),
    NameOf);

using TimersFlagCheckTest = FlagCheckTest;

TEST_P(TimersFlagCheckTest, EndsTimers) {
  const BadFlag& bad = GetParam();
  const Ended ended = RunExample("timers", {bad.Text()});
  ExpectRefused(ended);
  EXPECT_EQ(ended.errors,
            "ERROR: " + bad.Text() + ": allowed is " + bad.allowed + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Bad, TimersFlagCheckTest,
    testing::Values(BadFlag{"NoTicks", "ticks", "0", kTicks},
                    BadFlag{"NegativeTicks", "ticks", "-3", kTicks},
                    BadFlag{"TooManyTicks", "ticks", "1000001", kTicks},
                    BadFlag{"NoInterval", "interval_ms", "0", kPositive},
                    BadFlag{"NegativeInterval", "interval_ms", "-1",
                            kPositive}),
    NameOf);

// What is not even a value of the flag's type.
class MalformedFlagTest : public testing::TestWithParam<BadFlag> {};

TEST_P(MalformedFlagTest, EndsHello) {
  const BadFlag& bad = GetParam();
  const Ended ended = RunExample("hello", {"--port=0", bad.Text()});
  ExpectRefused(ended);
  EXPECT_THAT(ended.errors,
              AllOf(HasSubstr("'" + bad.flag + "'"),
                    HasSubstr("'" + bad.value + "'"), HasSubstr(bad.allowed)));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, MalformedFlagTest,
    testing::Values(
        BadFlag{"PortInLetters", "port", "abc", "int32"},
        BadFlag{"NoPort", "port", "", "int32"},
        BadFlag{"PortBeyondIntegers", "port", "99999999999", "int32"},
        BadFlag{"ThreadsWithRest", "threads", "2x", "int32"},
        BadFlag{"ThreadsInPieces", "threads", "1.5", "int32"},
        BadFlag{"PinCpusMaybe", "pin_cpus", "maybe", "bool"},
        BadFlag{"NegativeConnections", "max_connections", "-1", "uint64"},
        BadFlag{"ConnectionsInLetters", "max_connections_per_ip", "many",
                "uint64"},
        BadFlag{"BudgetWithUnit", "memory_budget_bytes", "1G", "uint64"},
        BadFlag{"NegativeOutput", "max_output_bytes", "-1", "uint64"},
        BadFlag{"NegativeHeader", "max_header_bytes", "-1", "uint64"},
        BadFlag{"HalfCloseMaybe", "allow_half_close", "maybe", "bool"}),
    NameOf);

// The cap alone is below the default of the mark, which must move with it.
TEST(WaterMarkFlagsTest, CapBelowTheDefaultMarkNamesTheMark) {
  const Ended ended =
      RunExample("echo", {"--port=0", "--max_output_bytes=1000"});
  ExpectRefused(ended);
  EXPECT_EQ(ended.errors,
            "ERROR: --high_water_mark_bytes=1048576: allowed is 0 to "
            "max_output_bytes\n");
}

TEST(UnknownFlagTest, EndsEveryExample) {
  for (const char* example : {"hello", "echo", "upper", "offload", "timers"}) {
    const Ended ended = RunExample(example, {"--prot=0"});
    ExpectRefused(ended);
    EXPECT_THAT(ended.errors, HasSubstr("'prot'"));
  }
}

TEST(UnknownFlagTest, OtherExamplesFlagIsUnknown) {
  const Ended ended = RunExample("echo", {"--port=0", "--close"});
  ExpectRefused(ended);
  EXPECT_THAT(ended.errors, HasSubstr("'close'"));
}

TEST(StrayArgumentTest, EndsEveryExample) {
  for (const char* example : {"hello", "echo", "upper", "offload", "timers"}) {
    const Ended ended = RunExample(example, {"8080"});
    ExpectRefused(ended);
    EXPECT_THAT(ended.errors, AllOf(HasSubstr("'8080'"), HasSubstr("--help")));
  }
}

}  // namespace
}  // namespace rondo
