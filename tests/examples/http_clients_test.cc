// Real HTTP clients against examples/conformance_server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/examples/curl.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Ne;
using ::testing::Not;
using ::testing::StartsWith;

bool IsInstalled(const std::string& program) {
  return RunCommand({"sh", "-c", "command -v \"$0\"", program}).exit_code == 0;
}

class HttpClientsTest : public testing::Test {
 protected:
  // By a script that exits with 0 if all was as it should be.
  void RunScript(const char* program, const std::string& script) {
    const Ended ended =
        RunCommand({program, "tests/examples/" + script, server_.port_text()});
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  }

  const ExampleServer server_{"conformance_server"};
  const std::string url_ = server_.url();
};

// --- curl. -------------------------------------------------------------------

TEST_F(HttpClientsTest, CurlByHttp10) {
  const Ended curl = Curl({"-v", "-0", "-i", url_, url_});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_THAT(curl.output, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                 HasSubstr("\r\nConnection: close\r\n")));
  EXPECT_THAT(curl.errors, Not(ContainsRegex("[Rr]e-?using existing")));
}

TEST_F(HttpClientsTest, CurlUsesOneConnectionForEverything) {
  const Ended curl = Curl({"-v", url_, "-d", "a", url_, "--next", "-sS", "-T-",
                           url_, "--next", "-sS", "-I", url_, url_},
                          "chunks");
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_THAT(curl.output, AllOf(StartsWith("aachunksHTTP/1.1 200 OK\r\n"),
                                 HasSubstr("\r\nContent-Length: 2\r\n")));
}

TEST_F(HttpClientsTest, CurlIsToldToContinue) {
  const std::string body(200'000, 'x');
  const Ended curl = Curl(
      {"-v", "-H", "Expect: 100-continue", "--data-binary", "@-", url_}, body);
  EXPECT_EQ(curl.output, body);
  EXPECT_THAT(curl.errors, HasSubstr("HTTP/1.1 100 Continue"));
}

TEST_F(HttpClientsTest, CurlIsRefusedBeforeItSendsTooMuch) {
  const std::string body(2'000'000, 'x');
  const Ended curl = Curl({"-v", "-o", "/dev/null", "-w",
                           "%{http_code} "
                           "%{size_upload}",
                           "--expect100-timeout", "50", "-H",
                           "Expect: 100-continue", "--data-binary", "@-", url_},
                          body);
  EXPECT_EQ(curl.output, "413 0") << curl.errors;
  EXPECT_THAT(curl.errors, Not(HasSubstr("100 Continue")));
}

// Each body is another, so that an answer to somebody else shows.
TEST(HttpClientsParallelTest, CurlSendsChunksBothWays) {
  const ExampleServer server("http_coro");
  const TempDirectory directory;
  Flags flags = {"-v", "--parallel", "--parallel-max",
                 "8",  "-H",         "Transfer-Encoding: chunked"};
  const auto body = [](char letter, int i) {
    return std::string(i * 1'000, letter) + std::to_string(i);
  };
  for (int i = 0; i < 50; ++i) {
    const std::string file = directory / std::to_string(i);
    std::ofstream(file) << body('x', i);
    flags.insert(flags.end(),
                 {"-T", file, "-o", file + ".answer", server.url() + "upper"});
  }
  const Ended curl = Curl(flags);
  EXPECT_EQ(curl.exit_code, 0);
  EXPECT_THAT(curl.errors, AllOf(HasSubstr("> Transfer-Encoding: chunked"),
                                 HasSubstr("< Transfer-Encoding: chunked"),
                                 Not(HasSubstr("ontent-Length"))));
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(Contents(directory / (std::to_string(i) + ".answer")) ==
                body('X', i))
        << i;
  }
}

// It is told so in HTTP/1.1, does not understand, and does not wait.
TEST_F(HttpClientsTest, CurlGivesUpHttp2) {
  constexpr int kTimedOut = 28;
  const Ended curl =
      Curl({"--http2-prior-knowledge", "--max-time", "30", url_});
  EXPECT_THAT(curl.exit_code, AllOf(Ne(0), Ne(kTimedOut))) << curl.errors;
  EXPECT_EQ(curl.output, "");
  EXPECT_EQ(Curl({url_}).output, "OK");
}

// --- Load. -------------------------------------------------------------------

TEST_F(HttpClientsTest, Ab) {
  for (const char* flag : {"-q", "-k"}) {
    const Ended ab = RunCommand({"ab", "-q", flag, "-n500", "-c10", url_});
    EXPECT_EQ(ab.exit_code, 0) << ab.errors;
    EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                                 ContainsRegex("Failed requests: +0\n"),
                                 Not(HasSubstr("Non-2xx"))))
        << flag;
  }
}

TEST_F(HttpClientsTest, WrkWithoutAndWithPipelining) {
  for (const std::vector<std::string>& script :
       {std::vector<std::string>{}, {"-s", "tests/examples/pipeline.lua"}}) {
    std::vector<std::string> wrk = {"wrk", "-t1", "-c16", "-d1s",
                                    "--timeout=30s"};
    wrk.insert(wrk.end(), script.begin(), script.end());
    wrk.push_back(url_);
    const Ended ended = RunCommand(wrk);
    EXPECT_EQ(ended.exit_code, 0) << ended.errors;
    EXPECT_THAT(ended.output, AllOf(ContainsRegex("[1-9][0-9]* requests in"),
                                    Not(HasSubstr("Socket errors")),
                                    Not(HasSubstr("Non-2xx"))));
  }
}

TEST_F(HttpClientsTest, H2loadByHttp11) {
  const Ended ended =
      RunCommand({"h2load", "--h1", "-n1000", "-c10", "-m8", url_});
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  EXPECT_THAT(ended.output,
              AllOf(HasSubstr("1000 succeeded, 0 failed, 0 errored, 0 timeout"),
                    HasSubstr("status codes: 1000 2xx")));
}

// --- Strict and usual ones. --------------------------------------------------

// Debian's Python, which has python3-h11.
TEST_F(HttpClientsTest, H11) { RunScript("/usr/bin/python3", "h11_client.py"); }

// Too large to be installed for one test: tools/setup does not.
TEST_F(HttpClientsTest, Node) {
  if (!IsInstalled("node")) GTEST_SKIP() << "the package nodejs is missing";
  RunScript("node", "node_client.js");
}

}  // namespace
}  // namespace rondo
