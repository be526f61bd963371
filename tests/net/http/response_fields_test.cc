#include "net/http/response_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace rondo {
namespace {

TEST(ResponseFieldsTest, KeepsLinesInTheirOrder) {
  ResponseFields fields;
  EXPECT_TRUE(fields.empty());
  EXPECT_TRUE(fields.Add("ETag", "\"a\""));
  EXPECT_TRUE(fields.Add("Set-Cookie", "a=b"));
  EXPECT_TRUE(fields.Add("Set-Cookie", "c=d"));
  EXPECT_EQ(fields.lines(),
            "ETag: \"a\"\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n");
  EXPECT_FALSE(fields.empty());
  fields.Clear();
  EXPECT_EQ(fields.lines(), "");
  EXPECT_TRUE(fields.empty());
}

TEST(ResponseFieldsTest, Rfc9110_5_5_LeavesOutWhitespaceAroundTheValue) {
  ResponseFields fields;
  EXPECT_TRUE(fields.Add("A", " \tb \tc\t "));
  EXPECT_TRUE(fields.Add("Empty", ""));
  EXPECT_TRUE(fields.Add("Blank", " \t"));
  EXPECT_EQ(fields.lines(), "A: b \tc\r\nEmpty: \r\nBlank: \r\n");
}

TEST(ResponseFieldsTest, Rfc9110_5_5_RefusesControlBytes) {
  ResponseFields fields;
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    EXPECT_EQ(fields.Add("X", "a" + byte + "b"), !control) << c;
    EXPECT_EQ(fields.Add("X", byte), !control) << c;
  }
}

TEST(ResponseFieldsTest, Rfc9112_11_1_NothingIsSmuggledIn) {
  ResponseFields fields;
  for (const std::string_view value :
       {"a\r\nSet-Cookie: b", "a\r\n\r\nbody", "a\nb", "a\r", "\n", "\r\n b"}) {
    EXPECT_FALSE(fields.Add("Location", value)) << value;
    EXPECT_FALSE(fields.Add(value, "a")) << value;
  }
  EXPECT_FALSE(fields.Add("X", std::string_view("\0", 1)));
  EXPECT_EQ(fields.lines(), "");
}

TEST(ResponseFieldsTest, Rfc9110_5_1_ANameIsAToken) {
  ResponseFields fields;
  for (const std::string_view name :
       {"", " ", "A ", " A", "A B", "A:", ":", "A\t", "\"A\"", "A(b)", "A/b",
        "\xc3\xa9", "\x7f"}) {
    EXPECT_FALSE(fields.Add(name, "a")) << name;
  }
  EXPECT_FALSE(fields.Add(std::string_view("A\0", 2), "a"));
  EXPECT_TRUE(fields.empty());
  EXPECT_TRUE(fields.Add("!#$%&'*+-.^_`|~09azAZ", "a"));
}

TEST(ResponseFieldsTest, RefusesWhatTheHeadSays) {
  ResponseFields fields;
  for (const std::string_view name :
       {"Connection", "Content-Length", "Content-Type", "Date",
        "Transfer-Encoding", "connection", "CONTENT-LENGTH", "cOnTeNt-TyPe",
        "dAtE", "transfer-encoding"}) {
    EXPECT_FALSE(fields.Add(name, "a")) << name;
  }
  EXPECT_TRUE(fields.empty());
  for (const std::string_view name :
       {"Content-Language", "Dates", "Dat", "X-Date", "Server", "Upgrade"}) {
    EXPECT_TRUE(fields.Add(name, "a")) << name;
  }
}

}  // namespace
}  // namespace rondo
