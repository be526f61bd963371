// Requests that are refused by who reads them: what is wrong is said as JSON to
// clients that have asked for it by then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAccept[] = "Accept: application/json\r\n";
constexpr char kChunked[] = "Transfer-Encoding: chunked\r\n";

// A clock that the test moves. It is a base, so that it is there before the
// loop.
struct HasClock {
  FakeClock clock_;
};

class HttpRefusalsJsonTest : private HasClock, public HttpServerFixture {
 protected:
  HttpRefusalsJsonTest()
      : HttpServerFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {
    options_.limits = {.max_request_line_bytes = 100,
                       .max_header_bytes = 300,
                       .max_fields = 5,
                       .max_body_bytes = 100,
                       .max_trailer_bytes = 50};
    tcp_options_.limits.first_byte_timeout = absl::InfiniteDuration();
    tcp_options_.limits.idle_timeout = absl::InfiniteDuration();
    OnStream("/stream", [](const HttpRequest&, ResponseWriter& writer) {
      writer.ReadBody({.on_end = [](ResponseWriter& w, const HttpTrailers&) {
        w.Send("all of it");
      }});
    }).Start();
  }
  ~HttpRefusalsJsonTest() override { Stop(); }

  static void ExpectJson(const std::string& answer, const std::string& status) {
    EXPECT_THAT(answer,
                AllOf(StartsWith("HTTP/1.1 " + status + "\r\n"),
                      HasSubstr("\r\nContent-Type: application/json\r\n"),
                      HasSubstr("\r\n\r\n{\"status\":" + status.substr(0, 3) +
                                ",\"title\":\"" + status.substr(4) +
                                "\",\"detail\":\""),
                      EndsWith("\"}\n")));
  }
  static void ExpectText(const std::string& answer, const std::string& status) {
    EXPECT_THAT(answer,
                AllOf(StartsWith("HTTP/1.1 " + status + "\r\n"),
                      HasSubstr("\r\nContent-Type: text/plain; charset=utf-8"),
                      HasSubstr("\r\n\r\n" + status + ": ")));
  }

  // The answers to `request`, whole and in two pieces.
  std::vector<std::string> AnswersTo(std::string_view request) {
    std::vector<std::string> answers;
    for (const size_t last_bytes : {0, 3}) {
      const size_t cut = request.size() - last_bytes;
      LoopbackClient client = Connect();
      client.Send(request.substr(0, cut));
      if (last_bytes > 0) AwaitRead(client);
      client.Send(request.substr(cut));
      answers.push_back(Receive(client));
    }
    return answers;
  }
  // The answer to what does not come to its end in time.
  std::string AnswerInTimeTo(std::string_view bytes) {
    LoopbackClient client = Connect();
    client.Send(bytes);
    AwaitRead(client);
    EXPECT_TRUE(HasNothing(client));
    clock_.Advance(absl::Minutes(1));
    AwaitTurns();
    return Receive(client);
  }
};

// A head of which more lines come.
std::string Begin(const std::string& line) {
  return line + " HTTP/1.1\r\nHost: h\r\n";
}

struct Case {
  std::string request;
  std::string status;
};

// --- Heads. ------------------------------------------------------------------

