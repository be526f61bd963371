// The tables of what is read and what is refused, sent to a server: it answers
// each as it should, closes what it has refused, and is none the worse for it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "net/http/percent_decoding.h"
#include "tests/net/http/chunked_cases.h"
#include "tests/net/http/peers/answer_reader.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/net/http/request_parser_cases.h"
#include "tests/testing/loopback_client.h"

namespace rondo {
namespace {

constexpr std::string_view kGood =
    "GET /echo/first HTTP/1.1\r\nHost: rondo\r\n\r\n";
constexpr std::string_view kLast =
    "GET /echo/last HTTP/1.1\r\nHost: rondo\r\n\r\n";

struct Expected {
  int status = 200;
  std::string method = "GET";
  bool keep_alive = true;
  std::string body = {};  // empty: whatever it is
};

class RefusalsTest : public ::testing::Test {
 protected:
  // Sends it, alone and behind a good request, and sees how it is answered.
  void Send(const std::string& bytes, const Expected& expected) {
    SendBehind("", bytes, expected);
    SendBehind(kGood, bytes, expected);
  }

  WitnessServer server_;

 private:
  void SendBehind(std::string_view good, const std::string& bytes,
                  const Expected& expected) {
    LoopbackClient client(server_.address());
    AnswerReader reader(&client);
    ASSERT_TRUE(client.Send(std::string(good) + bytes));
    if (!good.empty()) {
      EXPECT_EQ(reader.Read().Find("X-Token"), "first");
    }
    const ReceivedAnswer answer = reader.Read(expected.method);
    EXPECT_EQ(answer.status, expected.status);
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.closes(), !expected.keep_alive);
    if (!expected.body.empty()) {
      EXPECT_EQ(answer.body, expected.body);
    }
    if (expected.keep_alive) {
      client.Send(kLast);
      EXPECT_EQ(reader.Read().Find("X-Token"), "last");
      client.ShutdownWrite();
    }
    EXPECT_TRUE(reader.AtEnd());
  }
};

std::string BodyOf(const ExpectedHead& head) {
  if (head.framing == BodyFraming::kChunked) return "0\r\n\r\n";
  return std::string(head.content_length, 'x');
}

int StatusOf(const ExpectedHead& head) {
  if (head.form == RequestTarget::Form::kAuthority) return 501;
  if (head.path == "*") return 204;
  return PercentDecode(head.path).has_value() ? 200 : 404;
}

TEST_F(RefusalsTest, EachHeadIsAnsweredAsTheTableSays) {
  for (const RequestCase& c : RequestCases()) {
    SCOPED_TRACE(c.name);
    if (c.refused != HttpStatus::kOk) {
      const bool is_head = c.input.starts_with("HEAD ");
      Send(c.input, {.status = static_cast<int>(c.refused),
                     .method = is_head ? "HEAD" : "GET",
                     .keep_alive = false});
    } else if (c.head.content_length > HttpLimits().max_body_bytes) {
      Send(c.input, {.status = 413,
                     .method = std::string(c.head.method),
                     .keep_alive = false});
    } else {
      Send(c.input + BodyOf(c.head), {.status = StatusOf(c.head),
                                      .method = std::string(c.head.method),
                                      .keep_alive = c.head.keep_alive});
    }
    if (HasFailure()) return;
  }
}

TEST_F(RefusalsTest, EachChunkedBodyIsAnsweredAsTheTableSays) {
  constexpr std::string_view kHead =
      "POST /any HTTP/1.1\r\nHost: rondo\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const ChunkedCase& c : ChunkedCases()) {
    SCOPED_TRACE(c.name);
    const std::string bytes = std::string(kHead).append(c.input);
    const bool good = c.expected.refused == HttpStatus::kOk;
    const std::string& body = c.expected.data;
    Send(bytes, {.status = static_cast<int>(c.expected.refused),
                 .keep_alive = good,
                 .body = !good          ? ""
                         : body.empty() ? "OK"
                                        : body});
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace rondo
