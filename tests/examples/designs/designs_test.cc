// What every design of examples/designs has to do, whichever way it waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <latch>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/stream_client.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

struct Design {
  std::string name;
  std::string pool = "";  // how its start line ends, if it has threads
  // Whether it keeps the order of a stream: all but the one that is there to
  // show how not to.
  bool keeps_order = true;
  bool is_one_thread = false;
};

void PrintTo(const Design& design, std::ostream* out) { *out << design.name; }

std::string NameOf(const testing::TestParamInfo<Design>& info) {
  return info.param.name;
}

const Design kDesigns[] = {
    {.name = "blocking_pool",
     .pool = " threads=64 \\(more connections wait\\)"},
    {.name = "busy_polling", .pool = " threads=2"},
    {.name = "select_loop", .is_one_thread = true},
    {.name = "poll_loop", .is_one_thread = true},
    {.name = "epoll_loop", .is_one_thread = true},
    {.name = "epoll_pool", .pool = " threads=4"},
    {.name = "epoll_pool_unsafe", .pool = " threads=4", .keeps_order = false},
    {.name = "poll_generators", .is_one_thread = true},
    {.name = "event_generators", .is_one_thread = true},
};

const std::string kHello = "--protocol=hello";
const std::string kUpper = "--protocol=upper";

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";

std::string Ask(uint16_t port, std::string_view bytes) {
  ClientSocket client(port);
  client.Send(bytes);  // not all, if it answers before
  return client.ReadToEnd();
}

// One message there and back.
bool IsServed(ClientSocket& client, std::string_view message = "ping") {
  return client.Send(message) &&
         client.Read(message.size()) == absl::AsciiStrToUpper(absl::string_view(
                                            message.data(), message.size()));
}

bool ServesOn(const DesignServer& server) {
  ClientSocket client(server.port());
  return IsServed(client);
}

// Numbered lines: what is lost, twice or out of place shows.
std::string Lines(size_t bytes) {
  std::string lines;
  for (int i = 0; lines.size() < bytes; ++i) {
    lines += "line " + std::to_string(i) + "\n";
  }
  return lines;
}

// More than the kernel keeps at both ends. Made once.
const std::string& MuchMoreLines() {
  static const std::string lines = Lines(24 << 20);
  return lines;
}

// How many descriptors it has while nobody is connected.
size_t CountOwnDescriptors(const DesignServer& server) {
  ClientSocket client(server.port());
  EXPECT_TRUE(IsServed(client));  // so all else is open by now
  const size_t count = CountDescriptors(server.pid()) - 1;
  client.Close();
  EXPECT_TRUE(
      Eventually([&] { return CountDescriptors(server.pid()) == count; }));
  return count;
}

class DesignTest : public testing::TestWithParam<Design> {
 protected:
  const std::string name_ = GetParam().name;
};

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

// Those that are about streams.
class DesignStreamTest : public DesignTest {
 protected:
  void SetUp() override {
    if (!GetParam().keeps_order) GTEST_SKIP() << "see epoll_pool_test";
  }
};

INSTANTIATE_TEST_SUITE_P(All, DesignStreamTest, testing::ValuesIn(kDesigns),
                         NameOf);

// --- Serving. ----------------------------------------------------------------

TEST_P(DesignTest, SaysWhereItListens) {
  for (const char* protocol : {"hello", "upper"}) {
    const DesignServer server(name_, {std::string("--protocol=") + protocol});
    EXPECT_THAT(server.start_line(),
                MatchesRegex(name_ +
                             " listening on 127\\.0\\.0\\.1:[1-9][0-9]* "
                             "protocol=" +
                             protocol + GetParam().pool));
  }
}

// Runs `talk` for fifty clients, each in a thread of its own, when all have
// connected.
template <typename Talk>
void FiftyClients(const DesignServer& server, Talk talk) {
  constexpr int kClients = 50;
  std::latch connected(kClients);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      ClientSocket client(server.port());
      connected.arrive_and_wait();
      talk(client, i);
    });
  }
}

TEST_P(DesignTest, AnswersFiftyHelloClientsAtOnce) {
  const DesignServer server(name_, {kHello});
  FiftyClients(server, [](ClientSocket& client, int) {
    EXPECT_TRUE(client.Send(kRequest));
    EXPECT_EQ(client.ReadToEnd(), kAnswer);
  });
}

TEST_P(DesignTest, AnswersFiftyUpperClientsAtOnce) {
  const DesignServer server(name_, {kUpper});
  FiftyClients(server, [](ClientSocket& client, int i) {
    for (int message = 0; message < 50; ++message) {
      EXPECT_TRUE(IsServed(client, "client " + std::to_string(i) + " message " +
                                       std::to_string(message)));
    }
    client.ShutdownWrite();
    EXPECT_EQ(client.ReadToEnd(), "");
  });
}