TEST_F(HttpRefusalsJsonTest, AHeadBehindAcceptIsRefusedInJson) {
  const std::string begin = Begin("GET /") + kAccept;
  const Case kCases[] = {
      {begin + "no colon\r\n\r\n", "400 Bad Request"},
      {begin + " folded\r\n\r\n", "400 Bad Request"},
      {begin + "A: b\n\r\n", "400 Bad Request"},
      {begin + "Host: i\r\n\r\n", "400 Bad Request"},
      {std::string("GET / HTTP/1.1\r\n") + kAccept + "\r\n", "400 Bad Request"},
      {begin + "Content-Length: x\r\n\r\n", "400 Bad Request"},
      {begin + "Content-Length: 1\r\n" + kChunked + "\r\n", "400 Bad Request"},
      {begin + "Content-Length: 101\r\n\r\n", "413 Content Too Large"},
      {begin + "Expect: x\r\n\r\n", "417 Expectation Failed"},
      {begin + "X: " + std::string(300, 'x') + "\r\n\r\n",
       "431 Request Header Fields Too Large"},
      {begin + "X: " + std::string(1'000, 'x'),
       "431 Request Header Fields Too Large"},
      {begin + "A:\r\nB:\r\nC:\r\nD:\r\n\r\n",
       "431 Request Header Fields Too Large"},
      {begin + "Transfer-Encoding: gzip, chunked\r\n\r\n",
       "501 Not Implemented"},
      {Begin("CONNECT h:1") + kAccept + "\r\n", "501 Not Implemented"}};
  for (const auto& [request, status] : kCases) {
    SCOPED_TRACE(request);
    for (const auto& answer : AnswersTo(request)) ExpectJson(answer, status);
  }
}

// What only shows when all of it has come.
TEST_F(HttpRefusalsJsonTest, AHeadThatIsCompleteIsRefusedInJson) {
  const std::string begin = Begin("POST /echo");
  const Case kCases[] = {
      {begin + "Content-Length: 101\r\n" + kAccept + "\r\n",
       "413 Content Too Large"},
      {begin + "Content-Length: 1\r\n" + kChunked + kAccept + "\r\n",
       "400 Bad Request"},
      {begin + "Transfer-Encoding: gzip\r\n" + kAccept + "\r\n",
       "400 Bad Request"},
      {begin + "Transfer-Encoding: gzip, chunked\r\n" + kAccept + "\r\n",
       "501 Not Implemented"}};
  for (const auto& [request, status] : kCases) {
    SCOPED_TRACE(request);
    for (const auto& answer : AnswersTo(request)) ExpectJson(answer, status);
  }
}

// Nothing is read behind what is wrong, and so no Accept.
TEST_F(HttpRefusalsJsonTest, AHeadBeforeAcceptIsRefusedInText) {
  const std::string begin = Begin("GET /");
  const std::string end = std::string(kAccept) + "\r\n";
  const Case kCases[] = {
      {"GET /\r\n" + end, "400 Bad Request"},
      {begin + "no colon\r\n" + end, "400 Bad Request"},
      {begin + "Host: i\r\n" + end, "400 Bad Request"},
      {begin + "Content-Length: x\r\n" + end, "400 Bad Request"},
      {"GET /" + std::string(100, 'x') + " HTTP/1.1\r\n" + end,
       "414 URI Too Long"},
      {begin + "X: " + std::string(300, 'x') + "\r\n" + end,
       "431 Request Header Fields Too Large"},
      {"GET / HTTP/2.0\r\n" + end, "505 HTTP Version Not Supported"}};
  for (const auto& [request, status] : kCases) {
    SCOPED_TRACE(request);
    for (const auto& answer : AnswersTo(request)) ExpectText(answer, status);
  }
}

// What one client has asked for is nothing to the next.
TEST_F(HttpRefusalsJsonTest, AnotherRequestHasAnotherAccept) {
  LoopbackClient client = Connect();
  client.Send(Request("GET /none", kAccept) + "GET / HTTP/1.1\r\nbad\r\n\r\n");
  ExpectJson(Receive(client), "404 Not Found");
  ExpectText(Receive(client), "400 Bad Request");
}

// --- Bodies. -----------------------------------------------------------------

TEST_F(HttpRefusalsJsonTest, ABodyIsRefusedInJson) {
  const Case kCases[] = {{"65\r\n" + std::string(101, 'x') + "\r\n0\r\n\r\n",
                          "413 Content Too Large"},
                         {"4\r\nbodyx\r\n", "400 Bad Request"},
                         {"x\r\n\r\n", "400 Bad Request"},
                         {"0\r\nX: " + std::string(50, 'x') + "\r\n\r\n",
                          "431 Request Header Fields Too Large"}};
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    for (const auto& [body, status] : kCases) {
      SCOPED_TRACE(line + " " + body);
      const std::string head = Request(line, std::string(kChunked) + kAccept);
      for (const auto& answer : AnswersTo(head + body)) {
        ExpectJson(answer, status);
      }
    }
  }
}

TEST_F(HttpRefusalsJsonTest, AStreamedBodyThatEndsTooEarlyIsRefusedInJson) {
  LoopbackClient client = Connect();
  client.Send(
      Request("POST /stream", std::string("Content-Length: 4\r\n") + kAccept) +
      "b");
  client.ShutdownWrite();
  ExpectJson(Receive(client), "400 Bad Request");
}

// --- What comes too late. ----------------------------------------------------

TEST_F(HttpRefusalsJsonTest, ABodyThatComesTooLateIsRefusedInJson) {
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    for (const std::string& fields :
         {std::string("Content-Length: 4\r\n") + kAccept,
          std::string(kAccept) + kChunked}) {
      SCOPED_TRACE(line + "\n" + fields);
      const std::string head = Request(line, fields);
      ExpectJson(AnswerInTimeTo(head), "408 Request Timeout");
      ExpectJson(AnswerInTimeTo(head + "1"), "408 Request Timeout");
    }
  }
}

// Its lines have not been looked at: a connection keeps nothing of a head that
// has not come whole.
TEST_F(HttpRefusalsJsonTest, AHeadThatComesTooLateIsRefusedInText) {
  const std::string head = Request("GET /", kAccept);
  ExpectText(AnswerInTimeTo(head.substr(0, head.size() - 2)),
             "408 Request Timeout");
}

}  // namespace
}  // namespace rondo
