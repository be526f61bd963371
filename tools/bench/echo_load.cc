// A load client for echo and HTTP hello servers on this machine.
//
//   bazel run -c opt //tools/bench:echo_load -- --port=8080 --connections=64
//
// One thread keeps --connections requests on their way, one per connection, and
// checks every reply: in echo mode the bytes must be those sent, in upper mode
// these in upper case, in hello mode the reply must be one 200 reply of its
// Content-Length, in close mode each request has a connection of its own which
// the server closes after the reply.
//
// That is a closed loop: a server that hesitates gets less to do meanwhile, and
// its worst moments hardly count. With --rate requests come at fixed times
// instead, whether it keeps up or not, and a request's latency runs from the
// moment when it was due; those still unanswered at the end count with what
// they have waited. So the latencies are right (no coordinated omission).
//
// Expect one line of requests, errors, requests per second and latency; with
// --json a second line with the same in JSON, for tools/bench/ratios.py. SIGINT
// ends it early and prints what was measured until then.
//
// Exit code: 0; 1 for wrong flags; 2 if the server could not be reached; 3 if
// replies were wrong or missing.

#include <arpa/inet.h>
#include <gflags/gflags.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tools/bench/load_client.h"

DEFINE_string(host, "127.0.0.1",
              "The server: localhost or an address 127.x.x.x.");
DEFINE_int32(port, 0, "The server's TCP port, 1 to 65535.");
DEFINE_int32(connections, 64, "Connections at the same time, 1 to 1000000.");
DEFINE_int32(message_bytes, 64,
             "Size of a message in echo mode, 1 to 16777216 bytes.");
DEFINE_int32(pipeline, 1,
             "Requests of hello mode that are sent at once, 1 to 1024; each "
             "counts, latency is that of all of them.");
DEFINE_bool(varied, false,
            "In hello mode each request differs from the last, in its query.");
DEFINE_double(
    rate, 0,
    "Requests per second that come at fixed times, up to 1e6; 0: each "
    "connection sends when it has had its reply.");
DEFINE_double(seconds, 2, "How long to measure, above 0 and up to 86400.");
DEFINE_double(warmup_seconds, 0.2,
              "Load before the measurement, which does not count, 0 to 86400.");
DEFINE_string(mode, "echo", "What to ask for: echo, upper, hello or close.");
DEFINE_bool(json, false, "Print a second line in JSON.");
DEFINE_string(
    server_pids, "",
    "Processes (12,13) whose CPU time and context switches during the "
    "measurement are reported too.");

namespace rondo::bench {
namespace {

constexpr int kOtherDescriptors = 32;

[[noreturn]] void Die(int code, const std::string& message) {
  fprintf(stderr, "echo_load: %s\n", message.c_str());
  exit(code);
}

void CheckFlag(bool good, const char* name, const std::string& value,
               const char* allowed) {
  if (!good) {
    Die(1, std::string("--") + name + "=" + value + ": must be " + allowed);
  }
}

void CheckRange(const char* name, int value, int low, int high) {
  const std::string allowed =
      "from " + std::to_string(low) + " to " + std::to_string(high);
  CheckFlag(value >= low && value <= high, name, std::to_string(value),
            allowed.c_str());
}

void CheckSeconds(const char* name, double value, double low,
                  const char* allowed) {
  CheckFlag(std::isfinite(value) && value >= low && value <= 86400, name,
            std::to_string(value), allowed);
}

sockaddr_in ServerAddress() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(FLAGS_port));
  const char* host =
      FLAGS_host == "localhost" ? "127.0.0.1" : FLAGS_host.c_str();
  const bool loopback = inet_pton(AF_INET, host, &address.sin_addr) == 1 &&
                        ntohl(address.sin_addr.s_addr) >> 24 == 127;
  CheckFlag(loopback, "host", FLAGS_host,
            "localhost or an address 127.x.x.x: this program only loads "
            "servers on its own machine");
  return address;
}

Mode ParseMode() {
  if (FLAGS_mode == "echo") return Mode::kEcho;
  if (FLAGS_mode == "hello") return Mode::kHello;
  if (FLAGS_mode == "upper") return Mode::kUpper;
  CheckFlag(FLAGS_mode == "close", "mode", FLAGS_mode,
            "echo, upper, hello or close");
  return Mode::kClose;
}

std::vector<int> ParsePids() {
  std::vector<int> pids;
  std::istringstream list(FLAGS_server_pids);
  for (std::string item; std::getline(list, item, ',');) {
    const int pid = atoi(item.c_str());
    CheckFlag(pid > 0 && std::to_string(pid) == item, "server_pids",
              FLAGS_server_pids, "process numbers such as 12 or 12,13");
    pids.push_back(pid);
  }
  return pids;
}

