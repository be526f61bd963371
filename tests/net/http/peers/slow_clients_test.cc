// slowhttptest's attacks: hundreds of connections that send or read as slowly
// as they can are closed, and meanwhile others are answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/net/http/peers/answer_reader.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

constexpr char kProgram[] = "/usr/bin/slowhttptest";
constexpr char kAllClosed[] = "No open connections left";
constexpr uint64_t kAttackers = 500;
// The end of an attack if nobody else ends it.
constexpr int kSeconds = 50;
// Of one normal request while it goes on; far less than an attacker would like.
constexpr absl::Duration kBound = absl::Seconds(5);

HttpOptions Impatient() {
  HttpOptions options;
  options.header_timeout = absl::Seconds(1);
  options.body_timeout = absl::Seconds(1);
  return options;
}

// And with little memory for each.
ConnectionLimits ImpatientWriting() {
  ConnectionLimits limits;
  limits.write_stall_timeout = absl::Seconds(1);
  limits.low_water_mark_bytes = 32 * 1'024;
  limits.high_water_mark_bytes = 64 * 1'024;
  return limits;
}

// Asks again and again, each time over a new connection for a few requests,
// until it is destroyed.
class NormalClient {
 public:
  explicit NormalClient(InetAddress server)
      : server_(std::move(server)), thread_(NewThread("normal", [this] {
          while (!stopped_) AskAFewTimes();
        })) {}
  ~NormalClient() { stopped_ = true; }

  int connections() const { return connections_; }

 private:
  void AskAFewTimes() {
    absl::Time begin = absl::Now();
    LoopbackClient client(server_);
    AnswerReader reader(&client);
    for (int i = 0; i < 50; ++i) {
      client.Send("GET /echo/normal HTTP/1.1\r\nHost: rondo\r\n\r\n");
      EXPECT_EQ(reader.Read().Find("X-Token"), "normal");
      EXPECT_LT(absl::Now() - begin, kBound);
      begin = absl::Now();
    }
    ++connections_;
  }

  const InetAddress server_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> connections_ = 0;
  Thread thread_;  // last: it uses the others
};

class SlowClientsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kProgram)) {
      GTEST_SKIP() << "slowhttptest is not installed: tools/setup";
    }
  }

  std::vector<std::string> Command(std::vector<std::string> flags,
                                   std::string_view path) {
    std::vector<std::string> argv = {
        kProgram,
        "-c",
        absl::StrCat(kAttackers),
        "-r",
        absl::StrCat(kAttackers),
        "-l",
        absl::StrCat(kSeconds),
        "-i",
        "1",
        "-u",
        absl::StrCat("http://127.0.0.1:", server_.port(), std::string(path))};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return argv;
  }

  // Expects it to end because the server has closed all its connections.
  void Attack(std::vector<std::string> flags, std::string_view path) {
    NormalClient normal(server_.address());
    const Ended ended = RunCommand(Command(std::move(flags), path));
    EXPECT_THAT(ended.output + ended.errors, HasSubstr(kAllClosed));
    EXPECT_GT(normal.connections(), 0);
  }

  uint64_t Closed(CloseReason reason) const {
    return server_.tcp().closed_connections(reason);
  }

  WitnessServer server_{Impatient(), ImpatientWriting()};
};

TEST_F(SlowClientsTest, WhoSendsAHeadForEverIsTimedOut) {
  Attack({"-H", "-x", "20"}, "/echo/slow");
  EXPECT_GE(Closed(CloseReason::kExpectationTimeout), kAttackers);
}

TEST_F(SlowClientsTest, WhoSendsABodyForEverIsTimedOut) {
  Attack({"-B", "-s", "8192", "-x", "10"}, "/echo/slow");
  EXPECT_GE(Closed(CloseReason::kExpectationTimeout), kAttackers);
}

TEST_F(SlowClientsTest, AStreamedBodyIsNoExcuse) {
  Attack({"-B", "-s", "8192", "-x", "10"}, "/streamed/slow");
}

// The attacker does not notice: it sees to it that little comes.
TEST_F(SlowClientsTest, WhoReadsForEverIsCutOff) {
  NormalClient normal(server_.address());
  Process attack(
      {.argv = Command({"-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32"},
                       "/vast/slow")});
  EXPECT_TRUE(Eventually(
      [this] { return Closed(CloseReason::kWriteStalled) >= kAttackers; }));
  EXPECT_GT(normal.connections(), 0);
}

}  // namespace
}  // namespace rondo
