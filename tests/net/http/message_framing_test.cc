// Most of what it decides is in framing_cases.cc, host_cases.cc and
// connection_cases.cc; here is what a request that is written out cannot show.
#include "net/http/message_framing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_error.h"
#include "net/http/request_head.h"

namespace rondo {
namespace {

using FieldList = std::vector<HttpField>;

// What is decided, as one text: "none keep-alive", "length=5 close", "chunked
// keep-alive expects"; or "status reason", and where it is said: "add" or
// "finish".
std::string Decide(const FieldList& fields, int minor_version = 1) {
  MessageFraming framing;
  HttpError error;
  const auto refused = [&error](std::string_view where) {
    return std::to_string(static_cast<int>(error.status)) + " " +
           std::string(where) + ": " + error.reason;
  };
  for (const HttpField& field : fields) {
    if (!framing.Add(field, error)) return refused("add");
  }
  RequestHead head;
  head.minor_version = minor_version;
  if (!framing.Finish(head, error)) return refused("finish");
  std::string text = "none";
  if (head.framing == BodyFraming::kChunked) text = "chunked";
  if (head.framing == BodyFraming::kLength) {
    text = "length=" + std::to_string(head.content_length);
  }
  text += head.keep_alive ? " keep-alive" : " close";
  if (head.expects_continue) text += " expects";
  return text;
}

struct Case {
  FieldList fields;
  std::string expected;
  int minor_version = 1;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    std::string lines;
    for (const HttpField& field : c.fields) {
      lines += std::string(field.name) + ": " + std::string(field.value) + "\n";
    }
    EXPECT_EQ(Decide(c.fields, c.minor_version), c.expected) << lines;
  }
}

constexpr HttpField kHost = {"Host", "a"};
constexpr HttpField kFive = {"Content-Length", "5"};
constexpr HttpField kChunked = {"Transfer-Encoding", "chunked"};
constexpr HttpField kExpect = {"Expect", "100-continue"};

TEST(MessageFramingTest, Rfc9112_6_3_DoesNotDependOnTheOrder) {
  const std::string both =
      "400 finish: Content-Length and Transfer-Encoding both came";
  ExpectAll({
      {{kHost, kFive}, "length=5 keep-alive"},
      {{kFive, kHost}, "length=5 keep-alive"},
      {{kHost, kFive, kChunked}, both},
      {{kChunked, kFive, kHost}, both},
      {{kHost, kChunked, kExpect}, "chunked keep-alive expects"},
      {{kExpect, kChunked, kHost}, "chunked keep-alive expects"},
      {{kHost, kExpect, {"Content-Length", "0"}}, "none keep-alive"},
      {{{"Content-Length", "0"}, kExpect, kHost}, "none keep-alive"},
  });
}

TEST(MessageFramingTest, RefusesAtOnceWhatNothingCanMend) {
  ExpectAll({
      {{{"Host", "a b"}}, "400 add: Host is no host with or without a port"},
      {{kHost, kHost}, "400 add: Host comes twice"},
      {{{"Content-Length", ""}},
       "400 add: Content-Length is no number of bytes"},
      {{kFive, {"content-length", "6"}},
       "400 add: two values of Content-Length differ"},
      {{{"Transfer-Encoding", "chunked;"}},
       "400 add: a transfer coding is malformed"},
      {{kChunked, {"Transfer-Encoding", "gzip"}},
       "400 add: chunked is not the last transfer coding"},
      {{kChunked, kChunked},
       "400 add: chunked is not the last transfer coding"},
  });
}

TEST(MessageFramingTest, DecidesTheRestWhenAllAreThere) {
  ExpectAll({
      {{}, "400 finish: Host is missing"},
      {{{"Transfer-Encoding", "gzip"}, kHost},
       "400 finish: the last transfer coding is not chunked"},
      {{{"Transfer-Encoding", ""}, kHost},
       "400 finish: the last transfer coding is not chunked"},
      {{{"Transfer-Encoding", "gzip, chunked"}, kHost},
       "501 finish: no transfer coding but chunked is known"},
      {{kChunked}, "400 finish: HTTP/1.0 has no Transfer-Encoding", 0},
      {{kHost, {"Expect", "200-ok"}},
       "417 finish: only 100-continue can be expected"},
      {{{"Expect", "200-ok"}}, "none close", 0},
      // Of two things that are wrong, what the body's end depends on is said.
      {{kHost, {"Expect", "200-ok"}, kChunked, kFive},
       "400 finish: Content-Length and Transfer-Encoding both came"},
  });
}

TEST(MessageFramingTest, Rfc9112_9_3_CloseGoesBeforeKeepAlive) {
  const HttpField close = {"Connection", "close"};
  const HttpField keep = {"Connection", "keep-alive"};
  ExpectAll({
      {{kHost}, "none keep-alive"},
      {{kHost, close}, "none close"},
      {{kHost, close, keep}, "none close"},
      {{kHost, keep, close}, "none close"},
      {{}, "none close", 0},
      {{keep}, "none keep-alive", 0},
      {{keep, close}, "none close", 0},
      {{{"Connection", "Keep-Alive, CLOSE"}}, "none close", 0},
  });
}

// Names of the same lengths as those that count.
TEST(MessageFramingTest, LeavesOtherFieldsAlone) {
  ExpectAll({
      {{kHost,
        {"Hose", "a b"},
        {"Accept", "100-continue"},
        {"Xonnection", "close"},
        {"Content-Lengtx", "x"},
        {"Transfer-Encodinx", "chunked"},
        {"", ""}},
       "none keep-alive"},
  });
}

TEST(MessageFramingTest, Rfc9112_3_2_2_TheTargetsHostGoesFirst) {
  MessageFraming framing;
  HttpError error;
  ASSERT_TRUE(framing.Add(kHost, error));
  RequestHead head;
  head.target.authority = "b:80";
  ASSERT_TRUE(framing.Finish(head, error));
  EXPECT_EQ(head.host, "b:80");
  head.target.authority = "";
  ASSERT_TRUE(framing.Finish(head, error));
  EXPECT_EQ(head.host, "a");
}

}  // namespace
}  // namespace rondo
