// What the servers' shared flags do, and how --help explains them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <string>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Some connections, so that each of a few loops gets one, all open at a time.
void ExpectEchoes(const ExampleServer& server) {
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().Send("hello"));
    EXPECT_EQ(clients.back().Read(5), "hello");
  }
  for (ClientSocket& client : clients) {
    ASSERT_TRUE(client.Send("again"));
    EXPECT_EQ(client.Read(5), "again");
  }
}

// The server's event loop threads.
std::vector<pid_t> LoopThreads(pid_t pid) { return ThreadsNamed(pid, "loop-"); }

// The CPUs that a thread may run on.
int CpuCount(pid_t tid) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  return sched_getaffinity(tid, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus)
                                                          : -1;
}

std::vector<int> LoopCpuCounts(ExampleServer& server) {
  std::vector<int> counts;
  for (pid_t tid : LoopThreads(server.process().pid())) {
    counts.push_back(CpuCount(tid));
  }
  return counts;
}

// Names a test for its parameter.
std::string ByName(const testing::TestParamInfo<const char*>& info) {
  return info.param;
}

// --- --help. -----------------------------------------------------------------

class HelpTest : public testing::TestWithParam<const char*> {};

TEST_P(HelpTest, GroupsAndExplainsTheSharedFlags) {
  const std::string name = GetParam();
  const Ended help = RunExample(name, {"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.errors, IsEmpty());
  EXPECT_THAT(help.output, StartsWith(name + ": "));
  EXPECT_THAT(help.output, HasSubstr("\nserver flags:\n"));
  for (const std::string explained :
       {"--host  (string, default \"127.0.0.1\")\n      where to listen",
        "--port  (int32, default 8080)\n      TCP port, 0 to 65535",
        "--threads  (int32, default 2)\n      event loops",
        "--poller  (string, default \"epoll\")\n      how loops wait",
        "--placement  (string, default \"round-robin\")\n      which loop",
        "--backlog  (int32, default 4096)\n      connections that may wait",
        "--tcp_nodelay  (bool, default true)\n      send small writes at once",
        "--pin_cpus  (bool, default false)\n      bind loop i to CPU i",
        "--worker_threads  (int32, default 2)\n      threads for offloaded",
        "--takeover  (string, default \"\")\n      path of a unix socket",
        "--max_accepts_per_turn  (int32, default 128)\n      connections",
        "--max_timers_per_turn  (int32, default 1024)\n      the same",
        "--max_tasks_per_turn  (int32, default 1024)\n      the same",
        "--stall_limit  (string, default \"100ms\")\n      a callback",
        "--log_file  (string, default \"\")\n      ",
        "--worker_queue_limit  (int32, default 1024)\n      offloaded work"}) {
    EXPECT_THAT(help.output, HasSubstr("\n  " + explained));
  }
}

TEST_P(HelpTest, GroupsAndExplainsTheLimits) {
  const Ended help = RunExample(GetParam(), {"--help"});
  EXPECT_THAT(help.output, HasSubstr("\nlimit flags:\n"));
  for (const std::string explained :
       {"--max_connections  (uint64, default 0)\n      open connections; 0: "
        "nine",
        "--max_connections_per_ip  (uint64, default 0)\n      open connections",
        "--over_connections  (string, default \"refuse\")\n      what happens",
        "--over_ip  (string, default \"refuse\")\n      the same",
        "--low_water_mark_bytes  (uint64, default 262144)\n      queued output",
        "--high_water_mark_bytes  (uint64, default 1048576)\n      queued",
        "--max_output_bytes  (uint64, default 16777216)\n      queued output",
        "--max_input_bytes  (uint64, default 1048576)\n      input that",
        "--max_read_bytes_per_turn  (uint64, default 65536)\n      what is "
        "read",
        "--memory_budget_bytes  (uint64, default 0)\n      queued output and",
        "--first_byte_timeout  (string, default \"1m\")\n      closes a",
        "--idle_timeout  (string, default \"10m\")\n      closes a connection",
        "--write_stall_timeout  (string, default \"1m\")\n      closes a",
        "--max_lifetime  (string, default \"24h\")\n      closes a connection",
        "--linger_timeout  (string, default \"2s\")\n      how long input",
        "--request_timeout  (string, default \"30s\")\n      closes a",
        "--drain_quiet_time  (string, default \"200ms\")\n      closes a",
        "--drain_timeout  (string, default \"10s\")\n      how long",
        "--allow_half_close  (bool, default false)\n      a peer that"}) {
    EXPECT_THAT(help.output, HasSubstr("\n  " + explained));
  }
}

TEST_P(HelpTest, DoesNotStartTheServer) {
  EXPECT_THAT(RunExample(GetParam(), {"--help", "--port=0"}).output,
              Not(HasSubstr("listening on")));
}

INSTANTIATE_TEST_SUITE_P(Servers, HelpTest,
                         testing::Values("hello", "echo", "upper", "offload"),
                         ByName);

TEST(OwnFlagsHelpTest, HelloHasAGroupForItsOwnFlag) {
  EXPECT_THAT(RunExample("hello", {"--help"}).output,
              HasSubstr("\nhello:\n  --close  (bool, default false)\n"));
}

TEST(OwnFlagsHelpTest, TimersHasItsOwnFlagsOnly) {
  const Ended help = RunExample("timers", {"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(
      help.output,
      AllOf(StartsWith("timers: "), HasSubstr("\ntimers:\n  --interval_ms"),
            HasSubstr("\n  --ticks"), Not(HasSubstr("--port"))));
}

// --- Pollers and placements. -------------------------------------------------

class PollerFlagTest : public testing::TestWithParam<const char*> {};

TEST_P(PollerFlagTest, IsUsedAndSaid) {
  const std::string poller = GetParam();
  const ExampleServer server("echo", {"--poller=" + poller});
  EXPECT_THAT(server.start_line(), HasSubstr(" poller=" + poller + " "));
  ExpectEchoes(server);
}

INSTANTIATE_TEST_SUITE_P(All, PollerFlagTest,
                         testing::Values("epoll", "poll", "select"), ByName);

class PlacementFlagTest
    : public testing::TestWithParam<std::tuple<const char*, int>> {};

TEST_P(PlacementFlagTest, IsUsedAndSaid) {
  const std::string placement = std::get<0>(GetParam());
  const std::string threads = std::to_string(std::get<1>(GetParam()));
  const ExampleServer server(
      "echo", {"--placement=" + placement, "--threads=" + threads});
  EXPECT_THAT(server.start_line(), EndsWith(" placement=" + placement));
  ExpectEchoes(server);
}

INSTANTIATE_TEST_SUITE_P(All, PlacementFlagTest,
                         testing::Combine(testing::Values("round-robin",
                                                          "least-connections",
                                                          "reuseport"),
                                          testing::Values(0, 1, 3)));

// --- Threads. ----------------------------------------------------------------

class ThreadsFlagTest : public testing::TestWithParam<int> {};

TEST_P(ThreadsFlagTest, IsTheNumberOfLoopThreads) {
  const int threads = GetParam();
  const std::string text = std::to_string(threads);
  ExampleServer server("echo", {"--threads=" + text});
  EXPECT_THAT(server.start_line(), HasSubstr(" threads=" + text + " "));
  EXPECT_THAT(LoopThreads(server.process().pid()), SizeIs(threads));
  ExpectEchoes(server);
}

INSTANTIATE_TEST_SUITE_P(Some, ThreadsFlagTest, testing::Values(0, 1, 4, 64));

TEST(PinCpusFlagTest, GivesEachLoopOneCpu) {
  ExampleServer server("echo", {"--threads=4", "--pin_cpus"});
  EXPECT_THAT(LoopCpuCounts(server), AllOf(SizeIs(4), Each(1)));
  ExpectEchoes(server);
}

TEST(PinCpusFlagTest, IsOffUnlessTold) {
  ExampleServer server("echo", {"--threads=4"});
  EXPECT_THAT(LoopCpuCounts(server), AllOf(SizeIs(4), Each(CpuCount(0))));
}

// --- The rest. ---------------------------------------------------------------

TEST(ServerFlagsTest, ServesWithTheLeastBacklog) {
  const ExampleServer server("echo", {"--backlog=1"});
  ExpectEchoes(server);
}

TEST(ServerFlagsTest, ServesWithTheGreatestBacklog) {
  const ExampleServer server("echo", {"--backlog=2147483647"});
  ExpectEchoes(server);
}

TEST(ServerFlagsTest, ServesWithoutNodelay) {
  const ExampleServer server("echo", {"--notcp_nodelay"});
  ExpectEchoes(server);
}

// --- select has 1,024 descriptors. -------------------------------------------

TEST(SelectLimitTest, RefusesWhatSelectCannotWatchAndServesTheRest) {
  AllowDescriptors(4'096);  // and so for the server, which inherits it
  const ExampleServer server("echo", {"--poller=select", "--threads=1"});
  std::vector<ClientSocket> served;
  int refused = 0;
  for (int i = 0; i < 1'200; ++i) {
    ClientSocket client(server.port());
    client.Send("x");  // or it is closed already
    if (client.Read(1) == "x") {
      served.push_back(std::move(client));
    } else {
      ++refused;
    }
  }
  EXPECT_GT(served.size(), 900u);
  EXPECT_LT(served.size(), 1'024u);
  EXPECT_GT(refused, 0);
  for (ClientSocket& client : served) {
    ASSERT_TRUE(client.Send("y"));
    ASSERT_EQ(client.Read(1), "y");
  }
}

TEST(SelectLimitTest, ServesAgainWhenDescriptorsAreFree) {
  AllowDescriptors(4'096);
  const ExampleServer server("echo", {"--poller=select", "--threads=1"});
  std::vector<ClientSocket> served;
  bool refused = false;
  while (!refused) {
    ClientSocket client(server.port());
    client.Send("x");
    refused = client.Read(1) != "x";
    if (!refused) served.push_back(std::move(client));
  }
  // The server closes in its turn: half-closed, each is seen to be gone.
  for (int i = 0; i < 10; ++i) {
    served[i].ShutdownWrite();
    EXPECT_THAT(served[i].ReadToEnd(), IsEmpty());
  }
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("x"));
  EXPECT_EQ(client.Read(1), "x");
}

}  // namespace
}  // namespace rondo
