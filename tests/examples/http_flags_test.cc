// What the HTTP servers' flags do to their clients: each limit is moved, and it
// alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

std::string Request(const std::string& line, const std::string& rest = "") {
  return line + " HTTP/1.1\r\nHost: a\r\n" + rest + "\r\n";
}

std::string Post(const std::string& target, int bytes) {
  return Request("POST " + target,
                 "Content-Length: " + std::to_string(bytes) + "\r\n") +
         std::string(bytes, 'x');
}

// All that a client gets that sends no more than this.
std::string Answers(const ExampleServer& server, std::string_view bytes) {
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(bytes));
  client.ShutdownWrite();
  return client.ReadToEnd();
}

// --- Sizes. ------------------------------------------------------------------

std::string Padding(int bytes) { return std::string(bytes, 'x'); }

// Requests of which what a limit counts has so many bytes, or fields.

std::string WithLine(int bytes) {
  const std::string begin = "GET /";
  const std::string end = " HTTP/1.1\r\n";
  const int rest = static_cast<int>(begin.size() + end.size());
  return begin + Padding(bytes - rest) + end + "Host: a\r\n\r\n";
}

std::string WithHeader(int bytes) {
  const std::string begin = "Host: a\r\nX:";
  const std::string end = "\r\n\r\n";
  const int rest = static_cast<int>(begin.size() + end.size());
  return "GET / HTTP/1.1\r\n" + begin + Padding(bytes - rest) + end;
}

std::string WithFields(int count) {
  std::string fields;
  for (int i = 1; i < count; ++i) fields += "A:\r\n";
  return Request("GET /", fields);
}

std::string WithBody(int bytes) { return Post("/", bytes); }

std::string Chunked(const std::string& chunks) {
  return Request("POST /", "Transfer-Encoding: chunked\r\n") + chunks;
}

std::string WithExtensions(int bytes) {
  return Chunked("1;" + Padding(bytes - 1) + "\r\nx\r\n0\r\n\r\n");
}

std::string WithTrailer(int bytes) {
  const std::string begin = "X:";
  const std::string end = "\r\n\r\n";
  const int rest = static_cast<int>(begin.size() + end.size());
  return Chunked("0\r\n" + begin + Padding(bytes - rest) + end);
}

struct SizeLimit {
  std::string name;  // of the test
  std::string flag;
  std::string (*request)(int size);
  std::string status;
  std::string reason;
};

void PrintTo(const SizeLimit& limit, std::ostream* out) { *out << limit.flag; }

class HttpSizeFlagTest : public testing::TestWithParam<SizeLimit> {};

TEST_P(HttpSizeFlagTest, LetsJustAsMuchPass) {
  constexpr int kLimit = 64;
  const auto& [name, flag, request, status, reason] = GetParam();
  const ExampleServer server("conformance_server",
                             {absl::StrCat("--", flag, "=", kLimit)});
  EXPECT_THAT(Answers(server, request(kLimit)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(
      Answers(server, request(kLimit + 1)),
      AllOf(StartsWith("HTTP/1.1 " + status + " "), EndsWith(reason + "\n")));
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpSizeFlagTest,
    testing::Values(SizeLimit{"RequestLine", "max_request_line_bytes", WithLine,
                              "414", "the request line is too long"},
                    SizeLimit{"Header", "max_header_bytes", WithHeader, "431",
                              "the header fields are too long"},
                    SizeLimit{"Fields", "max_fields", WithFields, "431",
                              "there are too many header fields"},
                    SizeLimit{"Body", "max_body_bytes", WithBody, "413",
                              "the body is too large"},
                    SizeLimit{"ChunkExtensions", "max_chunk_extension_bytes",
                              WithExtensions, "400",
                              "chunk extensions are too long"},
                    SizeLimit{"Trailer", "max_trailer_bytes", WithTrailer,
                              "431", "the trailer is too long"}),
    [](const auto& info) { return info.param.name; });

TEST(MaxDroppedBodyBytesFlagTest, EndsTheConnectionBehindMore) {
  const ExampleServer server("http_coro", {"--max_dropped_body_bytes=64"});
  const std::string close = "\r\nConnection: close\r\n";
  EXPECT_THAT(Answers(server, Post("/none", 64)),
              AllOf(StartsWith("HTTP/1.1 404 "), Not(HasSubstr(close))));
  EXPECT_THAT(Answers(server, Post("/none", 65)),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr(close)));
}

// --- Pipelines. --------------------------------------------------------------

// How often the log has `target` for a client that sends a request that is
// answered at once and, with it, these, and goes when that answer comes: of
// those that were begun, and only of them, there is a line.
int CountBegun(const std::string& flag, const std::string& requests,
               const std::string& target) {
  const TempDirectory directory;
  const std::string log = directory / "log";
  ExampleServer server("http_coro", {flag, "--access_log=" + log});
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(Request("GET /first") + requests));
  EXPECT_THAT(client.ReadLine(), StartsWith("HTTP/1.1 404 "));
  client.Reset();
  EXPECT_EQ(server.Stop().exit_code, 0);
  const std::string lines = Contents(log);
  int count = 0;
  for (size_t at = 0; (at = lines.find(target, at)) != lines.npos; ++at) {
    ++count;
  }
  return count;
}

std::string SixTimes(const std::string& request) {
  std::string all;
  for (int i = 0; i < 6; ++i) all += request;
  return all;
}

TEST(MaxPipelinedRequestsFlagTest, BeginsNoMore) {
  EXPECT_EQ(CountBegun("--max_pipelined_requests=3",
                       SixTimes(Request("GET /sleep")), "/sleep"),
            3);
}

