// More, in messages, are in field_cases.cc and trailer_cases.cc.
#include "net/http/field_line.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/http/http_error.h"
#include "net/http/request_head.h"

namespace rondo {
namespace {

using std::string_view_literals::operator""sv;

TEST(FieldLineTest, Rfc9112_5_HasANameAndAValue) {
  struct {
    std::string_view line;
    std::string_view name;
    std::string_view value;
  } const cases[] = {
      {"A: b", "A", "b"},
      {"A:b", "A", "b"},
      {"a-B: C d", "a-B", "C d"},
      {"A:", "A", ""},
      {"A: ", "A", ""},
      {"A: \t b \tc\t ", "A", "b \tc"},
      {"A::b", "A", ":b"},
      {"A: b: c", "A", "b: c"},
      {"!#$%&'*+-.^_`|~09azAZ: x", "!#$%&'*+-.^_`|~09azAZ", "x"},
      {"A: \xc3\xa9\xff", "A", "\xc3\xa9\xff"},
      {"A: \"b\\\"", "A", "\"b\\\""},
  };
  for (const auto& [line, name, value] : cases) {
    HttpField field;
    HttpError error;
    EXPECT_TRUE(ParseFieldLine(line, field, error)) << line;
    EXPECT_EQ(field.name, name) << line;
    EXPECT_EQ(field.value, value) << line;
    EXPECT_EQ(error.status, HttpStatus::kOk) << line;
  }
}

TEST(FieldLineTest, Rfc9112_5_SaysWhatIsWrong) {
  constexpr std::string_view kNoName = "a field line has no name";
  constexpr std::string_view kNoColon = "a field line has no colon";
  constexpr std::string_view kFolded = "a field line begins with whitespace";
  constexpr std::string_view kSpace =
      "whitespace stands before a field's colon";
  constexpr std::string_view kBadName =
      "a field's name has a byte that no token has";
  constexpr std::string_view kBadValue = "a field's value has a control byte";
  struct {
    std::string_view line;
    std::string_view reason;
  } const cases[] = {
      {":", kNoName},          {": b", kNoName},
      {"\x7f: b", kNoName},    {"", kNoName},
      {"A", kNoColon},         {"Abc-d", kNoColon},
      {" A: b", kFolded},      {"\tA: b", kFolded},
      {" ", kFolded},          {"A : b", kSpace},
      {"A\t: b", kSpace},      {"A b", kSpace},
      {"A(: b", kBadName},     {"A\xc3\xa9: b", kBadName},
      {"A\0: b"sv, kBadName},  {"A\r: b", kBadName},
      {"A;b", kBadName},       {"A: \0"sv, kBadValue},
      {"A: b\rc", kBadValue},  {"A: b\r", kBadValue},
      {"A: b\nc", kBadValue},  {"A:\x7f", kBadValue},
      {"A: b\x1f", kBadValue}, {"A: \vb", kBadValue},
  };
  for (const auto& [line, reason] : cases) {
    HttpField field;
    HttpError error;
    EXPECT_FALSE(ParseFieldLine(line, field, error)) << line;
    EXPECT_EQ(error.reason, reason) << line;
    EXPECT_EQ(error.status, HttpStatus::kBadRequest) << line;
  }
}

TEST(FieldLineTest, IsViewsOfTheLine) {
  const std::string line = "Name:  value ";
  HttpField field;
  HttpError error;
  ASSERT_TRUE(ParseFieldLine(line, field, error));
  EXPECT_EQ(field.name.data(), line.data());
  EXPECT_EQ(field.value.data(), line.data() + 7);
}

}  // namespace
}  // namespace rondo