LoadOptions ReadFlags() {
  CheckRange("port", FLAGS_port, 1, 65535);
  CheckRange("connections", FLAGS_connections, 1, 1'000'000);
  CheckRange("message_bytes", FLAGS_message_bytes, 1, 16 << 20);
  CheckFlag(FLAGS_rate >= 0 && FLAGS_rate <= 1e6, "rate",
            std::to_string(FLAGS_rate), "from 0 to 1000000");
  CheckSeconds("seconds", FLAGS_seconds, 0.001, "from 0.001 to 86400");
  CheckSeconds("warmup_seconds", FLAGS_warmup_seconds, 0, "from 0 to 86400");
  CheckRange("pipeline", FLAGS_pipeline, 1, 1024);
  CheckFlag(FLAGS_pipeline == 1 || FLAGS_mode == "hello", "pipeline",
            std::to_string(FLAGS_pipeline), "1 unless --mode=hello");
  CheckFlag(!FLAGS_varied || FLAGS_mode == "hello", "varied", "true",
            "false unless --mode=hello");
  LoadOptions options;
  options.pipeline = FLAGS_pipeline;
  options.varied = FLAGS_varied;
  options.server = ServerAddress();
  options.mode = ParseMode();
  options.connections = FLAGS_connections;
  options.message_bytes = static_cast<size_t>(FLAGS_message_bytes);
  options.rate = FLAGS_rate;
  options.seconds = FLAGS_seconds;
  options.warmup_seconds = FLAGS_warmup_seconds;
  options.server_pids = ParsePids();
  return options;
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed =
      static_cast<rlim_t>(FLAGS_connections) + kOtherDescriptors;
  CheckFlag(limit.rlim_cur >= needed, "connections",
            std::to_string(FLAGS_connections),
            ("at most " + std::to_string(limit.rlim_cur - kOtherDescriptors) +
             " under this descriptor limit (ulimit -Hn)")
                .c_str());
}

// SIGINT and SIGTERM are read as events by the client.
void BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
}

double Microseconds(const LoadResult& result, double percentile) {
  return static_cast<double>(result.latency_ns.ValueAtPercentile(percentile)) /
         1000;
}

double RequestsPerSecond(const LoadResult& result) {
  if (result.seconds <= 0) return 0;
  return static_cast<double>(result.requests) / result.seconds;
}

void PrintLine(const LoadResult& result) {
  printf("%s: %llu requests in %.2f s, %llu errors, %.0f requests/s, ",
         FLAGS_mode.c_str(), static_cast<unsigned long long>(result.requests),
         result.seconds, static_cast<unsigned long long>(result.errors),
         RequestsPerSecond(result));
  printf("latency us p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f max %.1f",
         Microseconds(result, 50), Microseconds(result, 90),
         Microseconds(result, 99), Microseconds(result, 99.9),
         Microseconds(result, 100));
  if (result.server_usage && result.requests > 0) {
    printf(", server CPU %.3f us/request",
           static_cast<double>(result.server_usage->cpu_ns) / 1e3 /
               static_cast<double>(result.requests));
  }
  printf("\n");
}

void PrintJson(const LoadResult& result) {
  printf("{\"mode\": \"%s\", \"connections\": %d, \"message_bytes\": %d, ",
         FLAGS_mode.c_str(), FLAGS_connections, FLAGS_message_bytes);
  printf("\"rate\": %.1f, \"unanswered\": %llu, ", FLAGS_rate,
         static_cast<unsigned long long>(result.unanswered));
  printf("\"requests\": %llu, \"errors\": %llu, \"seconds\": %.6f, ",
         static_cast<unsigned long long>(result.requests),
         static_cast<unsigned long long>(result.errors), result.seconds);
  printf("\"requests_per_second\": %.1f, ", RequestsPerSecond(result));
  printf("\"p50_us\": %.3f, \"p90_us\": %.3f, \"p99_us\": %.3f, ",
         Microseconds(result, 50), Microseconds(result, 90),
         Microseconds(result, 99));
  printf("\"p99_9_us\": %.3f, \"max_us\": %.3f", Microseconds(result, 99.9),
         Microseconds(result, 100));
  if (result.server_usage) {
    printf(", \"server_cpu_seconds\": %.9f, \"server_context_switches\": %lld",
           static_cast<double>(result.server_usage->cpu_ns) / 1e9,
           static_cast<long long>(result.server_usage->context_switches));
  }
  printf("}\n");
}

int Main() {
  const LoadOptions options = ReadFlags();
  RaiseDescriptorLimit();
  BlockStopSignals();
  // Else the kernel sends what is due up to 50 microseconds late (prctl(2)).
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const LoadResult result = LoadClient(options).Run();
  if (!result.failure.empty()) Die(2, result.failure);
  PrintLine(result);
  if (FLAGS_json) PrintJson(result);
  return result.errors == 0 ? 0 : 3;
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  gflags::SetUsageMessage("load for echo and hello servers");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  if (argc > 1) {
    rondo::bench::Die(1, std::string(argv[1]) + ": only flags are allowed");
  }
  return rondo::bench::Main();
}
