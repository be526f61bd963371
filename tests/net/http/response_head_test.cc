#include "net/http/response_head.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "net/http/http_status.h"
#include "net/tcp/buffer.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

using Connection = ResponseHead::Connection;

std::string TextOf(const ResponseHead& head) {
  Buffer text;
  head.AppendTo(text);
  return std::string(text.view());
}

TEST(ResponseHeadTest, Rfc9112_4_HasAStatusLine) {
  EXPECT_EQ(TextOf({}), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(TextOf({.status = HttpStatus::kNotFound}),
            "HTTP/1.1 404 Not Found\r\n\r\n");
  EXPECT_EQ(TextOf({.status = HttpStatus::kContinue}),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(TextOf({.status = HttpStatus::kRequestHeaderFieldsTooLarge}),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n");
}

TEST(ResponseHeadTest, Rfc9112_4_KeepsTheSpaceWithoutAPhrase) {
  EXPECT_EQ(TextOf({.status = HttpStatus{299}}), "HTTP/1.1 299 \r\n\r\n");
}

TEST(ResponseHeadTest, HasItsFieldsInThisOrder) {
  EXPECT_EQ(TextOf({.date = "Sun, 06 Nov 1994 08:49:37 GMT",
                    .content_type = "text/plain; charset=utf-8",
                    .field_lines = "A: b\r\nC: d\r\n",
                    .content_length = 12,
                    .connection = Connection::kClose}),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 12\r\n"
            "A: b\r\n"
            "C: d\r\n"
            "Connection: close\r\n"
            "\r\n");
}

TEST(ResponseHeadTest, Rfc9112_6_3_SaysHowTheBodyEnds) {
  struct {
    ResponseHead head;
    std::string_view line;
  } const cases[] = {
      {{}, ""},  // with the connection
      {{.content_length = 0}, "Content-Length: 0\r\n"},
      {{.content_length = 5}, "Content-Length: 5\r\n"},
      {{.content_length = std::numeric_limits<uint64_t>::max()},
       "Content-Length: 18446744073709551615\r\n"},
      {{.chunked = true}, "Transfer-Encoding: chunked\r\n"},
      // Never both: RFC 9112 §6.2.
      {{.content_length = 5, .chunked = true}, "Content-Length: 5\r\n"},
  };
  for (const auto& [head, line] : cases) {
    EXPECT_EQ(TextOf(head), "HTTP/1.1 200 OK\r\n" + std::string(line) + "\r\n");
  }
}

TEST(ResponseHeadTest, Rfc9110_8_6_1xxAnd204DoNotSayHow) {
  for (const HttpStatus status :
       {HttpStatus::kContinue, HttpStatus::kSwitchingProtocols, HttpStatus{199},
        HttpStatus::kNoContent}) {
    const std::string without = TextOf({.status = status});
    EXPECT_EQ(TextOf({.status = status, .content_length = 0}), without);
    EXPECT_EQ(TextOf({.status = status, .chunked = true}), without);
  }
  // Of what would have been sent: that is allowed.
  EXPECT_EQ(TextOf({.status = HttpStatus::kNotModified, .content_length = 5}),
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseHeadTest, Rfc9112_9_3_SaysWhatBecomesOfTheConnection) {
  EXPECT_EQ(TextOf({.connection = Connection::kUnsaid}),
            "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(TextOf({.connection = Connection::kClose}),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(TextOf({.connection = Connection::kKeepAlive}),
            "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n");
}

// The memory that it takes at first is enough for the longest of all, too.
TEST(ResponseHeadTest, HasRoomForTheLongest) {
  const std::string value(10'000, 'a');
  const std::string lines = "B: " + value + "\r\n";
  const ResponseHead head = {.status = HttpStatus{65'535},
                             .date = value,
                             .content_type = value,
                             .field_lines = lines,
                             .chunked = true,
                             .connection = Connection::kKeepAlive};
  EXPECT_EQ(TextOf(head), "HTTP/1.1 65535 \r\nDate: " + value +
                              "\r\nContent-Type: " + value +
                              "\r\nTransfer-Encoding: chunked\r\n" + lines +
                              "Connection: keep-alive\r\n\r\n");
}

TEST(ResponseHeadTest, AppendsBehindWhatIsThere) {
  Buffer text;
  text.Append("body of the one before");
  ResponseHead{.content_length = 1}.AppendTo(text);
  ResponseHead{.content_length = 2}.AppendTo(text);
  EXPECT_EQ(text.view(),
            "body of the one before"
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
}

TEST(ResponseHeadTest, AllocatesNothingInMemoryThatIsUsedAgain) {
  Buffer text;
  const ResponseHead head = {.date = "Sun, 06 Nov 1994 08:49:37 GMT",
                             .content_type = "text/plain; charset=utf-8",
                             .content_length = 12};
  head.AppendTo(text);
  const size_t before = AllocationsOfThisThread().count;
  text.Clear();
  head.AppendTo(text);
  EXPECT_EQ(AllocationsOfThisThread().count, before);
}

}  // namespace
}  // namespace rondo
