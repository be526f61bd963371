#include "net/http/request_target.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rondo {
namespace {

using Form = RequestTarget::Form;

// RFC 3986, written down again: unreserved, sub-delims, and what pchar adds.
constexpr std::string_view kUnreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
constexpr std::string_view kSubDelims = "!$&'()*+,;=";

bool IsIn(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

bool MayStandInHost(char c) {
  return IsIn(kUnreserved, c) || IsIn(kSubDelims, c);
}

bool MayStandInPath(char c) { return MayStandInHost(c) || IsIn(":@/", c); }

bool IsTarget(std::string_view method, std::string_view text) {
  return RequestTarget::Parse(method, text).has_value();
}

// A target's parts, as one text; "none" if it is malformed.
std::string Parts(std::string_view method, std::string_view text) {
  const auto target = RequestTarget::Parse(method, text);
  if (!target.has_value()) return "none";
  std::string parts;
  switch (target->form) {
    case Form::kOrigin:
      parts = "origin";
      break;
    case Form::kAbsolute:
      parts = "absolute";
      break;
    case Form::kAuthority:
      parts = "authority";
      break;
    case Form::kAsterisk:
      parts = "asterisk";
      break;
  }
  for (const std::string_view part :
       {target->authority, target->path, target->query}) {
    parts += "|";
    parts += part;
  }
  return parts;
}

struct Case {
  std::string_view method;
  std::string_view text;
  std::string_view parts;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const auto& [method, text, parts] : cases) {
    EXPECT_EQ(Parts(method, text), parts) << method << " " << text;
  }
}

TEST(RequestTargetTest, Rfc9112_3_2_1_OriginForm) {
  ExpectAll({
      {"GET", "/", "origin||/|"},
      {"GET", "/a/b", "origin||/a/b|"},
      {"GET", "/a?b=c", "origin||/a|b=c"},
      {"GET", "/?", "origin||/|"},
      {"GET", "/??", "origin||/|?"},
      {"GET", "//a", "origin||//a|"},
      {"anything", "/%2e?%2E", "origin||/%2e|%2E"},
      {"GET", "", "none"},
      {"GET", "a", "none"},
      {"GET", "?a", "none"},
  });
}

TEST(RequestTargetTest, Rfc9112_3_2_2_AbsoluteForm) {
  ExpectAll({
      {"GET", "http://a/b?c", "absolute|a|/b|c"},
      {"PUT", "HTTPS://A:1/", "absolute|A:1|/|"},
      {"GET", "http://a", "absolute|a|/|"},
      {"GET", "http://a?b", "absolute|a|/|b"},
      {"GET", "http://a/?b/c?d", "absolute|a|/|b/c?d"},
      {"GET", "http://[::1]:8/", "absolute|[::1]:8|/|"},
      {"GET", "http://a//", "absolute|a|//|"},
      {"GET", "http:/a", "none"},
      {"GET", "http//a", "none"},
      {"GET", "://a", "none"},
      {"GET", "1http://a", "none"},
      {"GET", " http://a", "none"},
  });
}

TEST(RequestTargetTest, Rfc9110_4_2_NoHostAndNoUser) {
  ExpectAll({
      {"GET", "http://", "none"},
      {"GET", "http:///", "none"},
      {"GET", "http://:1/", "none"},
      {"GET", "http://b@a/", "none"},
      {"GET", "http://b:c@a:1/", "none"},
      {"GET", "http://a#b", "none"},
  });
}

TEST(RequestTargetTest, Rfc9112_3_2_3_AuthorityForm) {
  ExpectAll({
      {"CONNECT", "a:1", "authority|a:1||"},
      {"CONNECT", "192.0.2.1:443", "authority|192.0.2.1:443||"},
      {"CONNECT", "[::1]:65535", "authority|[::1]:65535||"},
  });
  for (const std::string_view text :
       {"", "a", "a:", ":1", "a:x", "a:65536", "a:1/", "a:1?", "[::1]",
        "[::1:1", "/", "*", "http://a:1", "b@a:1", "a:99999999999999999999"}) {
    EXPECT_EQ(Parts("CONNECT", text), "none") << text;
  }
  EXPECT_EQ(Parts("GET", "a:1"), "none");
}

TEST(RequestTargetTest, Rfc9112_3_2_4_AsteriskForm) {
  ExpectAll({
      {"OPTIONS", "*", "asterisk||*|"},
      {"OPTIONS", "http://a", "absolute|a|*|"},
      {"OPTIONS", "http://a/", "absolute|a|/|"},
      {"OPTIONS", "http://a?b", "absolute|a|/|b"},
      {"GET", "*", "none"},
      {"Options", "*", "none"},
      {"OPTIONS", "*a", "none"},
      {"OPTIONS", "/*", "origin||/*|"},
  });
}

TEST(RequestTargetTest, Rfc3986_3_TakesTheBytesOfEachPart) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    if (c == '%') continue;
    const std::string byte(1, c);
    const bool path = MayStandInPath(c);
    EXPECT_EQ(IsTarget("GET", "/a" + byte), path || c == '?') << i;
    EXPECT_EQ(IsTarget("GET", "/?" + byte), path || c == '?') << i;
    EXPECT_EQ(IsTarget("GET", "http://h/" + byte), path || c == '?') << i;
    // A colon begins the port, '/' the path and '?' the query.
    EXPECT_EQ(IsTarget("GET", "http://h" + byte),
              MayStandInHost(c) || IsIn(":/?", c))
        << i;
    EXPECT_EQ(IsTarget("CONNECT", "h" + byte + "h:1"), MayStandInHost(c)) << i;
    EXPECT_EQ(IsHostAndPort("h" + byte), MayStandInHost(c) || c == ':') << i;
  }
}

