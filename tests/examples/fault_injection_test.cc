// What the machine refuses the real servers, by strace's injection and by the
// limit on descriptors: they go on serving, and recover.
//
// Reference: strace(1), "Tampering".
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "absl/time/clock.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/echo_clients.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/examples/strace.h"
#include "tests/net/tcp/scale.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// strace, which injects one fault into a running server until it is destroyed.
// Faults are bounded, in "when=1..100", as a pipe holds what it says of each.
// When it leaves a server that is having one, the call returns ENOSYS: there
// must be none left, or no server.
class Injection {
 public:
  // `fault` is for example "accept4:error=EMFILE:when=1".
  Injection(pid_t pid, const std::string& fault)
      : strace_(pid, {"-f", "-e", "trace=" + fault.substr(0, fault.find(':')),
                      "-e", "status=failed", "-e", "inject=" + fault}) {}

  bool permitted() const { return strace_.permitted(); }
  const std::string& first_line() const { return strace_.first_line(); }

  // Waits until it has happened `times` more times.
  void Await(int times) {
    for (int i = 0; i < times; ++i) {
      while (true) {
        const std::string line = strace_.ReadLine();
        ASSERT_TRUE(strace_.running()) << line;
        if (line.find("(INJECTED)") != std::string::npos) break;
      }
    }
  }

  // Lets the server go.
  void Finish() { strace_.Finish(); }

 private:
  Strace strace_;
};

// Ends the server before strace leaves it, see Injection. LeakSanitizer cannot
// look while strace does, and ends it with an error.
void ExpectEndsUnderStrace(ExampleServer& server) {
  const Ended& ended = server.Stop();
#ifndef ABSL_HAVE_ADDRESS_SANITIZER
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
#else
  (void)ended;
#endif
}

std::string Echo(ClientSocket& client, const std::string& bytes) {
  client.Send(bytes);
  return client.Read(bytes.size());
}

// --- accept4. ----------------------------------------------------------------

class AcceptFaultTest : public testing::TestWithParam<const char*> {};

std::string ByName(const testing::TestParamInfo<const char*>& info) {
  return info.param;
}

// Several times in a row: what waits is accepted in the end. It is also after a
// peer's own fault, as strace injects instead of the call.
TEST_P(AcceptFaultTest, IsSurvivedInARow) {
  ExampleServer server("echo");
  ClientSocket before(server.port());
  EXPECT_EQ(Echo(before, "before"), "before");
  Injection injection(server.process().pid(), std::string("accept4:error=") +
                                                  GetParam() + ":when=1..6");
  SKIP_UNLESS_PERMITTED(injection);
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(server.port());
  injection.Await(1);
  EXPECT_EQ(Echo(before, "meanwhile"), "meanwhile");
  injection.Await(5);
  for (ClientSocket& client : clients) {
    EXPECT_EQ(Echo(client, "after"), "after");
  }
  injection.Finish();
  ClientSocket late(server.port());
  EXPECT_EQ(Echo(late, "late"), "late");
}

INSTANTIATE_TEST_SUITE_P(All, AcceptFaultTest,
                         testing::Values("EMFILE", "ENFILE", "ENOBUFS",
                                         "ENOMEM", "ECONNABORTED", "EPERM",
                                         "EPROTO", "EINTR"),
                         ByName);

// --- Waiting. ----------------------------------------------------------------

class WaitFaultTest : public testing::TestWithParam<const char*> {};

TEST_P(WaitFaultTest, InterruptedWaitsChangeNothing) {
  constexpr int kClients = 8;
  ExampleServer server("echo", {GetParam()});
  // Of each thread every other call, until there were fifty.
  Injection injection(server.process().pid(),
                      "epoll_wait,epoll_pwait2,poll,ppoll,select,pselect6:"
                      "error=EINTR:when=1..99+2");
  SKIP_UNLESS_PERMITTED(injection);
  EchoClients clients({.port = server.port(), .clients = kClients});
  clients.AwaitReplies(30 * kClients);
  injection.Await(100);  // so both loops had some
  const EchoOutcome outcome = clients.Finish();
  EXPECT_EQ(outcome.Faults(), "");
  ExpectEndsUnderStrace(server);
}

TEST_P(WaitFaultTest, OutOfMemoryIsWaitedOut) {
  ExampleServer server("echo", {GetParam(), "--threads=0"});
  ClientSocket client(server.port());
  EXPECT_EQ(Echo(client, "before"), "before");
  Injection injection(server.process().pid(),
                      "epoll_wait,epoll_pwait2,ppoll,pselect6:"
                      "error=ENOMEM:when=1..3");
  SKIP_UNLESS_PERMITTED(injection);
  EXPECT_EQ(Echo(client, "meanwhile"), "meanwhile");
  injection.Await(3);
  EXPECT_EQ(Echo(client, "after"), "after");
  client.Close();
  ExpectEndsUnderStrace(server);
}

