#include "net/http/files/file_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Fields = std::vector<HttpField>;

// The file of these tests, and what an answer's slices are cut from.
constexpr std::string_view kContent = "0123456789abcdefghij";
constexpr absl::Time kModified = absl::FromUnixSeconds(784'111'777);
// An hour later.
constexpr absl::Time kNow = absl::FromUnixSeconds(784'115'377);
constexpr std::string_view kLastModified = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kTag = "\"1-14-ae1b981bc490a00\"";

struct Options {
  uint64_t bytes = kContent.size();
  absl::Time modified = kModified;
  ContentCoding coding = ContentCoding::kIdentity;
  bool varies = false;
};

FileAnswer Plan(std::string_view method, const Fields& fields,
                const Options& options = {}) {
  OpenFile file;
  file.bytes = options.bytes;
  file.inode = 1;
  file.modified = options.modified;
  return FileAnswer::Plan(method, fields,
                          {.file = file,
                           .content_type = "text/plain",
                           .coding = options.coding,
                           .varies = options.varies},
                          kNow);
}

int StatusOf(const FileAnswer& answer) {
  return static_cast<int>(answer.status);
}

std::vector<std::pair<std::string, std::string>> FieldsOf(
    const FileAnswer& answer) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : answer.fields) {
    fields.emplace_back(name, value);
  }
  return fields;
}

std::string ValueOf(const FileAnswer& answer, std::string_view name) {
  for (const FileAnswer::Field& field : answer.fields) {
    if (field.name == name) return field.value;
  }
  return "none";
}

// What is sent, checked to be as long as is said.
std::string BodyOf(const FileAnswer& answer) {
  std::string body;
  for (const FileAnswer::Part& part : answer.parts) {
    body += part.text;
    body += kContent.substr(part.offset, part.bytes);
  }
  EXPECT_EQ(body.size(), answer.content_length);
  return body;
}

TEST(FileAnswerTest, Rfc9110_15_3_1_AllOfIt) {
  const FileAnswer answer = Plan("GET", {});
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(FieldsOf(answer),
              UnorderedElementsAre(Pair("ETag", kTag),
                                   Pair("Last-Modified", kLastModified),
                                   Pair("Accept-Ranges", "bytes")));
  EXPECT_EQ(answer.content_type, "text/plain");
  EXPECT_EQ(BodyOf(answer), kContent);
}

TEST(FileAnswerTest, AnEmptyFileHasNoParts) {
  const FileAnswer answer = Plan("GET", {}, {.bytes = 0});
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(answer.content_length, 0u);
  EXPECT_THAT(answer.parts, IsEmpty());
}

TEST(FileAnswerTest, Rfc9110_8_8_2_1_OfAFileOfTheFuture) {
  const FileAnswer answer =
      Plan("GET", {}, {.modified = kNow + absl::Hours(1)});
  EXPECT_EQ(ValueOf(answer, "Last-Modified"), "Sun, 06 Nov 1994 09:49:37 GMT");
  EXPECT_EQ(ValueOf(answer, "ETag").substr(0, 3), "W/\"");
}

TEST(FileAnswerTest, Rfc9110_12_5_5_ACompressedFileSaysSo) {
  const FileAnswer answer =
      Plan("GET", {}, {.coding = ContentCoding::kGzip, .varies = true});
  EXPECT_THAT(FieldsOf(answer),
              UnorderedElementsAre(Pair("ETag", kTag),
                                   Pair("Last-Modified", kLastModified),
                                   Pair("Accept-Ranges", "bytes"),
                                   Pair("Content-Encoding", "gzip"),
                                   Pair("Vary", "Accept-Encoding")));
}

TEST(FileAnswerTest, Rfc9110_12_5_5_WhatIsSentPlainMayVary) {
  const FileAnswer answer = Plan("GET", {}, {.varies = true});
  EXPECT_EQ(ValueOf(answer, "Vary"), "Accept-Encoding");
  EXPECT_EQ(ValueOf(answer, "Content-Encoding"), "none");
}

TEST(FileAnswerTest, Rfc9110_15_3_7_1_ARange) {
  struct Case {
    std::string_view range;
    std::string_view content_range;
    std::string_view body;
  };
  for (const auto& [range, content_range, body] : {
           Case{"bytes=0-4", "bytes 0-4/20", "01234"},
           {"bytes=5-5", "bytes 5-5/20", "5"},
           {"bytes=18-", "bytes 18-19/20", "ij"},
           {"bytes=-3", "bytes 17-19/20", "hij"},
           {"bytes=0-", "bytes 0-19/20", kContent},
           {"bytes=10-1000", "bytes 10-19/20", "abcdefghij"},
           // A list of one that is there is one range.
           {"bytes=5-6,100-200", "bytes 5-6/20", "56"},
       }) {
    const FileAnswer answer = Plan("GET", {{"Range", range}});
    EXPECT_EQ(StatusOf(answer), 206) << range;
    EXPECT_EQ(BodyOf(answer), body) << range;
    EXPECT_THAT(FieldsOf(answer),
                UnorderedElementsAre(Pair("ETag", kTag),
                                     Pair("Last-Modified", kLastModified),
                                     Pair("Accept-Ranges", "bytes"),
                                     Pair("Content-Range", content_range)));
    EXPECT_EQ(answer.content_type, "text/plain") << range;
  }
}

