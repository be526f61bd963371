// How much of a head RequestParser takes, and what it allocates for it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/base/config.h"
#include "net/http/request_parser.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

using Outcome = RequestParser::Outcome;

constexpr int kIncomplete = 0;
constexpr int kComplete = 200;

// One of those, or the status it is refused with.
int Parse(RequestParser& parser, std::string_view input,
          const HttpLimits& limits, RequestHead& head) {
  const Outcome outcome = parser.Parse(input, limits, head);
  if (outcome == Outcome::kIncomplete) return kIncomplete;
  if (outcome == Outcome::kComplete) return kComplete;
  return static_cast<int>(parser.error().status);
}

int ParseWhole(std::string_view input, const HttpLimits& limits = {}) {
  RequestParser parser;
  RequestHead head;
  return Parse(parser, input, limits, head);
}

// The same in two pieces, however it is cut; -1 if that makes a difference.
int ParseInTwo(std::string_view input, const HttpLimits& limits) {
  const int whole = ParseWhole(input, limits);
  for (size_t split = 0; split <= input.size(); ++split) {
    RequestParser parser;
    RequestHead head;
    int status = Parse(parser, input.substr(0, split), limits, head);
    if (status == kIncomplete) status = Parse(parser, input, limits, head);
    if (status != whole) return -1;
  }
  return whole;
}

// The same byte by byte.
int ParseByBytes(std::string_view input, const HttpLimits& limits) {
  RequestParser parser;
  RequestHead head;
  int status = kIncomplete;
  for (size_t end = 0; end <= input.size() && status == kIncomplete; ++end) {
    status = Parse(parser, input.substr(0, end), limits, head);
  }
  return status;
}

void ExpectAlways(int status, std::string_view input,
                  const HttpLimits& limits) {
  EXPECT_EQ(ParseWhole(input, limits), status);
  EXPECT_EQ(ParseInTwo(input, limits), status);
  EXPECT_EQ(ParseByBytes(input, limits), status);
}

// A request line of so many bytes, with its end.
std::string Line(size_t bytes) {
  const std::string rest = " HTTP/1.1\r\n";
  std::string line = "GET /";
  line.resize(bytes - rest.size(), 'a');
  return line + rest;
}

// So many bytes of field lines, with the blank line.
std::string Fields(size_t bytes) {
  std::string fields = "Host: a\r\nX: ";
  fields.resize(bytes - 4, 'b');
  return fields + "\r\n\r\n";
}

std::string CountedFields(size_t count) {
  std::string fields = "Host: a\r\n";
  for (size_t i = 1; i < count; ++i) fields += "X:\r\n";
  return fields + "\r\n";
}

TEST(RequestParserTest, TakesARequestLineAtItsLimit) {
  const HttpLimits limits = {.max_request_line_bytes = 100};
  ExpectAlways(kComplete, Line(100) + Fields(50), limits);
  ExpectAlways(414, Line(101) + Fields(50), limits);
}

