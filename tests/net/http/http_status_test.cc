#include "net/http/http_status.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string_view>

namespace rondo {
namespace {

std::string_view PhraseOf(int code) {
  return ReasonPhrase(static_cast<HttpStatus>(code));
}

TEST(HttpStatusTest, Rfc9110_15_HasThePhrases) {
  const std::map<int, std::string_view> phrases = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (int code = 0; code < 1'000; ++code) {
    const auto found = phrases.find(code);
    EXPECT_EQ(PhraseOf(code), found == phrases.end() ? "" : found->second)
        << code;
  }
}

TEST(HttpStatusTest, Rfc9112_6_3_KnowsWhichHaveNoBody) {
  for (int code = 100; code < 600; ++code) {
    const bool none = code < 200 || code == 204 || code == 304;
    EXPECT_EQ(HasNoBody(static_cast<HttpStatus>(code)), none) << code;
  }
}

TEST(HttpStatusTest, NamesAreTheirCodes) {
  EXPECT_EQ(static_cast<int>(HttpStatus::kBadRequest), 400);
  EXPECT_EQ(static_cast<int>(HttpStatus::kContentTooLarge), 413);
  EXPECT_EQ(static_cast<int>(HttpStatus::kUriTooLong), 414);
  EXPECT_EQ(static_cast<int>(HttpStatus::kExpectationFailed), 417);
  EXPECT_EQ(static_cast<int>(HttpStatus::kRequestHeaderFieldsTooLarge), 431);
  EXPECT_EQ(static_cast<int>(HttpStatus::kNotImplemented), 501);
  EXPECT_EQ(static_cast<int>(HttpStatus::kHttpVersionNotSupported), 505);
  EXPECT_EQ(static_cast<int>(HttpStatus{299}), 299);
}

}  // namespace
}  // namespace rondo