TEST(FileAnswerTest, Rfc9110_15_3_7_2_SeveralRanges) {
  const FileAnswer answer =
      Plan("GET", {{"Range", "bytes=0-1, 5-7, -1"}}, {.varies = true});
  EXPECT_EQ(StatusOf(answer), 206);
  const std::string type = answer.content_type;
  const std::string begin = "multipart/byteranges; boundary=";
  ASSERT_EQ(type.substr(0, begin.size()), begin);
  const std::string boundary = type.substr(begin.size());
  EXPECT_EQ(BodyOf(answer),
            "--" + boundary +
                "\r\nContent-Type: text/plain"
                "\r\nContent-Range: bytes 0-1/20\r\n\r\n01\r\n--" +
                boundary +
                "\r\nContent-Type: text/plain"
                "\r\nContent-Range: bytes 5-7/20\r\n\r\n567\r\n--" +
                boundary +
                "\r\nContent-Type: text/plain"
                "\r\nContent-Range: bytes 19-19/20\r\n\r\nj\r\n--" +
                boundary + "--\r\n");
  // The whole has no Content-Range.
  EXPECT_THAT(FieldsOf(answer),
              UnorderedElementsAre(Pair("ETag", kTag),
                                   Pair("Last-Modified", kLastModified),
                                   Pair("Accept-Ranges", "bytes"),
                                   Pair("Vary", "Accept-Encoding")));
}

TEST(FileAnswerTest, Rfc9110_8_4_RangesOfACompressedFile) {
  struct Case {
    std::string_view range;
    int status;
    std::string_view content_range;
    std::string_view body;
  };
  for (const auto& [range, status, content_range, body] : {
           Case{"bytes=0-4", 206, "bytes 0-4/20", "01234"},
           {"bytes=5-6,100-200", 206, "bytes 5-6/20", "56"},
           // What stands around them would not be compressed.
           {"bytes=0-1,5-7", 200, "none", kContent},
       }) {
    const FileAnswer answer =
        Plan("GET", {{"Range", range}}, {.coding = ContentCoding::kGzip});
    EXPECT_EQ(StatusOf(answer), status) << range;
    EXPECT_EQ(ValueOf(answer, "Content-Range"), content_range) << range;
    EXPECT_EQ(ValueOf(answer, "Content-Encoding"), "gzip") << range;
    EXPECT_EQ(answer.content_type, "text/plain") << range;
    EXPECT_EQ(BodyOf(answer), body) << range;
  }
}

TEST(FileAnswerTest, Rfc9110_14_2_WhatIsNotWorthItIsSentWhole) {
  for (const std::string_view range :
       {"bytes=0-,0-", "bytes=0-10,10-19", "bytes=-20,-1", "bytes=x",
        "lines=0-1", "bytes=5-1", "bytes=0-,0-,0-"}) {
    const FileAnswer answer = Plan("GET", {{"Range", range}});
    EXPECT_EQ(StatusOf(answer), 200) << range;
    EXPECT_EQ(BodyOf(answer), kContent) << range;
    EXPECT_EQ(ValueOf(answer, "Content-Range"), "none") << range;
    EXPECT_EQ(answer.content_type, "text/plain") << range;
  }
  EXPECT_EQ(StatusOf(Plan("GET", {{"Range", "bytes=0-9,10-19"}})), 206);
}

TEST(FileAnswerTest, TakesTheLargestFiles) {
  constexpr uint64_t kHuge = INT64_MAX;
  const FileAnswer answer = Plan(
      "GET", {{"Range", "bytes=0-,1-9223372036854775000"}}, {.bytes = kHuge});
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(answer.content_length, kHuge);
  const FileAnswer last =
      Plan("GET", {{"Range", "bytes=-1"}}, {.bytes = kHuge});
  EXPECT_EQ(
      ValueOf(last, "Content-Range"),
      "bytes 9223372036854775806-9223372036854775806/9223372036854775807");
}

TEST(FileAnswerTest, Rfc9110_15_5_17_ARangeBehindTheEnd) {
  const FileAnswer answer = Plan("GET", {{"Range", "bytes=20-"}});
  EXPECT_EQ(StatusOf(answer), 416);
  EXPECT_THAT(FieldsOf(answer),
              ElementsAre(Pair("Content-Range", "bytes */20")));
  EXPECT_EQ(answer.content_type, "");
  EXPECT_EQ(BodyOf(answer), "");
  EXPECT_EQ(ValueOf(Plan("GET", {{"Range", "bytes=0-"}}, {.bytes = 0}),
                    "Content-Range"),
            "bytes */0");
}

