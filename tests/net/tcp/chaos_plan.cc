#include "tests/net/tcp/chaos_plan.h"

#include <algorithm>
#include <bit>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace rondo {
namespace {

constexpr size_t kMaxClients = 48;

// What a client sends takes it so many turns at most, if it does not rest.
constexpr size_t kClientWrites = 500;
constexpr size_t kCrowdsWrites = 50;

// So many reads take the server's loops a few seconds.
constexpr size_t kMaxServerReads = 200'000;

using End = ChaosClientPlan::End;
using ServerEnd = ChaosClientPlan::ServerEnd;

}  // namespace

ChaosPlan::ChaosPlan(uint32_t seed_in, size_t count) : seed(seed_in) {
  ChaosRandom random(seed);
  DrawServer(random);
  DrawFaults(random);
  if (count == 0) count = random.From(1, kMaxClients);
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    clients.push_back(DrawClient(
        random, count > kMaxClients ? kCrowdsWrites : kClientWrites));
    bytes += clients.back().total;
  }
  // What all send, a byte or two at a time, would take a crowd minutes.
  size_t& read_bytes = server.limits.max_read_bytes_per_turn;
  read_bytes = std::max(read_bytes, bytes / kMaxServerReads);
  DrawStop(random);
}

void ChaosPlan::DrawServer(ChaosRandom& random) {
  server.threads = static_cast<int>(random.From(0, 3));
  server.placement =
      random.Any({Placement::kRoundRobin, Placement::kLeastConnections,
                  Placement::kReusePort});
  server.loop.poller = random.Any({"epoll", "poll"});
  server.max_accepts_per_turn = random.Any({1, 2, 128});
  if (random.Percent(20)) server.max_connections = random.From(1, 20);
  if (random.Percent(20)) {
    server.max_connections_per_address = random.From(1, 20);
  }
  server.over_connections = random.Any({OverLimit::kRefuse, OverLimit::kWait});
  server.over_address = random.Any({OverLimit::kRefuse, OverLimit::kWait});

  ConnectionLimits& limits = server.limits;
  if (random.Percent(60)) {
    limits.low_water_mark_bytes = random.Size(10'000);
    limits.high_water_mark_bytes =
        limits.low_water_mark_bytes + random.Size(20'000);
  }
  tight_output = random.Percent(15);
  if (tight_output) {
    limits.max_output_bytes =
        limits.high_water_mark_bytes + random.From(1, 40'000);
  }
  if (random.Percent(40)) {
    limits.max_read_bytes_per_turn = 1 + random.Size(65'535);
  }
  limits.linger_timeout = absl::Milliseconds(random.From(0, 20));
  limits.drain_quiet_time = absl::Milliseconds(random.From(1, 5));
  limits.allow_half_close = random.Percent(50);

  reply = random.Any({Reply::kInline, Reply::kHandle, Reply::kOffload});
  take = random.Any({Take::kAll, Take::kUnits, Take::kSome});
  if (take == Take::kUnits) unit = random.From(2, 64);
  percent_pausing = random.Any({0, 0, 10, 50});
  shuts_down_on_drain = random.Percent(20);
}

void ChaosPlan::DrawFaults(ChaosRandom& random) {
  for (const SocketFault fault :
       {SocketFault::kShortRead, SocketFault::kShortWrite, SocketFault::kEintr,
        SocketFault::kEagain}) {
    faults[fault] = random.Any({0.0, 0.02, 0.2});
  }
  for (const SocketFault fault :
       {SocketFault::kEmfile, SocketFault::kEnfile, SocketFault::kEnomem,
        SocketFault::kEconnaborted}) {
    faults[fault] = random.Any({0.0, 0.0, 0.05});
  }
  fatal_faults = random.Percent(40);
  if (!fatal_faults) return;
  for (const SocketFault fault :
       {SocketFault::kEconnreset, SocketFault::kEpipe, SocketFault::kEnobufs}) {
    faults[fault] = random.Any({0.0, 0.005, 0.03});
  }
}

void ChaosPlan::DrawStop(ChaosRandom& random) {
  stop = random.Any({Stop::kNone, Stop::kNone, Stop::kStop,
                     Stop::kStopWithGrace, Stop::kDrain, Stop::kDestroy});
  stopper = random.Any(
      {Stopper::kTestThread, Stopper::kOtherThread, Stopper::kCallback});
  stop_at_event = random.Size(6 * clients.size()) + 1;
  grace = random.Any({absl::Milliseconds(1), absl::Milliseconds(20),
                      stop == Stop::kDrain ? absl::InfiniteDuration()
                                           : absl::Milliseconds(50)});
}

ChaosClientPlan ChaosPlan::DrawClient(ChaosRandom& random,
                                      size_t writes) const {
  ChaosClientPlan plan;
  plan.salt = static_cast<uint32_t>(random.From(0, UINT32_MAX));
  plan.total = random.Size(random.Any<size_t>({100, 4'000, 20'000, 200'000}));
  plan.total -= plan.total % unit;
  plan.connect_turn = static_cast<int>(random.Size(50));
  plan.max_write_bytes = 1 + random.Size(40'000);
  plan.max_write_bytes = std::max(plan.max_write_bytes, plan.total / writes);
  plan.max_read_bytes =
      std::max<size_t>(1 + random.Size(40'000), plan.total / writes);
  if (random.Percent(30)) plan.receive_buffer_bytes = 4'096;
  plan.percent_pausing = random.Any({0, 0, 5, 30});
  plan.max_pause_turns = random.Any({1, 10, 50});
  plan.end = random.Any({End::kHalfClose, End::kHalfClose, End::kFin, End::kFin,
                         End::kReset, End::kLeave});
  plan.end_at = random.From(0, plan.total);
  if (random.Percent(20)) {
    plan.server_end = random.Any({ServerEnd::kShutdown, ServerEnd::kClose,
                                  ServerEnd::kLinger, ServerEnd::kForceClose});
    plan.server_end_at = random.From(0, plan.total);
  }
  return plan;
}

std::string ChaosPlan::ToString() const {
  return absl::StrCat(
      "seed ", seed, ": ", clients.size(), " clients, ", server.threads,
      " loops (", std::string(rondo::ToString(server.placement)), ", ",
      server.loop.poller, "), reply ", static_cast<int>(reply), ", take ",
      static_cast<int>(take), ", half close ", server.limits.allow_half_close,
      ", fatal faults ", fatal_faults, ", limits ", server.max_connections, "/",
      server.max_connections_per_address, ", stop ", static_cast<int>(stop),
      " by ", static_cast<int>(stopper), " at event ", stop_at_event,
      ", grace ", absl::FormatDuration(grace));
}

}  // namespace rondo
