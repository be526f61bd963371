// Request targets: RFC 9112 §3.2, RFC 9110 §4.2, RFC 3986 §2 and §3.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

using Form = RequestTarget::Form;

std::string Asking(std::string_view method_and_target) {
  return std::string(method_and_target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

RequestCase Complete(std::string name, std::string_view method_and_target,
                     ExpectedHead head) {
  return {std::move(name), Asking(method_and_target), HttpStatus::kOk,
          std::move(head)};
}

RequestCase Refused(std::string name, std::string_view method_and_target) {
  return {std::move(name), Asking(method_and_target), HttpStatus::kBadRequest};
}

// The bytes that no target has, each in a path and in a query.
void AddBadBytes(std::vector<RequestCase>& cases) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int c = 0; c < 256; ++c) {
    const std::string_view bad = "\"#<>[\\]^`{|}";
    const bool sampled = c == 0 || c == 1 || c == '\t' || c == 0x0b ||
                         c == 0x1f || c == 0x7f || c == 0x80 || c == 0xff;
    const bool printed =
        c < 0x7f && bad.find(static_cast<char>(c)) != std::string_view::npos;
    if (!sampled && !printed) continue;
    const std::string byte(1, static_cast<char>(c));
    const std::string hex = {kHex[c / 16], kHex[c % 16]};
    cases.push_back(
        Refused("Rfc3986_3_3_PathWithByte" + hex, "GET /a" + byte + "b"));
    cases.push_back(
        Refused("Rfc3986_3_4_QueryWithByte" + hex, "GET /?a" + byte + "b"));
  }
}

std::vector<RequestCase> CompleteTargets() {
  return {
      Complete("Rfc9112_3_2_1_Path", "GET /a/b.html", {.path = "/a/b.html"}),
      Complete("Rfc9112_3_2_1_Query", "GET /a?b=c&d",
               {.path = "/a", .query = "b=c&d"}),
      Complete("Rfc9112_3_2_1_EmptyQuery", "GET /?", {}),
      Complete("Rfc3986_3_4_QueryWithQuestionMarksAndSlashes", "GET /a??b/c?",
               {.path = "/a", .query = "?b/c?"}),
      Complete("Rfc3986_3_3_EmptySegments", "GET //a//", {.path = "//a//"}),
      Complete("Rfc3986_3_3_DotSegmentsStay", "GET /a/./../b",
               {.path = "/a/./../b"}),
      Complete("Rfc3986_3_3_EveryByteOfAPath", "GET /-._~!$&'()*+,;=:@azAZ09",
               {.path = "/-._~!$&'()*+,;=:@azAZ09"}),
      Complete("Rfc3986_2_1_EscapesStay", "GET /%41%2f%2F%00?%fF%0a",
               {.path = "/%41%2f%2F%00", .query = "%fF%0a"}),
      Complete("Rfc9112_3_2_1_PathThatLooksLikeAUri", "GET /http://b/c",
               {.path = "/http://b/c"}),
      Complete("Rfc9112_3_2_1_OptionsOfAPath", "OPTIONS /c",
               {.method = "OPTIONS", .path = "/c"}),
      Complete(
          "Rfc9112_3_2_2_Absolute", "GET http://b/c?d",
          {.form = Form::kAbsolute, .path = "/c", .query = "d", .host = "b"}),
      Complete("Rfc9112_3_2_2_AbsoluteWithPort", "GET http://b:8080/",
               {.form = Form::kAbsolute, .host = "b:8080"}),
      Complete("Rfc3986_3_2_3_AbsoluteWithEmptyPort", "GET http://b:/",
               {.form = Form::kAbsolute, .host = "b:"}),
      Complete("Rfc9110_4_2_3_AbsoluteWithoutPath", "GET http://b",
               {.form = Form::kAbsolute, .host = "b"}),
      Complete("Rfc9110_4_2_3_AbsoluteWithPortWithoutPath", "GET http://b:80",
               {.form = Form::kAbsolute, .host = "b:80"}),
      Complete("Rfc9110_4_2_3_AbsoluteWithQueryWithoutPath", "GET http://b?c",
               {.form = Form::kAbsolute, .query = "c", .host = "b"}),
      Complete("Rfc3986_3_1_SchemeInUpperCase", "GET HTTP://b/",
               {.form = Form::kAbsolute, .host = "b"}),
      Complete("Rfc9110_4_2_2_Https", "GET https://b/",
               {.form = Form::kAbsolute, .host = "b"}),
      Complete("Rfc3986_3_2_2_AbsoluteOfIpv6", "GET http://[2001:db8::7]:80/",
               {.form = Form::kAbsolute, .host = "[2001:db8::7]:80"}),
      Complete("Rfc3986_3_2_2_AbsoluteOfIpv4", "GET http://192.0.2.1:80/",
               {.form = Form::kAbsolute, .host = "192.0.2.1:80"}),
      Complete("Rfc9112_3_3_AuthorityGoesBeforeHost", "CONNECT b:443",
               {.method = "CONNECT",
                .form = Form::kAuthority,
                .path = "",
                .host = "b:443"}),
      {"Rfc9112_3_2_3_Authority",
       "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n",
       HttpStatus::kOk,
       {.method = "CONNECT",
        .form = Form::kAuthority,
        .path = "",
        .host = "b:443",
        .fields = {{"Host", "b:443"}}}},
      {"Rfc9112_3_2_3_AuthorityOfIpv6",
       "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
       HttpStatus::kOk,
       {.method = "CONNECT",
        .form = Form::kAuthority,
        .path = "",
        .host = "[::1]:443",
        .fields = {{"Host", "[::1]:443"}}}},
      Complete("Rfc9112_3_2_4_Asterisk", "OPTIONS *",
               {.method = "OPTIONS", .form = Form::kAsterisk, .path = "*"}),
      Complete("Rfc9112_3_2_4_OptionsOfAHost", "OPTIONS http://b:8001",
               {.method = "OPTIONS",
                .form = Form::kAbsolute,
                .path = "*",
                .host = "b:8001"}),
      Complete("Rfc9112_3_2_4_OptionsOfAHostsRoot", "OPTIONS http://b/",
               {.method = "OPTIONS", .form = Form::kAbsolute, .host = "b"}),
  };
}