TEST_P(DesignTest, AbFailsNothing) {
  const DesignServer server(name_, {kHello});
  const Ended ab = RunCommand(
      {"ab", "-q", "-n1000", "-c10", "http://" + server.address() + "/"});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +1000\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(DesignTest, HelloAnswersWithTheBytesOfTheHelloExample) {
  const DesignServer server(name_, {kHello});
  const ExampleServer hello("hello", {"--close"});
  for (const std::string& request : {
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
           std::string("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("\r\n\nGET / HTTP/1.1\nHost: a\n\n"),
           std::string("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
           "GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n",
       }) {
    EXPECT_EQ(Ask(server.port(), request), Ask(hello.port(), request))
        << request;
  }
}

TEST_P(DesignTest, HelloDoesNotAnswerARequestWithoutItsEnd) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n"));
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_P(DesignTest, UpperChangesAsciiLettersOnly) {
  const DesignServer server(name_, {kUpper});
  std::string all;
  std::string want;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
    want += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(all));
  EXPECT_EQ(client.Read(all.size()), want);
}

// --- Streams. ----------------------------------------------------------------

TEST_P(DesignStreamTest, HelloAnswersARequestThatComesByteByByte) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  for (const char& byte : kRequest) {
    // What it answers to another tells that it has read the last byte.
    ASSERT_EQ(Ask(server.port(), kRequest), kAnswer);
    ASSERT_TRUE(client.Send({&byte, 1}));
  }
  EXPECT_EQ(client.ReadToEnd(), kAnswer);
}

TEST_P(DesignStreamTest, UpperAnswersBytesThatComeOneByOne) {
  const DesignServer server(name_, {kUpper});
  ClientSocket client(server.port());
  const std::string lines = Lines(5'000);
  for (const char& byte : lines.substr(0, 100)) {
    ASSERT_TRUE(IsServed(client, {&byte, 1}));
  }
  for (const char& byte : lines) ASSERT_TRUE(client.Send({&byte, 1}));
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadToEnd(), absl::AsciiStrToUpper(lines));
}

// More than the kernel takes: a server that does not linger resets it.
TEST_P(DesignStreamTest, HelloAnswerIsNotLostToWhatFollowsTheRequest) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  // In one, as only what comes with the request tells that there is more.
  EXPECT_TRUE(client.Send(std::string(kRequest) + MuchMoreLines()));
  EXPECT_EQ(client.ReadToEnd(), kAnswer);
}

// What the server cannot send, it may neither lose nor grow by, and others are
// served meanwhile.
TEST_P(DesignStreamTest, UpperClientThatReadsLateGetsAllItSent) {
  const DesignServer server(name_, {kUpper});
  const std::string& lines = MuchMoreLines();
  StreamClient client(server.port(), lines);
  EXPECT_TRUE(client.SendUntilStuck()) << client.sent_bytes();
  EXPECT_TRUE(ServesOn(server));
  const std::string received = client.Finish();
  EXPECT_TRUE(received == absl::AsciiStrToUpper(lines))
      << received.size() << " bytes of " << lines.size();
}

// Whether the process's first thread waits for something: proc(5), status.
bool IsAsleep(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word && word != "State:") {
  }
  status >> word;
  return word == "S";
}

// There is input from it all the time: to wait for that would be no wait.
TEST_P(DesignStreamTest, OneThreadSleepsWhileAClientDoesNotRead) {
  if (!GetParam().is_one_thread) GTEST_SKIP() << "has more threads";
  const DesignServer server(name_, {kUpper});
  StreamClient stuck(server.port(), MuchMoreLines());
  ASSERT_TRUE(stuck.SendUntilStuck());
  EXPECT_TRUE(Eventually([&] { return IsAsleep(server.pid()); }));
}

// --- Clients that go away. ---------------------------------------------------

