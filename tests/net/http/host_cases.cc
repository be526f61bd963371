// Host: RFC 9112 §3.2, RFC 9110 §7.2, RFC 3986 §3.2.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

std::string Asking(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

RequestCase Complete(std::string name, std::string_view host) {
  return {std::move(name),
          Asking(host),
          HttpStatus::kOk,
          {.host = host, .fields = {{"Host", host}}}};
}

RequestCase Refused(std::string name, std::string_view host) {
  return {std::move(name), Asking(host), HttpStatus::kBadRequest};
}

std::vector<RequestCase> CompleteHosts() {
  return {
      Complete("Rfc9110_7_2_Name", "www.example.com"),
      Complete("Rfc9110_7_2_NameAndPort", "www.example.com:8080"),
      Complete("Rfc9110_7_2_NameKeepsItsCase", "WWW.Example.COM"),
      Complete("Rfc9112_3_2_EmptyHost", ""),
      Complete("Rfc3986_3_2_2_RegisteredName", "a-b_c~d.!$&'()*+,;=x"),
      Complete("Rfc3986_3_2_2_EscapeInAName", "a%2Fb%c3"),
      Complete("Rfc3986_3_2_2_NameWithDotAtItsEnd", "example.com."),
      Complete("Rfc3986_3_2_2_Ipv4", "192.0.2.16"),
      Complete("Rfc3986_3_2_2_Ipv4AndPort", "192.0.2.16:80"),
      Complete("Rfc3986_3_2_2_Ipv4OfFiveNumbersIsAName", "1.2.3.4.5"),
      Complete("Rfc3986_3_2_2_Ipv6", "[2001:db8:0:1:2:3:4:7]"),
      Complete("Rfc3986_3_2_2_Ipv6InUpperCase", "[2001:DB8::ABCD]"),
      Complete("Rfc3986_3_2_2_Ipv6AndPort", "[::1]:8080"),
      Complete("Rfc3986_3_2_2_Ipv6OfZeros", "[::]"),
      Complete("Rfc3986_3_2_2_Ipv6WithOneGroupLeftOut", "[1:2:3:4:5:6:7::]"),
      Complete("Rfc3986_3_2_2_Ipv6WithIpv4", "[::ffff:192.0.2.16]"),
      Complete("Rfc3986_3_2_3_EmptyPort", "a:"),
      Complete("Rfc3986_3_2_3_EmptyPortOfIpv6", "[::1]:"),
      Complete("Rfc3986_3_2_3_LargestPort", "a:65535"),
      Complete("Rfc3986_3_2_3_PortWithZeros", "a:00080"),
      {"Rfc9110_5_1_HostInUpperCase",
       "GET / HTTP/1.1\r\nHOST:b \r\n\r\n",
       HttpStatus::kOk,
       {.host = "b", .fields = {{"HOST", "b"}}}},
      {"Rfc9112_3_2_HostNeedNotBeFirst",
       "GET / HTTP/1.1\r\nX: b\r\nHost: a\r\n\r\n",
       HttpStatus::kOk,
       {.fields = {{"X", "b"}, {"Host", "a"}}}},
      {"Rfc9112_3_2_Version10NeedsNoHost",
       "GET / HTTP/1.0\r\nX: b\r\n\r\n",
       HttpStatus::kOk,
       {.host = "",
        .minor_version = 0,
        .keep_alive = false,
        .fields = {{"X", "b"}}}},
  };
}

std::vector<RequestCase> RefusedHosts() {
  constexpr HttpStatus k400 = HttpStatus::kBadRequest;
  return {
      {"Rfc9112_3_2_NoHost", "GET / HTTP/1.1\r\n\r\n", k400},
      {"Rfc9112_3_2_NoHostButOtherFields",
       "GET / HTTP/1.1\r\nX: b\r\nX-Host: a\r\n\r\n", k400},
      {"Rfc9112_3_2_NoHostInVersion12", "GET / HTTP/1.2\r\n\r\n", k400},
      {"Rfc9112_3_2_AbsoluteWithoutHost", "GET http://b/ HTTP/1.1\r\n\r\n",
       k400},
      {"Rfc9112_3_2_AbsoluteWithBadHost",
       "GET http://b/ HTTP/1.1\r\nHost: a/b\r\n\r\n", k400},
      {"Rfc9112_3_2_AsteriskWithoutHost", "OPTIONS * HTTP/1.1\r\n\r\n", k400},
      {"Rfc9112_3_2_ConnectWithoutHost", "CONNECT b:443 HTTP/1.1\r\n\r\n",
       k400},
      RefusedLines("Rfc9112_3_2_TwoHosts", "Host: b\r\n"),
      RefusedLines("Rfc9112_3_2_TwoEqualHosts", "Host: a\r\n"),
      RefusedLines("Rfc9112_3_2_TwoHostsApartInOtherCase",
                   "X: b\r\nhost: a\r\n"),
      RefusedLines("Rfc9112_3_2_SecondHostIsEmpty", "Host:\r\n"),
      {"Rfc9112_3_2_TwoEmptyHosts", "GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n",
       k400},
      {"Rfc9112_3_2_TwoHostsInVersion10",
       "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", k400},
      {"Rfc9112_3_2_BadHostInVersion10", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n",
       k400},
      Refused("Rfc9112_3_2_SpaceInHost", "a b"),
      Refused("Rfc9112_3_2_TabInHost", "a\tb"),
      Refused("Rfc9112_3_2_ListOfHosts", "a, b"),
      Refused("Rfc9112_3_2_PathInHost", "a/b"),
      Refused("Rfc9112_3_2_QueryInHost", "a?b"),
      Refused("Rfc9112_3_2_FragmentInHost", "a#b"),
      Refused("Rfc9112_3_2_UserInHost", "u@a"),
      Refused("Rfc9112_3_2_UriInHost", "http://a"),
      Refused("Rfc9112_3_2_UriWithoutSchemeInHost", "//a"),
      Refused("Rfc9112_3_2_BackslashInHost", "a\\b"),
      Refused("Rfc9112_3_2_QuotesAroundHost", "\"a\""),
      Refused("Rfc9112_3_2_AnglesAroundHost", "<a>"),
      Refused("Rfc9112_3_2_HostBeyondAscii", "\xc3\xa9"),
      Refused("Rfc3986_2_1_HalfAnEscape", "a%4"),
      Refused("Rfc3986_2_1_NoHexDigits", "a%zz"),
      Refused("Rfc3986_3_2_3_HostPortOfLetters", "a:http"),
      Refused("Rfc3986_3_2_3_PortWithMinus", "a:-1"),
      Refused("Rfc3986_3_2_3_PortWithPlus", "a:+1"),
      Refused("Rfc3986_3_2_3_SpaceInPort", "a:8 0"),
      Refused("Rfc3986_3_2_3_SpaceBeforePort", "a: 80"),
      Refused("Rfc3986_3_2_3_HostTwoPorts", "a:80:80"),
      Refused("Rfc3986_3_2_2_Ipv6WithoutBrackets", "::1"),
      Refused("Rfc3986_3_2_2_HostUnclosedBracket", "[::1"),
      Refused("Rfc3986_3_2_2_UnopenedBracket", "::1]"),
      Refused("Rfc3986_3_2_2_TwoBrackets", "[[::1]]"),
      Refused("Rfc3986_3_2_2_HostEmptyBrackets", "[]"),
      Refused("Rfc3986_3_2_2_Ipv4InBrackets", "[192.0.2.16]"),
      Refused("Rfc3986_3_2_2_NameInBrackets", "[a]"),
      Refused("Rfc3986_3_2_2_NameAfterBrackets", "[::1]a"),
      Refused("Rfc3986_3_2_2_NameBeforeBrackets", "a[::1]"),
      Refused("Rfc3986_3_2_2_Ipv6WithTwoGaps", "[1::2::3]"),
      Refused("Rfc3986_3_2_2_Ipv6OfNineGroups", "[1:2:3:4:5:6:7:8:9]"),
      Refused("Rfc3986_3_2_2_Ipv6OfSevenGroups", "[1:2:3:4:5:6:7]"),
      Refused("Rfc3986_3_2_2_Ipv6GroupOfFiveDigits", "[12345::]"),
      Refused("Rfc3986_3_2_2_Ipv6WithZone", "[fe80::1%25eth0]"),
      Refused("Rfc3986_3_2_2_Ipv6WithNoHexDigit", "[::g]"),
  };
}

}  // namespace

std::vector<RequestCase> HostCases() {
  std::vector<RequestCase> cases = CompleteHosts();
  std::vector<RequestCase> refused = RefusedHosts();
  for (RequestCase& c : refused) cases.push_back(std::move(c));
  return cases;
}

}  // namespace rondo