std::vector<RequestCase> RefusedTargets() {
  using std::string_view_literals::operator""sv;
  return {
      Refused("Rfc9112_3_2_4_GetOfAnAsterisk", "GET *"),
      Refused("Rfc9112_3_2_4_AsteriskOfAnotherMethod", "options *"),
      Refused("Rfc9112_3_2_4_TwoAsterisks", "OPTIONS **"),
      Refused("Rfc9112_3_2_4_AsteriskWithQuery", "OPTIONS *?a"),
      Refused("Rfc9112_3_2_1_PathWithoutSlash", "GET b/c"),
      Refused("Rfc9112_3_2_1_QueryOnly", "GET ?b"),
      Refused("Rfc9112_3_2_1_FragmentOnly", "GET #b"),
      Refused("Rfc9112_3_2_3_GetOfAnAuthority", "GET b:80"),
      Refused("Rfc9112_3_2_2_OneSlash", "GET http:/b"),
      Refused("Rfc9112_3_2_2_NoSlash", "GET http:b"),
      Refused("Rfc9112_3_2_2_NoScheme", "GET ://b/"),
      Refused("Rfc9110_4_2_1_NoHost", "GET http://"),
      Refused("Rfc9110_4_2_1_NoHostBeforeThePath", "GET http:///b"),
      Refused("Rfc9110_4_2_1_NoHostBeforeThePort", "GET http://:80/"),
      Refused("Rfc9110_4_2_1_NoHostBeforeTheQuery", "GET http://?b"),
      Refused("Rfc9110_4_2_4_User", "GET http://u@b/"),
      Refused("Rfc9110_4_2_4_UserAndPassword", "GET http://u:p@b/"),
      Refused("Rfc9110_4_2_4_EmptyUser", "GET http://@b/"),
      Refused("Rfc9110_4_2_5_Fragment", "GET http://b/#c"),
      Refused("Rfc9110_4_2_5_FragmentWithoutPath", "GET http://b#c"),
      Refused("Rfc3986_3_2_3_PortOfLetters", "GET http://b:x/"),
      Refused("Rfc3986_3_2_3_NegativePort", "GET http://b:-1/"),
      Refused("Rfc3986_3_2_3_TwoPorts", "GET http://b:1:2/"),
      Refused("Rfc3986_3_2_2_UnclosedBracket", "GET http://[::1/"),
      Refused("Rfc3986_3_2_2_EmptyBrackets", "GET http://[]/"),
      Refused("Rfc3986_3_2_2_NulInBrackets", "GET http://[::1\0]/"sv),
      Refused("Rfc3986_3_2_2_BytesAfterNulInBrackets",
              "GET http://[::1\0\x01\r@b]:80/"sv),
      Refused("Rfc3986_3_2_2_BackslashInHost", "GET http://b\\c/"),
      Refused("Rfc3986_2_1_HalfAnEscapeInHost", "GET http://b%4/"),
      Refused("Rfc9112_3_2_3_ConnectToAPath", "CONNECT /"),
      Refused("Rfc9112_3_2_3_ConnectToAUri", "CONNECT http://b:443/"),
      Refused("Rfc9112_3_2_3_ConnectToAnAsterisk", "CONNECT *"),
      Refused("Rfc9110_9_3_6_ConnectWithoutPort", "CONNECT b"),
      Refused("Rfc9110_9_3_6_ConnectToAnEmptyPort", "CONNECT b:"),
      Refused("Rfc9110_9_3_6_ConnectToNoHost", "CONNECT :443"),
      Refused("Rfc9110_9_3_6_ConnectToAPortTooLarge", "CONNECT b:65536"),
      Refused("Rfc9110_9_3_6_ConnectToAPortOfLetters", "CONNECT b:http"),
      Refused("Rfc9112_3_2_3_ConnectWithAPath", "CONNECT b:443/"),
      Refused("Rfc9112_3_2_3_ConnectWithAUser", "CONNECT u@b:443"),
      Refused("Rfc3986_3_2_2_ConnectWithNulInBrackets",
              "CONNECT [::1\0]:443"sv),
      Refused("Rfc9110_9_1_ConnectInLowerCase", "connect b:443"),
      Refused("Rfc3986_2_1_PercentAtTheEnd", "GET /%"),
      Refused("Rfc3986_2_1_OneHexDigit", "GET /%4"),
      Refused("Rfc3986_2_1_FirstIsNoHexDigit", "GET /%g4"),
      Refused("Rfc3986_2_1_SecondIsNoHexDigit", "GET /%4g"),
      Refused("Rfc3986_2_1_TwoPercents", "GET /%%41"),
      Refused("Rfc3986_2_1_PercentAtTheQuerysEnd", "GET /?%"),
      Refused("Rfc3986_2_1_EscapeAcrossTheQuestionMark", "GET /%4?1"),
      Refused("Rfc3986_2_1_NoHexDigitInTheQuery", "GET /?%4g"),
  };
}

}  // namespace

std::vector<RequestCase> TargetCases() {
  std::vector<RequestCase> cases = CompleteTargets();
  std::vector<RequestCase> refused = RefusedTargets();
  for (RequestCase& c : refused) cases.push_back(std::move(c));
  AddBadBytes(cases);
  return cases;
}

}  // namespace rondo