TEST(FileAnswerTest, Rfc9110_15_4_5_NotModifiedHasTheTag) {
  for (const std::string_view method : {"GET", "HEAD"}) {
    const FileAnswer answer =
        Plan(method, {{"If-None-Match", kTag}},
             {.coding = ContentCoding::kGzip, .varies = true});
    EXPECT_EQ(StatusOf(answer), 304);
    EXPECT_THAT(FieldsOf(answer),
                UnorderedElementsAre(Pair("ETag", kTag),
                                     Pair("Vary", "Accept-Encoding")));
    EXPECT_EQ(answer.content_type, "");
    EXPECT_EQ(BodyOf(answer), "");
  }
}

TEST(FileAnswerTest, Rfc9110_15_5_13_AConditionThatDoesNotHold) {
  const FileAnswer answer = Plan("GET", {{"If-Match", "\"other\""}});
  EXPECT_EQ(StatusOf(answer), 412);
  EXPECT_THAT(answer.fields, IsEmpty());
  EXPECT_EQ(answer.content_type, "");
  EXPECT_EQ(BodyOf(answer), "");
}

TEST(FileAnswerTest, Rfc9110_13_ConditionsAreOfThisFile) {
  struct Case {
    Fields fields;
    int status;
  };
  const HttpField range = {"Range", "bytes=0-1"};
  for (const auto& [fields, status] : std::vector<Case>{
           {{{"If-Match", kTag}}, 200},
           {{{"If-None-Match", "W/\"1-14-ae1b981bc490a00\""}}, 304},
           {{{"If-None-Match", "\"other\""}}, 200},
           {{{"If-Modified-Since", kLastModified}}, 304},
           {{{"If-Unmodified-Since", kLastModified}}, 200},
           {{range, {"If-Range", kTag}}, 206},
           {{range, {"If-Range", kLastModified}}, 206},
           {{range, {"If-Range", "\"other\""}}, 200},
           {{{"Range", "bytes=20-"}, {"If-Range", "\"other\""}}, 200},
           {{{"Range", "bytes=20-"}, {"If-None-Match", kTag}}, 304},
       }) {
    EXPECT_EQ(StatusOf(Plan("GET", fields)), status)
        << fields.front().name << ": " << fields.front().value;
  }
}

TEST(FileAnswerTest, Rfc9110_8_8_2_2_AFileJustWrittenHasNoRangesPutTogether) {
  const HttpField range = {"Range", "bytes=0-1"};
  const Options young = {.modified = kNow};
  const std::string tag = ValueOf(Plan("GET", {}, young), "ETag");
  const std::string date = ValueOf(Plan("GET", {}, young), "Last-Modified");
  EXPECT_EQ(tag.substr(0, 2), "W/");
  EXPECT_EQ(StatusOf(Plan("GET", {range, {"If-Range", tag}}, young)), 200);
  EXPECT_EQ(StatusOf(Plan("GET", {range, {"If-Range", date}}, young)), 200);
  EXPECT_EQ(StatusOf(Plan("GET", {{"If-None-Match", tag}}, young)), 304);
}

TEST(FileAnswerTest, Rfc9110_9_3_2_HeadIsAsGetWithoutABody) {
  for (const Fields& fields :
       {Fields{}, Fields{{"If-None-Match", kTag}}, Fields{{"If-Match", "x"}}}) {
    const FileAnswer get = Plan("GET", fields);
    const FileAnswer head = Plan("HEAD", fields);
    EXPECT_EQ(head.status, get.status);
    EXPECT_EQ(FieldsOf(head), FieldsOf(get));
    EXPECT_EQ(head.content_type, get.content_type);
    EXPECT_EQ(head.content_length, get.content_length);
    EXPECT_THAT(head.parts, IsEmpty());
  }
}

TEST(FileAnswerTest, Rfc9110_14_2_HeadHasNoRanges) {
  const FileAnswer head = Plan("HEAD", {{"Range", "bytes=0-1"}});
  EXPECT_EQ(StatusOf(head), 200);
  EXPECT_EQ(head.content_length, kContent.size());
}

TEST(FileAnswerTest, Rfc9110_15_5_6_OtherMethodsAreNotAllowed) {
  for (const std::string_view method :
       {"POST", "PUT", "DELETE", "OPTIONS", "get", ""}) {
    const FileAnswer answer = Plan(method, {{"If-Match", "x"}});
    EXPECT_EQ(StatusOf(answer), 405) << method;
    EXPECT_THAT(FieldsOf(answer), ElementsAre(Pair("Allow", "GET, HEAD")));
    EXPECT_EQ(BodyOf(answer), "");
  }
}

}  // namespace
}  // namespace rondo