INSTANTIATE_TEST_SUITE_P(Pollers, WaitFaultTest,
                         testing::Values("--poller=epoll", "--poller=poll",
                                         "--poller=select"),
                         [](const auto& info) {
                           return std::string(info.param).substr(9);
                         });

// As in sandboxes that do not know the call: what waits for a time uses
// another.
TEST(EpollWaitFaultTest, PreciseWaitsThatAreNotToBeHadAreDoneWithout) {
  ExampleServer server("echo");
  ClientSocket client(server.port());
  EXPECT_EQ(Echo(client, "before"), "before");
  Injection injection(server.process().pid(),
                      "epoll_pwait2:error=ENOSYS:when=1..200");
  SKIP_UNLESS_PERMITTED(injection);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Echo(client, "more"), "more");
  injection.Await(1);
  ClientSocket other(server.port());
  EXPECT_EQ(Echo(other, "other"), "other");
  client.Close();
  other.Close();
  ExpectEndsUnderStrace(server);
}

// --- epoll_ctl. --------------------------------------------------------------

class WatchFaultTest : public testing::TestWithParam<const char*> {};

// The first call after strace has come is that for the connection.
TEST_P(WatchFaultTest, ClosesThatConnectionOnly) {
  ExampleServer server("echo", {"--threads=0"});
  ClientSocket before(server.port());
  EXPECT_EQ(Echo(before, "before"), "before");
  Injection injection(server.process().pid(),
                      std::string("epoll_ctl:error=") + GetParam() + ":when=1");
  SKIP_UNLESS_PERMITTED(injection);
  ClientSocket unlucky(server.port());
  EXPECT_EQ(unlucky.ReadToEnd(), "");
  injection.Await(1);
  EXPECT_EQ(Echo(before, "meanwhile"), "meanwhile");
  ClientSocket after(server.port());
  EXPECT_EQ(Echo(after, "after"), "after");
}

// Output that the kernel does not take is watched for, by another call.
TEST_P(WatchFaultTest, OfOutputClosesThatConnectionOnly) {
  ExampleServer server("echo", {"--threads=0"});
  ClientSocket before(server.port());
  EXPECT_EQ(Echo(before, "before"), "before");
  ClientSocket unlucky(server.port(), /*receive_buffer_bytes=*/4'096);
  EXPECT_EQ(Echo(unlucky, "x"), "x");
  Injection injection(server.process().pid(),
                      std::string("epoll_ctl:error=") + GetParam() + ":when=1");
  SKIP_UNLESS_PERMITTED(injection);
  // More than all buffers on the way hold.
  EXPECT_FALSE(unlucky.Send(std::string(16 << 20, 'x')));
  injection.Await(1);
  EXPECT_EQ(Echo(before, "meanwhile"), "meanwhile");
}

// At its cap it does not watch the listener; that is what fails when there is
// room again.
TEST_P(WatchFaultTest, OfTheListenerIsTriedAgain) {
  ExampleServer server("echo", {"--threads=0", "--max_connections=1",
                                "--over_connections=wait"});
  ClientSocket first(server.port());
  EXPECT_EQ(Echo(first, "first"), "first");
  ClientSocket second(server.port());
  ASSERT_TRUE(second.Send("second"));
  // first's socket leaves the poller by being closed, without a call.
  Injection injection(server.process().pid(), std::string("epoll_ctl:error=") +
                                                  GetParam() + ":when=1..3");
  SKIP_UNLESS_PERMITTED(injection);
  first.Close();
  injection.Await(3);
  EXPECT_EQ(second.Read(6), "second");
  EXPECT_EQ(Echo(second, "again"), "again");
}

INSTANTIATE_TEST_SUITE_P(All, WatchFaultTest,
                         testing::Values("ENOMEM", "ENOSPC"), ByName);

// --- RLIMIT_NOFILE. ----------------------------------------------------------

// The soft limit, which can be raised again.
void LimitDescriptors(pid_t pid, size_t count) {
  rlimit limit;
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, nullptr, &limit), 0);
  limit.rlim_cur = count;
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &limit, nullptr), 0);
}

