// More, in messages, are among the chunk extensions and the transfer codings.
#include "net/http/parameters.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace rondo {
namespace {

using std::string_view_literals::operator""sv;

TEST(ParametersTest, Rfc9112_7_Takes) {
  for (const std::string_view text :
       {"", ";a", ";a=b", ";a;b;c", ";a=b;c;d=e", " ;a", "\t; \ta", ";a = b",
        ";a=b ; c", ";a= \tb", ";!#$%&'*+-.^_`|~09azAZ=~"}) {
    EXPECT_TRUE(AreParameters(text)) << text;
  }
}

TEST(ParametersTest, Rfc9112_7_Refuses) {
  for (const std::string_view text :
       {" "sv,       "\t"sv,     "a"sv,      "a=b"sv,       "=b"sv,
        ";"sv,       "; "sv,     ";;a"sv,    ";a;"sv,       ";a; "sv,
        ";a "sv,     ";a=b "sv,  ";=b"sv,    ";a="sv,       ";a= "sv,
        ";a=;b"sv,   ";a==b"sv,  ";a=b=c"sv, ";a b"sv,      ";a=b c"sv,
        ";a,b"sv,    ";a=b,c"sv, ";a:b"sv,   ";a\r"sv,      ";a\n;b"sv,
        "\r;a"sv,    ";a\0"sv,   "\0"sv,     ";\xc3\xa9"sv, ";a=\xc3\xa9"sv,
        ";a=b\x7f"sv}) {
    EXPECT_FALSE(AreParameters(text)) << text;
  }
}

TEST(ParametersTest, Rfc9110_5_6_4_TakesQuotedStrings) {
  for (const std::string_view text :
       {R"(;a="")", R"(;a="b")", R"(;a="b;c=d, e")", R"(;a=" ")", R"(;a="\"")",
        R"(;a="\\")", R"(;a="\b\;")", R"(;a="b";c="d")", R"(;a = "b" ; c)",
        ";a=\"\t\\\t\xc3\xa9\\\xff\""}) {
    EXPECT_TRUE(AreParameters(text)) << text;
  }
}

TEST(ParametersTest, Rfc9110_5_6_4_RefusesWhatIsNoQuotedString) {
  for (const std::string_view text :
       {R"(;a=")"sv, R"(;a="b)"sv, R"(;a="\")"sv, R"(;a="\)"sv, R"(;a="\\\")"sv,
        R"(;a="b"c)"sv, R"(;a=b"c")"sv, R"(;a="b""c")"sv, R"(;"a"=b)"sv,
        R"(;"a")"sv, R"(;a='b c')"sv, ";a=\"\0\""sv, ";a=\"\\\0\""sv,
        ";a=\"\r\n\""sv, ";a=\"\\\r\""sv, ";a=\"\n\""sv, ";a=\"\x7f\""sv,
        ";a=\"\\\x7f\""sv}) {
    EXPECT_FALSE(AreParameters(text)) << text;
  }
}

// What is looked at ends where the text does.
TEST(ParametersTest, DoesNotReadOn) {
  const std::string_view text = R"(;a="b";c=d)";
  EXPECT_TRUE(AreParameters(text.substr(0, 2)));
  EXPECT_FALSE(AreParameters(text.substr(0, 3)));
  EXPECT_FALSE(AreParameters(text.substr(0, 5)));
  EXPECT_TRUE(AreParameters(text.substr(0, 6)));
  EXPECT_FALSE(AreParameters(text.substr(0, 7)));
}

}  // namespace
}  // namespace rondo