// One answer is more than a byte.
TEST(MaxWaitingAnswerBytesFlagTest, BeginsNoneBehindMore) {
  EXPECT_EQ(CountBegun("--max_waiting_answer_bytes=1",
                       Request("GET /sleep") + SixTimes(Request("GET /none")),
                       "/none"),
            1);
}

// --- Times. ------------------------------------------------------------------

struct TimeLimit {
  std::string name;  // of the test
  std::string flag;
  std::string bytes;  // after which the client says nothing
  std::string status;
};

void PrintTo(const TimeLimit& limit, std::ostream* out) { *out << limit.flag; }

class HttpTimeFlagTest : public testing::TestWithParam<TimeLimit> {};

// The same loop answers somebody else a second later, and so must have had the
// time for this by then.
TEST_P(HttpTimeFlagTest, EndsWhoTakesLonger) {
  const auto& [name, flag, bytes, status] = GetParam();
  const ExampleServer server(
      "http_coro", {"--threads=0", "--header_timeout=inf", "--body_timeout=inf",
                    "--keep_alive_timeout=inf", "--" + flag + "=100ms"});
  ClientSocket slow(server.port());
  ASSERT_TRUE(slow.Send(bytes));
  EXPECT_THAT(Answers(server, Request("GET /sleep")), EndsWith("slept\n"));
  EXPECT_THAT(slow.ReadAvailable(), StartsWith("HTTP/1.1 " + status + " "));
  EXPECT_TRUE(slow.AtEnd());
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpTimeFlagTest,
    testing::Values(
        TimeLimit{"Header", "header_timeout", "GET / HTTP/1.1\r\nHo", "408"},
        TimeLimit{"Body", "body_timeout",
                  Request("GET /sleep", "Content-Length: 9\r\n") + "body",
                  "408"},
        TimeLimit{"KeepAlive", "keep_alive_timeout", Request("GET /none"),
                  "404"}),
    [](const auto& info) { return info.param.name; });

// By the default each of these pieces would be worth a second.
TEST(MinBodyBytesPerSecondFlagTest, EndsWhoIsSlower) {
  constexpr int kPieces = 1'000;
  constexpr int kPieceBytes = 1'024;
  const ExampleServer server(
      "conformance_server",
      {"--body_timeout=200ms", "--min_body_bytes_per_second=1000000000"});
  ClientSocket client(server.port());
  client.Send(Request("POST /", absl::StrCat("Content-Length: ",
                                             kPieces * kPieceBytes, "\r\n")));
  std::string answer;
  for (int i = 0; i < kPieces && answer.empty(); ++i) {
    client.Send(Padding(kPieceBytes));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // its pace
    answer = client.ReadAvailable();
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
}

// --- The access log. ---------------------------------------------------------

TEST(AccessLogFlagTest, HasALineForEachRequest) {
  const TempDirectory directory;
  const std::string log = directory / "log";
  ExampleServer server("hello", {"--access_log=" + log});
  Answers(server, Request("GET /a"));
  server.Stop();
  EXPECT_THAT(Contents(log),
              MatchesRegex("127\\.0\\.0\\.1 - - \\[[^]]+\\] "
                           "\"GET /a HTTP/1\\.1\" 200 12 \"-\" \"-\"\n"));
}

TEST(AccessLogFlagTest, IsJsonIfToldAndOpenedAnewBySighup) {
  const TempDirectory directory;
  const std::string log = directory / "log";
  ExampleServer server("hello",
                       {"--access_log=" + log, "--access_log_format=json"});
  Answers(server, Request("GET /before"));
  std::filesystem::rename(log, directory / "old");
  server.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(log); }));
  Answers(server, Request("GET /after"));
  server.Stop();
  const std::string begin = "\\{\"time\":[^\n]*\"target\":\"/";
  EXPECT_THAT(Contents(directory / "old"),
              MatchesRegex(begin + "before\"[^\n]*\\}\n"));
  EXPECT_THAT(Contents(log), MatchesRegex(begin + "after\"[^\n]*\\}\n"));
}

// --- --help. -----------------------------------------------------------------

TEST(HttpFlagsHelpTest, GroupsAndExplainsThem) {
  const Ended help = RunExample("hello", {"--help"});
  EXPECT_THAT(help.output, HasSubstr("\nhttp flags:\n"));
  for (const std::string explained :
       {"--access_log  (string, default \"\")\n      a file",
        "--access_log_format  (string, default \"combined\")\n      combined",
        "--body_timeout  (string, default \"30s\")\n      for a body",
        "--header_timeout  (string, default \"30s\")\n      from a header",
        "--keep_alive_timeout  (string, default \"1m\")\n      between",
        "--max_body_bytes  (uint64, default 1048576)\n      of its body",
        "--max_chunk_extension_bytes  (uint64, default 4096)\n      of all",
        "--max_dropped_body_bytes  (uint64, default 65536)\n      of a body",
        "--max_fields  (uint64, default 100)\n      of its header",
        "--max_header_bytes  (uint64, default 32768)\n      of its header",
        "--max_pipelined_requests  (uint64, default 16)\n      of one",
        "--max_request_line_bytes  (uint64, default 8192)\n      of a",
        "--max_trailer_bytes  (uint64, default 8192)\n      behind a",
        "--max_waiting_answer_bytes  (uint64, default 1048576)\n      of them",
        "--min_body_bytes_per_second  (uint64, default 1024)\n      see"}) {
    EXPECT_THAT(help.output, HasSubstr("\n  " + explained));
  }
}

}  // namespace
}  // namespace rondo
