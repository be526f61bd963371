// What clients get from examples/upload, and what they leave in its directory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "absl/base/config.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/curl.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// FIPS 180-2, appendix B.1.
constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n";

class UploadTest : public testing::Test {
 protected:
  // Before the body is asked for.
  void ExpectRefused(const std::string& status, const std::string& name,
                     Flags flags = {}) const {
    flags.insert(flags.end(),
                 {"-i", "-HExpect: 100-continue", "-T-", server_.url() + name});
    EXPECT_THAT(Curl(flags, "x").output, StartsWith("HTTP/1.1 " + status + " "))
        << name;
    EXPECT_EQ(CountFiles(), 0);
  }
  // How many files there are, finished or not.
  int CountFiles() const {
    namespace fs = std::filesystem;
    return static_cast<int>(std::distance(
        fs::directory_iterator(directory_.path()), fs::directory_iterator()));
  }
  std::string Sha256Sum(const std::string& name) const {
    return RunCommand({"sha256sum", name}, "", directory_.path()).output;
  }

  TempDirectory directory_;
  ExampleServer server_{"upload",
                        {"--directory=" + directory_.path().string()}};
};

TEST_F(UploadTest, AnswersTheDigestAndKeepsTheFile) {
  const Ended curl = Curl({"-i", "-T-", server_.url() + "abc"}, "abc");
  EXPECT_THAT(curl.output, StartsWith("HTTP/1.1 100 Continue\r\n\r\n"
                                      "HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(curl.output, EndsWith(kAbc));
  EXPECT_EQ(Contents(directory_ / "abc"), "abc");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(UploadTest, TakesEmptyFiles) {
  const std::string digest = Curl({"-XPUT", server_.url() + "x"}).output;
  EXPECT_EQ(digest, Sha256Sum("x"));
  EXPECT_EQ(Contents(directory_ / "x"), "");
}

// RFC 9110 §9.3.4: nothing was created.
TEST_F(UploadTest, SaysThatItReplacesAFile) {
  Curl({"-T-", server_.url() + "x"}, "some");
  const std::string answer = Curl({"-i", "-XPUT", server_.url() + "x"}).output;
  EXPECT_THAT(answer, testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                     EndsWith(Sha256Sum("x"))));
  EXPECT_EQ(Contents(directory_ / "x"), "");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(UploadTest, TakesLengthsAndChunksAlike) {
  std::string bytes;
  for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i * 7 >> 3);
  std::ofstream(directory_ / "in", std::ios::binary) << bytes;
  const std::string in = directory_ / "in";
  const std::string by_length = Curl({"-T", in, server_.url() + "a"}).output;
  EXPECT_EQ(by_length, Sha256Sum("a"));
  const std::string by_chunks =
      Curl({"-T-", server_.url() + "b"}, bytes).output;
  EXPECT_EQ(by_chunks, Sha256Sum("b"));
  const std::string old = Curl({"-T", in, "-0", server_.url() + "c"}).output;
  EXPECT_EQ(old, Sha256Sum("c"));
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_TRUE(Contents(directory_ / name) == bytes) << name;
  }
}

TEST_F(UploadTest, TakesChunksOfAByte) {
  std::string request =
      "PUT /abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const char c : std::string_view("abc")) {
    request += std::string("1\r\n") + c + "\r\n";
  }
  ClientSocket client(server_.port());
  ASSERT_TRUE(client.Send(request + "0\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), EndsWith(kAbc));
}

// Its end comes while the body waits for the disk.
TEST_F(UploadTest, AnswersWhoSaysNothingMore) {
  for (const char* framed : {"Content-Length: 3\r\n\r\nabc",
                             "Transfer-Encoding: chunked\r\n\r\n"
                             "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"}) {
    ClientSocket client(server_.port());
    ASSERT_TRUE(
        client.Send(std::string("PUT /abc HTTP/1.1\r\nHost: a\r\n") + framed));
    client.ShutdownWrite();
    EXPECT_THAT(client.ReadToEnd(), EndsWith(kAbc)) << framed;
  }
}

TEST_F(UploadTest, AnswersPipelinedUploadsInTurn) {
  ClientSocket client(server_.port());
  ASSERT_TRUE(
      client.Send("PUT /abc HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                  "PUT /abc HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                  "Connection: close\r\n\r\nabc"));
  const std::string answers = client.ReadToEnd();
  EXPECT_THAT(answers, EndsWith(kAbc));
  EXPECT_NE(answers.find(kAbc), answers.rfind(kAbc));
}

// --- What does not come whole. -----------------------------------------------

TEST_F(UploadTest, ForgetsWhatIsAborted) {
  {
    ClientSocket reset(server_.port());
    ClientSocket closed(server_.port());
    for (ClientSocket* client : {&reset, &closed}) {
      ASSERT_TRUE(client->Send(
          "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nbegun"));
    }
    EXPECT_TRUE(Eventually([&] { return CountFiles() == 2; }));
    reset.Reset();
  }
  EXPECT_TRUE(Eventually([&] { return CountFiles() == 0; }));
}

TEST_F(UploadTest, ForgetsWhatIsMalformed) {
  ClientSocket client(server_.port());
  ASSERT_TRUE(
      client.Send("PUT /x HTTP/1.1\r\nHost: a\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\nno\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(Eventually([&] { return CountFiles() == 0; }));
}

TEST_F(UploadTest, ForgetsWhatIsOpenAtItsEnd) {
  ExampleServer server("upload", {"--directory=" + directory_.path().string(),
                                  "--drain_timeout=100ms"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(
      "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nbegun"));
  EXPECT_TRUE(Eventually([&] { return CountFiles() == 1; }));
  EXPECT_EQ(server.Stop().exit_code, 3);
  EXPECT_EQ(CountFiles(), 0);
}

// --- What it refuses. --------------------------------------------------------

TEST_F(UploadTest, RefusesNamesThatLeadElsewhere) {
  for (const char* name : {"%2e%2e%2fx", ".x", "%2Ex", "a%2Fb", "%2Fetc%2Fx"}) {
    ExpectRefused("403", name);
  }
}

// Which could end a line of the log, or change how a terminal shows it.
TEST_F(UploadTest, RefusesNamesWithControlBytes) {
  for (const char* name : {"a%00b", "a%0Ab", "%0D", "%1B%5B2J", "a%7F"}) {
    ExpectRefused("400", name);
  }
}

TEST_F(UploadTest, RefusesNamesThatNoFileCanHave) {
  const std::string longest(255, 'x');
  EXPECT_THAT(Curl({"-i", "-XPUT", server_.url() + longest}).output,
              StartsWith("HTTP/1.1 201 "));
  std::filesystem::remove(directory_ / longest);
  ExpectRefused("414", longest + "x");
}

// RFC 9110 §14.5: it would be taken for the whole.
TEST_F(UploadTest, RefusesRanges) {
  ExpectRefused("400", "x", {"-H", "Content-Range: bytes 0-0/9"});
}

TEST_F(UploadTest, RefusesOtherMethodsAndPaths) {
  EXPECT_THAT(Curl({"-i", server_.url() + "x"}).output,
              testing::AllOf(StartsWith("HTTP/1.1 405 "),
                             HasSubstr("\r\nAllow: PUT\r\n")));
  EXPECT_THAT(Curl({"-i", "-T-", server_.url() + "a/b"}, "x").output,
              StartsWith("HTTP/1.1 404 "));
}

TEST(UploadLimitTest, RefusesWhatIsTooLarge) {
  const TempDirectory directory;
  const ExampleServer server(
      "upload",
      {"--directory=" + directory.path().string(), "--max_upload_bytes=3"});
  EXPECT_EQ(Curl({"-T-", server.url() + "abc"}, "abc").output, kAbc);
  EXPECT_THAT(Curl({"-i", "-d1234", "-XPUT", server.url() + "x"}).output,
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      Curl({"-i", "-T-", "-HExpect:", server.url() + "x"}, "1234").output,
      StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(Contents(directory / "x"), "");
}

// Each has a place in the pool's queue from its beginning to its end.
TEST(UploadLimitTest, RefusesOneMoreThanTheQueueHolds) {
  const TempDirectory directory;
  const ExampleServer server(
      "upload",
      {"--directory=" + directory.path().string(), "--worker_queue_limit=1"});
  ClientSocket client(server.port());
  const std::string put =
      "PUT /abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  ASSERT_TRUE(client.Send(put));
  EXPECT_EQ(client.ReadLine(), "HTTP/1.1 100 Continue\r");
  ClientSocket other(server.port());
  ASSERT_TRUE(other.Send(put));
  EXPECT_THAT(other.ReadToEnd(), StartsWith("HTTP/1.1 503 "));
  ASSERT_TRUE(client.Send("abc"));
  EXPECT_THAT(client.ReadToEnd(), EndsWith(kAbc));
  EXPECT_TRUE(Eventually([&] {
    return Curl({"-T-", server.url() + "abc"}, "abc").output == kAbc;
  }));
}

// Whoever has been let in is served, however long the others take.
TEST(UploadLimitTest, EndsNoneInTheMiddle) {
  const TempDirectory directory;
  std::ofstream(directory / "in") << std::string(3'000'000, 'x');
  const ExampleServer server("upload",
                             {"--directory=" + directory.path().string(),
                              "--worker_threads=1", "--worker_queue_limit=2"});
  Flags flags = {"--parallel",
                 "--parallel-max",
                 "16",
                 "--expect100-timeout",
                 "50",
                 "-w",
                 "%{http_code} %{size_upload}\n"};
  for (int i = 0; i < 16; ++i) {
    flags.insert(flags.end(), {"-T", directory / "in", "-o", "/dev/null",
                               server.url() + std::to_string(i)});
  }
  EXPECT_THAT(Curl(flags).output,
              testing::MatchesRegex("((201 3000000|503 0)\n){16}"));
}

TEST(UploadFailureTest, SaysThatItCannotWrite) {
  ExampleServer server("upload", {"--directory=/nowhere"});
  EXPECT_THAT(Curl({"-i", "-HExpect:", "-T-", server.url() + "x"}, "x").output,
              StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(server.Stop().errors, HasSubstr("cannot write x in /nowhere"));
}

// --- Any size. ---------------------------------------------------------------

TEST_F(UploadTest, AGibibyteTakesNoMoreMemoryThanAByte) {
  [[maybe_unused]] constexpr size_t kAllowedBytes = 16 << 20;
  constexpr int kParts = 16;
  constexpr char kGibibyte[] =
      "exec 3>&1; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do "
      "head -c 67108864 /dev/zero; echo sent >&3; done | "
      "curl -q -sS --noproxy '*' -T - \"$0\"";
  Curl({"-T-", server_.url() + "x"}, "x");
  const size_t before = PeakResidentBytes(server_.process().pid());
  ASSERT_GT(before, 0u);
  Process client({.argv = {"sh", "-c", kGibibyte, server_.url() + "x"}});
  for (int i = 0; i < kParts; ++i) ASSERT_EQ(client.ReadLine(), "sent");
  EXPECT_THAT(client.Wait().output,
              EndsWith("49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4d"
                       "c19fe68a14  x\n"));
#ifndef ABSL_HAVE_ADDRESS_SANITIZER  // which holds back what has been freed
  EXPECT_LT(PeakResidentBytes(server_.process().pid()), before + kAllowedBytes);
#endif
}

}  // namespace
}  // namespace rondo