// The limit under which it can open so many more: each gets the lowest number
// that is free, and there may be gaps.
size_t LimitForRoom(pid_t pid, size_t room) {
  const std::string fds = "/proc/" + std::to_string(pid) + "/fd/";
  size_t limit = 0;
  while (std::filesystem::exists(
             std::filesystem::symlink_status(fds + std::to_string(limit))) ||
         room-- > 0) {
    ++limit;
  }
  return limit;
}

const Flags kManyConnections = {"--max_connections=1000",
                                "--max_connections_per_ip=1000"};

TEST(DescriptorLimitTest, WithNoneLeftItServesWhatIsOpenAndThenGoesOn) {
  constexpr size_t kRoom = 20;
  ExampleServer server("echo", kManyConnections);
  const pid_t pid = server.process().pid();
  const size_t all = CountDescriptors(pid) + kRoom;
  LimitDescriptors(pid, LimitForRoom(pid, kRoom));
  std::vector<ClientSocket> open;
  for (size_t i = 0; i < kRoom; ++i) {
    open.emplace_back(server.port());
    ASSERT_EQ(Echo(open.back(), "x"), "x");
  }
  EXPECT_EQ(CountDescriptors(pid), all);
  ClientSocket waiting(server.port());
  ASSERT_TRUE(waiting.Send("at last"));

  // Here time is measured, as it is what is promised, and nothing else is to be
  // seen of a server that turns in circles: that takes all of a CPU, this one
  // about 0.1%.
  const absl::Duration cpu = CpuTime(pid);
  const absl::Time begin = absl::Now();
  while (absl::Now() - begin < absl::Seconds(2)) {
    for (ClientSocket& client : open) EXPECT_EQ(Echo(client, "y"), "y");
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  const absl::Duration used = CpuTime(pid) - cpu;
  EXPECT_LT(used, (kSanitized ? 0.25 : 0.05) * (absl::Now() - begin));

  EXPECT_EQ(CountDescriptors(pid), all);
  EXPECT_EQ(waiting.ReadAvailable(), "");

  open.pop_back();
  const absl::Time room = absl::Now();
  EXPECT_EQ(waiting.Read(7), "at last");
  EXPECT_LT(absl::Now() - room, absl::Seconds(kSanitized ? 3 : 1));
  for (ClientSocket& client : open) EXPECT_EQ(Echo(client, "z"), "z");
}

TEST(DescriptorLimitTest, CostsFewLogLines) {
  ExampleServer server("echo", kManyConnections);
  const pid_t pid = server.process().pid();
  LimitDescriptors(pid, LimitForRoom(pid, 0));
  std::vector<ClientSocket> waiting;
  for (int i = 0; i < 100; ++i) waiting.emplace_back(server.port());
  ASSERT_TRUE(waiting[0].Send("x"));
  LimitDescriptors(pid, 1'000);
  EXPECT_EQ(waiting[0].Read(1), "x");
  waiting.clear();
  const Ended& ended = server.Stop();
  EXPECT_LT(ended.errors.size(), 2'000) << ended.errors;
}

// Starts echo under a limit on descriptors, with more clients than that.
void ExpectRefusesBeforeDescriptorsRunOut(int limit, const Flags& flags) {
  std::vector<std::string> argv = {
      "sh", "-c",
      "ulimit -n " + std::to_string(limit) +
          " && exec \"$0\" --port=0 --max_connections_per_ip=100000 "
          "--linger_timeout=0 \"$@\"",
      Example("echo", {}).argv[0]};
  argv.insert(argv.end(), flags.begin(), flags.end());
  Process server({.argv = argv});
  const std::string line = server.ReadLine();
  const size_t colon = line.find(':');
  ASSERT_NE(colon, std::string::npos) << line;
  const auto port = static_cast<uint16_t>(std::stoi(line.substr(colon + 1)));
  std::vector<ClientSocket> open;
  for (int i = 0; i < limit + 10; ++i) {
    open.emplace_back(port);
    open.back().Send("x");
  }
  // Ends what waits, if any does, too.
  server.Signal(SIGTERM);
  const Ended& ended = server.Wait();
  const auto answered = std::ranges::count_if(
      open, [](ClientSocket& client) { return client.ReadToEnd() == "x"; });
  EXPECT_GT(answered, limit / 2);
  EXPECT_LT(answered, limit);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, Not(HasSubstr("Too many open files")));
}

TEST(DescriptorLimitTest, DefaultOfMaxConnectionsRefusesBefore) {
  ExpectRefusesBeforeDescriptorsRunOut(256, {});
}

TEST(DescriptorLimitTest, DefaultOfMaxConnectionsCountsWhatLoopsNeed) {
  ExpectRefusesBeforeDescriptorsRunOut(256, {"--threads=32"});
}

}  // namespace
}  // namespace rondo