TEST(RequestParserTest, TakesARequestLineOf8KiB) {
  EXPECT_EQ(ParseWhole(Line(8'192) + Fields(50)), kComplete);
  EXPECT_EQ(ParseByBytes(Line(8'192) + Fields(50), {}), kComplete);
  EXPECT_EQ(ParseWhole(Line(8'193) + Fields(50)), 414);
  EXPECT_EQ(ParseByBytes(Line(8'193) + Fields(50), {}), 414);
}

TEST(RequestParserTest, DoesNotCountTheEmptyLineBeforeARequest) {
  const HttpLimits limits = {.max_request_line_bytes = 100};
  ExpectAlways(kComplete, "\r\n" + Line(100) + Fields(50), limits);
  ExpectAlways(414, "\r\n" + Line(101) + Fields(50), limits);
}

TEST(RequestParserTest, RefusesARequestLineThatHasNoEnd) {
  EXPECT_EQ(ParseWhole(std::string(8'191, 'a')), kIncomplete);
  EXPECT_EQ(ParseWhole(std::string(8'192, 'a')), 414);
  EXPECT_EQ(ParseWhole(std::string(100'000, 'a')), 414);
  EXPECT_EQ(ParseByBytes(std::string(100'000, 'a'), {}), 414);
}

TEST(RequestParserTest, SaysTooLongWhateverComesBehindTheLimit) {
  const HttpLimits limits = {.max_request_line_bytes = 100};
  ExpectAlways(414, "GET /" + std::string(95, 'a') + "\n", limits);
  ExpectAlways(400, "GET /" + std::string(94, 'a') + "\n", limits);
}

TEST(RequestParserTest, TakesAHeaderBlockAtItsLimit) {
  const HttpLimits limits = {.max_header_bytes = 100};
  ExpectAlways(kComplete, Line(50) + Fields(100), limits);
  ExpectAlways(431, Line(50) + Fields(101), limits);
  // The field lines alone are too long, so nobody counts the blank one.
  ExpectAlways(431, Line(50) + Fields(103), limits);
}

TEST(RequestParserTest, TakesAHeaderBlockOf32KiB) {
  EXPECT_EQ(ParseWhole(Line(50) + Fields(32'768)), kComplete);
  EXPECT_EQ(ParseByBytes(Line(50) + Fields(32'768), {}), kComplete);
  EXPECT_EQ(ParseWhole(Line(50) + Fields(32'769)), 431);
  EXPECT_EQ(ParseByBytes(Line(50) + Fields(32'769), {}), 431);
}

TEST(RequestParserTest, CountsTheHeaderBlockApartFromTheRequestLine) {
  const HttpLimits limits = {.max_request_line_bytes = 60,
                             .max_header_bytes = 100};
  ExpectAlways(kComplete, Line(60) + Fields(100), limits);
  ExpectAlways(414, Line(61) + Fields(99), limits);
  ExpectAlways(431, Line(20) + Fields(101), limits);
}

TEST(RequestParserTest, RefusesAFieldLineThatHasNoEnd) {
  const std::string field = "Host: a\r\nX: " + std::string(100'000, 'b');
  EXPECT_EQ(ParseWhole(Line(50) + field), 431);
  EXPECT_EQ(ParseByBytes(Line(50) + field, {}), 431);
  EXPECT_EQ(ParseWhole(Line(50) + field.substr(0, 32'767)), kIncomplete);
}

TEST(RequestParserTest, TakesAsManyFieldsAsItsLimit) {
  const HttpLimits limits = {.max_fields = 5};
  ExpectAlways(kComplete, Line(50) + CountedFields(5), limits);
  ExpectAlways(431, Line(50) + CountedFields(6), limits);
}

TEST(RequestParserTest, Takes100Fields) {
  EXPECT_EQ(ParseWhole(Line(50) + CountedFields(100)), kComplete);
  EXPECT_EQ(ParseByBytes(Line(50) + CountedFields(100), {}), kComplete);
  EXPECT_EQ(ParseWhole(Line(50) + CountedFields(101)), 431);
  EXPECT_EQ(ParseByBytes(Line(50) + CountedFields(101), {}), 431);
}

TEST(RequestParserTest, CountsAnewForTheNextRequest) {
  const HttpLimits limits = {.max_request_line_bytes = 60,
                             .max_header_bytes = 100};
  const std::string one = Line(60) + Fields(100);
  const std::string two = one + one;
  RequestParser parser;
  RequestHead head;
  EXPECT_EQ(Parse(parser, two, limits, head), kComplete);
  EXPECT_EQ(head.bytes, one.size());
  const std::string_view second = std::string_view(two).substr(one.size());
  for (size_t end = 0; end < second.size(); ++end) {
    ASSERT_EQ(Parse(parser, second.substr(0, end), limits, head), kIncomplete);
  }
  EXPECT_EQ(Parse(parser, second, limits, head), kComplete);
}

TEST(RequestParserTest, BeginsAnewAfterARefusal) {
  RequestParser parser;
  RequestHead head;
  const std::string bad = "GET / HTTP/1.1\r\nX: b\r\nY\r\n";
  EXPECT_EQ(Parse(parser, bad.substr(0, 20), {}, head), kIncomplete);
  EXPECT_EQ(Parse(parser, bad, {}, head), 400);
  const std::string good = "PUT /c HTTP/1.0\r\n\r\n";
  EXPECT_EQ(Parse(parser, good, {}, head), kComplete);
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target.path, "/c");
  EXPECT_EQ(head.bytes, good.size());
  EXPECT_TRUE(head.fields.empty());
}

TEST(RequestParserTest, TakesNothingForAnIncompleteRequest) {
  RequestParser parser;
  RequestHead head;
  EXPECT_EQ(Parse(parser, std::string_view(), {}, head), kIncomplete);
  EXPECT_EQ(Parse(parser, "", {}, head), kIncomplete);
  EXPECT_EQ(Parse(parser, "\r", {}, head), kIncomplete);
  EXPECT_EQ(Parse(parser, "\r\n", {}, head), kIncomplete);
}

TEST(RequestParserTest, AllocatesNothingForASecondRequest) {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  GTEST_SKIP() << "clang's AddressSanitizer has an operator new of its own";
#endif
  const HttpLimits limits;
  const std::string request = Line(200) + CountedFields(50);
  RequestParser parser;
  RequestHead head;
  const size_t at_first = AllocationsOfThisThread().count;
  ASSERT_EQ(parser.Parse(request, limits, head), Outcome::kComplete);
  const size_t before = AllocationsOfThisThread().count;
  const Outcome outcome = parser.Parse(request, limits, head);
  EXPECT_EQ(AllocationsOfThisThread().count, before);
  EXPECT_EQ(outcome, Outcome::kComplete);
  EXPECT_EQ(head.fields.size(), 50u);
  EXPECT_GT(before, at_first);  // it counts
}

TEST(RequestParserTest, AllocatesNothingForASecondRequestInPieces) {
  const HttpLimits limits;
  const std::string request = Line(200) + CountedFields(50);
  RequestParser parser;
  RequestHead head;
  ASSERT_EQ(parser.Parse(request, limits, head), Outcome::kComplete);
  const size_t before = AllocationsOfThisThread().count;
  const std::string_view input = request;
  size_t end = 0;
  while (end <= input.size() && parser.Parse(input.substr(0, end), limits,
                                             head) == Outcome::kIncomplete) {
    ++end;
  }
  EXPECT_EQ(AllocationsOfThisThread().count, before);
  EXPECT_EQ(end, input.size());
}

}  // namespace
}  // namespace rondo