TEST(RequestTargetTest, Rfc3986_2_1_WantsTwoHexDigitsBehindAPercent) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool hex = IsIn("0123456789abcdefABCDEF", c);
    const std::string first = std::string("%") + c + "0";
    const std::string second = std::string("%0") + c;
    EXPECT_EQ(IsTarget("GET", "/" + first), hex) << i;
    EXPECT_EQ(IsTarget("GET", "/" + second), hex) << i;
    EXPECT_EQ(IsTarget("GET", "/?" + first), hex) << i;
    EXPECT_EQ(IsTarget("GET", "/?" + second), hex) << i;
    EXPECT_EQ(IsHostAndPort(first), hex) << i;
    EXPECT_EQ(IsHostAndPort(second), hex) << i;
  }
  EXPECT_FALSE(IsTarget("GET", "/%"));
  EXPECT_FALSE(IsTarget("GET", "/%1"));
  EXPECT_FALSE(IsTarget("GET", "/%1?1"));
  EXPECT_FALSE(IsTarget("GET", "/%1/1"));
  EXPECT_FALSE(IsTarget("GET", "http://a%/"));
  EXPECT_FALSE(IsTarget("GET", "http://a%1/1"));
  EXPECT_FALSE(IsTarget("CONNECT", "a%1:11"));
}

TEST(RequestTargetTest, Rfc3986_3_2_2_TakesHosts) {
  for (const std::string_view text :
       {"", "a", "A.b-c", "a_b~", "%41", "127.0.0.1", "999.1.1.1.1", "[::]",
        "[::1]", "[1::]", "[1:2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::]", "[fe80::ABCD:ef01]", "[::192.0.2.1]",
        "[64:ff9b::192.0.2.1]", "[1:2:3:4:5:6:192.0.2.1]"}) {
    EXPECT_TRUE(IsHostAndPort(text)) << text;
    EXPECT_TRUE(IsHostAndPort(std::string(text) + ":80")) << text;
    EXPECT_TRUE(IsHostAndPort(std::string(text) + ":")) << text;
    EXPECT_FALSE(IsHostAndPort(std::string(text) + ":8x")) << text;
    EXPECT_FALSE(IsHostAndPort(std::string(text) + "/")) << text;
  }
}

TEST(RequestTargetTest, Rfc3986_3_2_2_RefusesWhatIsNoIpv6InBrackets) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text :
       {"["sv,
        "]"sv,
        "[]"sv,
        "[:]"sv,
        "[:::]"sv,
        "[1]"sv,
        "[a]"sv,
        "[1:2]"sv,
        "[1:2:3:4:5:6:7]"sv,
        "[1:2:3:4:5:6:7:8:9]"sv,
        "[1::2::3]"sv,
        "[00001::]"sv,
        "[::g]"sv,
        "[:1]"sv,
        "[1:]"sv,
        "[127.0.0.1]"sv,
        "[::1.2.3]"sv,
        "[::1.2.3.256]"sv,
        "[1.2.3.4::]"sv,
        "[::1%25a]"sv,
        "[::1%a]"sv,
        "[ ::1]"sv,
        "[::1 ]"sv,
        "[::1]]"sv,
        "[[::1]"sv,
        "[::1\0]"sv,
        "[::1\0x]"sv,
        "[\0]"sv,
        "a[::1]"sv,
        "[::1]a"sv,
        "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]"sv}) {
    EXPECT_FALSE(IsHostAndPort(text)) << text;
    EXPECT_FALSE(IsTarget("CONNECT", std::string(text) + ":1")) << text;
    const std::string absolute = "http://" + std::string(text) + "/";
    EXPECT_FALSE(IsTarget("GET", absolute)) << text;
  }
}

TEST(RequestTargetTest, Rfc3986_3_2_3_TakesPorts) {
  for (const std::string_view text :
       {"a:", "a:0", "a:80", "a:65535", "a:007"}) {
    EXPECT_TRUE(IsHostAndPort(text)) << text;
  }
  for (const std::string_view text :
       {"a::", "a:80:", "a:-1", "a:+1", "a: 1", "a:1 ", "a:0x1", "a:1.0"}) {
    EXPECT_FALSE(IsHostAndPort(text)) << text;
  }
}

}  // namespace
}  // namespace rondo
