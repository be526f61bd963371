// What becomes of the connection: RFC 9112 §9.3, RFC 9110 §7.6.1; and Expect:
// RFC 9110 §10.1.1.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

constexpr HttpStatus k417 = HttpStatus::kExpectationFailed;

RequestCase Connection(std::string name, std::string_view value,
                       bool keep_alive) {
  return CompleteLines(std::move(name),
                       "Connection: " + std::string(value) + "\r\n",
                       {{"Connection", value}}, {.keep_alive = keep_alive});
}

RequestCase Connection10(std::string name, std::string_view value,
                         bool keep_alive) {
  return {std::move(name),
          "GET / HTTP/1.0\r\nConnection: " + std::string(value) + "\r\n\r\n",
          HttpStatus::kOk,
          {.host = "",
           .minor_version = 0,
           .keep_alive = keep_alive,
           .fields = {{"Connection", value}}}};
}

// A request with a body of 5 bytes.
RequestCase Expecting(std::string name, std::string_view value, bool expects) {
  return CompleteLines(
      std::move(name),
      "Content-Length: 5\r\nExpect: " + std::string(value) + "\r\n",
      {{"Content-Length", "5"}, {"Expect", value}},
      {.framing = BodyFraming::kLength,
       .content_length = 5,
       .expects_continue = expects});
}

RequestCase BadExpect(std::string name, std::string_view value) {
  return RefusedLines(
      std::move(name),
      "Content-Length: 5\r\nExpect: " + std::string(value) + "\r\n", k417);
}

}  // namespace

std::vector<RequestCase> ConnectionCases() {
  return {
      Connection("Rfc9112_9_3_Close", "close", false),
      Connection("Rfc9110_7_6_1_CloseInAnyCase", "cLOSe", false),
      Connection("Rfc9112_9_3_KeepAlive", "keep-alive", true),
      Connection("Rfc9112_9_3_CloseBehindKeepAlive", "keep-alive, close",
                 false),
      Connection("Rfc9112_9_3_CloseBeforeKeepAlive", "close,keep-alive", false),
      Connection("Rfc9110_7_6_1_CloseAmongOthers", "upgrade,\tclose ,x", false),
      Connection("Rfc9110_5_6_1_2_EmptyMembers", ", ,close,", false),
      Connection("Rfc9110_7_6_1_Empty", "", true),
      Connection("Rfc9110_7_6_1_OptionThatBeginsWithClose", "closed", true),
      Connection("Rfc9110_7_6_1_OptionThatEndsWithClose", "x-close", true),
      Connection("Rfc9110_7_6_1_CloseBehindHalfAnOption", "clo, close", false),
      Connection("Rfc9110_7_6_1_CloseBehindWhatIsNoToken", "\xc6\xc6, close",
                 false),
      Connection("Rfc9110_7_8_Upgrade", "Upgrade", true),
      CompleteLines("Rfc9110_7_6_1_CloseInTheSecondLine",
                    "Connection: keep-alive\r\nconnection: close\r\n",
                    {{"Connection", "keep-alive"}, {"connection", "close"}},
                    {.keep_alive = false}),
      CompleteLines("Rfc9110_7_6_1_CloseInTheFirstLine",
                    "Connection: close\r\nConnection: x\r\n",
                    {{"Connection", "close"}, {"Connection", "x"}},
                    {.keep_alive = false}),
      CompleteLines("Rfc9112_C_2_2_ProxyConnectionSaysNothing",
                    "Proxy-Connection: close\r\n",
                    {{"Proxy-Connection", "close"}}),
      CompleteLines("Rfc9112_C_2_2_KeepAliveFieldSaysNothing",
                    "Keep-Alive: timeout=0, max=0\r\n",
                    {{"Keep-Alive", "timeout=0, max=0"}}),
      Connection10("Rfc9112_9_3_KeepAliveInVersion10", "keep-alive", true),
      Connection10("Rfc9112_9_3_KeepAliveInVersion10InAnyCase", "Keep-Alive",
                   true),
      Connection10("Rfc9112_9_3_KeepAliveInVersion10AmongOthers",
                   "TE, keep-alive", true),
      Connection10("Rfc9112_9_3_CloseInVersion10", "close", false),
      Connection10("Rfc9112_9_3_KeepAliveAndCloseInVersion10",
                   "keep-alive, close", false),
      Connection10("Rfc9112_9_3_OtherOptionInVersion10", "keep-alives", false),
      {"Rfc9110_2_5_Version12IsKeptAlive",
       "GET / HTTP/1.2\r\nHost: a\r\nConnection: x\r\n\r\n",
       HttpStatus::kOk,
       {.fields = {{"Host", "a"}, {"Connection", "x"}}}},
  };
}

std::vector<RequestCase> ExpectCases() {
  return {
      Expecting("Rfc9110_10_1_1_Continue", "100-continue", true),
      Expecting("Rfc9110_10_1_1_ContinueInAnyCase", "100-Continue", true),
      Expecting("Rfc9110_10_1_1_ContinueTwiceInAList",
                "100-continue, 100-continue", true),
      Expecting("Rfc9110_5_6_1_2_EmptyMemberBehindContinue", "100-continue,",
                true),
      Expecting("Rfc9110_10_1_1_NothingExpected", "", false),
      CompleteLines("Rfc9110_10_1_1_ContinueTwiceInTwoLines",
                    "Content-Length: 5\r\nExpect: 100-continue\r\n"
                    "expect: 100-continue\r\n",
                    {{"Content-Length", "5"},
                     {"Expect", "100-continue"},
                     {"expect", "100-continue"}},
                    {.framing = BodyFraming::kLength,
                     .content_length = 5,
                     .expects_continue = true}),
      CompleteLines(
          "Rfc9110_10_1_1_ContinueOfChunks",
          "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
          {{"Expect", "100-continue"}, {"Transfer-Encoding", "chunked"}},
          {.framing = BodyFraming::kChunked, .expects_continue = true}),
      CompleteLines("Rfc9110_10_1_1_ContinueWithoutContent",
                    "Expect: 100-continue\r\n", {{"Expect", "100-continue"}}),
      CompleteLines("Rfc9110_10_1_1_ContinueWithEmptyContent",
                    "Content-Length: 0\r\nExpect: 100-continue\r\n",
                    {{"Content-Length", "0"}, {"Expect", "100-continue"}}),
      {"Rfc9110_10_1_1_ContinueInVersion10",
       "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
       HttpStatus::kOk,
       {.method = "POST",
        .host = "",
        .minor_version = 0,
        .framing = BodyFraming::kLength,
        .content_length = 5,
        .keep_alive = false,
        .fields = {{"Content-Length", "5"}, {"Expect", "100-continue"}}}},
      BadExpect("Rfc9110_10_1_1_SomethingElse", "200-ok"),
      BadExpect("Rfc9110_10_1_1_ContinueAndSomethingElse",
                "100-continue, 200-ok"),
      BadExpect("Rfc9110_10_1_1_LettersBehindContinue", "100-continued"),
      BadExpect("Rfc9110_10_1_1_ParameterOfSomethingElse", "x=y"),
      RefusedLines("Rfc9110_10_1_1_SomethingElseWithoutContent",
                   "Expect: 200-ok\r\n", k417),
      RefusedLines("Rfc9110_10_1_1_SomethingElseInTheSecondLine",
                   "Expect: 100-continue\r\nExpect: 200-ok\r\n", k417),
  };
}

}  // namespace rondo