TEST_P(DesignTest, ServesOnAfterResets) {
  DesignServer server(name_, {kUpper});
  for (int i = 0; i < 50; ++i) {
    ClientSocket silent(server.port());
    silent.Reset();
    ClientSocket unread(server.port());  // what it is sent
    ASSERT_TRUE(unread.Send(Lines(100'000)));
    unread.Reset();
    ClientSocket served(server.port());
    ASSERT_TRUE(IsServed(served));
    served.Reset();
  }
  EXPECT_TRUE(ServesOn(server));
}

TEST_P(DesignTest, ServesOnAfterAResetInPlaceOfWhatItIsToRead) {
  DesignServer server(name_, {kUpper});
  const size_t before = CountOwnDescriptors(server);
  {
    StreamClient client(server.port(), MuchMoreLines());
    if (GetParam().keeps_order) {
      ASSERT_TRUE(client.SendUntilStuck());
    }
  }  // closed with input unread, which resets it
  EXPECT_TRUE(ServesOn(server));
  EXPECT_TRUE(
      Eventually([&] { return CountDescriptors(server.pid()) == before; }));
}

TEST_P(DesignTest, HelloServesOnAfterResetsInsideARequest) {
  DesignServer server(name_, {kHello});
  for (int i = 0; i < 50; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send("GET / HT"));
    client.Reset();
  }
  EXPECT_EQ(Ask(server.port(), kRequest), kAnswer);
}

// --- The end. ----------------------------------------------------------------

TEST_P(DesignTest, SignalsEndItIdle) {
  for (const int signal : {SIGTERM, SIGINT}) {
    DesignServer server(name_);
    const Ended& ended = server.Stop(signal);
    EXPECT_EQ(ended.output, server.start_line() + "\n");
    EXPECT_THAT(
        ended.errors,
        HasSubstr(name_ + " stopped: 0 connections, 0 of them refused\n"));
  }
}

TEST_P(DesignTest, SignalEndsItWithConnectionsOfAllKinds) {
  DesignServer server(name_, {kUpper});
  ClientSocket silent(server.port());
  ClientSocket served(server.port());
  ASSERT_TRUE(IsServed(served));
  StreamClient stuck(server.port(), MuchMoreLines());
  if (GetParam().keeps_order) {
    ASSERT_TRUE(stuck.SendUntilStuck());
  }
  server.Stop();
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(served.ReadToEnd(), "");
}

// --- What it cannot have. ----------------------------------------------------

TEST_P(DesignTest, WithoutDescriptorsRefusesAndServesOn) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UBSan's check of vptrs needs descriptors of its own";
#endif
  constexpr size_t kFree = 5;
  constexpr int kClients = 20;
  DesignServer server(name_, {kUpper});
  const size_t count = CountOwnDescriptors(server) + kFree;
  const rlimit limit = {.rlim_cur = count, .rlim_max = count};
  ASSERT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  std::vector<ClientSocket> served;
  for (int i = 0; i < kClients; ++i) {
    ClientSocket client(server.port());
    if (IsServed(client)) served.push_back(std::move(client));
  }
  EXPECT_EQ(served.size(), kFree);
  for (ClientSocket& client : served) EXPECT_TRUE(IsServed(client));
  served.clear();
  EXPECT_TRUE(Eventually([&] { return ServesOn(server); }));
  const Ended& ended = server.Stop();
  EXPECT_EQ(CountOf("connection refused: ", ended.errors), 1) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("raise `ulimit -n`"));
  EXPECT_THAT(ended.errors, ContainsRegex("connections, (1[5-9]|[2-9][0-9]+) "
                                          "of them refused"));
}

TEST_P(DesignTest, TakenPortNamesItAndARemedy) {
  const DesignServer first(name_);
  const Ended second =
      RunDesign(name_, {"--port=" + std::to_string(first.port())});
  EXPECT_EQ(second.exit_code, 2) << testing::PrintToString(second);
  EXPECT_THAT(second.output, IsEmpty());
  EXPECT_THAT(second.errors,
              AllOf(StartsWith("ERROR: cannot listen on " + first.address()),
                    HasSubstr("choose another port"), HasSubstr("in use")));
}

// 192.0.2.0/24 is for documentation: no machine has it (RFC 5737).
TEST_P(DesignTest, AddressOfNoMachineNamesItAndARemedy) {
  const Ended ended = RunDesign(name_, {"--host=192.0.2.1"});
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              AllOf(StartsWith("ERROR: cannot listen on 192.0.2.1:0"),
                    HasSubstr("use one of its own")));
}

// --- Flags. ------------------------------------------------------------------

void ExpectRefused(const Ended& ended, const std::string& errors) {
  EXPECT_EQ(ended.exit_code, 1) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output, IsEmpty());
  EXPECT_THAT(ended.errors, HasSubstr(errors));
}

TEST_P(DesignTest, BadFlagsAreNamedWithWhatIsAllowed) {
  struct BadFlag {
    std::string flag;
    std::string allowed;
  };
  for (const auto& [flag, allowed] : {
           BadFlag{"--port=65536", "0 to 65535"},
           BadFlag{"--port=-1", "0 to 65535"},
           BadFlag{"--protocol=echo", "hello or upper"},
           BadFlag{"--protocol=", "hello or upper"},
           BadFlag{"--host=localhost", "an IPv4 or IPv6 address in numbers"},
           BadFlag{"--host=", "an IPv4 or IPv6 address in numbers"},
       }) {
    ExpectRefused(RunDesign(name_, {flag}),
                  "ERROR: " + flag + ": allowed is " + allowed + "\n");
  }
}

TEST_P(DesignTest, OnlyPoolsHaveThreads) {
  const Ended ended = RunDesign(name_, {"--threads=0"});
  ExpectRefused(ended, GetParam().pool.empty()
                           ? "'threads'"
                           : "ERROR: --threads=0: allowed is 1 to 16384\n");
}

TEST_P(DesignTest, UnknownFlagsAndStrayArgumentsEndIt) {
  ExpectRefused(RunDesign(name_, {"--prot=0"}), "'prot'");
  ExpectRefused(RunDesign(name_, {"8080"}), "'8080'");
}

}  // namespace
}  // namespace rondo
