#include "net/http/files/mime_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using TextIs = MimeTypes::TextIs;

MimeTypes Types(std::string_view content, TextIs text_is = TextIs::kUnsaid) {
  auto types = MimeTypes::Parse(content, "types", text_is);
  EXPECT_TRUE(types.ok()) << types.status();
  return types.ok() ? *types : MimeTypes();
}

TEST(MimeTypesTest, FindsByExtension) {
  const MimeTypes types = Types(
      "# a comment\n"
      "\n"
      "text/html html htm\n"
      "application/gzip\t\tgz\n"
      "application/x-tar\ttar\t# and a comment\n"
      "image/svg+xml \tsvg svgz  \r\n"
      "application/x-nothing\n"
      "video/mp4 mp4");
  struct Case {
    std::string_view name;
    std::string_view type;
  };
  for (const auto& [name, type] : {
           Case{"a.html", "text/html"},
           {"a.htm", "text/html"},
           {"A.HTML", "text/html"},
           {"a.b.html", "text/html"},
           {"a.tar", "application/x-tar"},
           {"a.tar.gz", "application/gzip"},
           {"a.svgz", "image/svg+xml"},
           {"a.mp4", "video/mp4"},
           {".html", "text/html"},
           {"/b.gz/a.html", "text/html"},
           {"a.html/a", MimeTypes::kUnknown},
           {"a", MimeTypes::kUnknown},
           {"html", MimeTypes::kUnknown},
           {"", MimeTypes::kUnknown},
           {"a.", MimeTypes::kUnknown},
           {".", MimeTypes::kUnknown},
           {"a.html ", MimeTypes::kUnknown},
           {"a.htmlx", MimeTypes::kUnknown},
           {"a.comment", MimeTypes::kUnknown},
           {"a.#", MimeTypes::kUnknown},
           {std::string_view("a.html\0", 7), MimeTypes::kUnknown},
       }) {
    EXPECT_EQ(types.Find(name), type) << name;
  }
  EXPECT_EQ(types.size(), 7u);
}

TEST(MimeTypesTest, ExtensionsOfTheListAreInAnyCase) {
  EXPECT_EQ(Types("a/b C").Find("x.c"), "a/b");
}

TEST(MimeTypesTest, TheLaterOfTwoTypesCounts) {
  EXPECT_EQ(Types("a/one x\na/two x y").Find("a.x"), "a/two");
}

TEST(MimeTypesTest, WithoutAListNothingIsKnown) {
  EXPECT_EQ(MimeTypes().Find("a.html"), "application/octet-stream");
}

TEST(MimeTypesTest, TextIsUtf8IfSaidSo) {
  constexpr std::string_view kList =
      "text/a a\nTEXT/b b\ntextual/c c\nd/text d";
  const MimeTypes utf8 = Types(kList, TextIs::kUtf8);
  EXPECT_EQ(utf8.Find("x.a"), "text/a; charset=utf-8");
  EXPECT_EQ(utf8.Find("x.b"), "TEXT/b; charset=utf-8");
  EXPECT_EQ(utf8.Find("x.c"), "textual/c");
  EXPECT_EQ(utf8.Find("x.d"), "d/text");
  EXPECT_EQ(Types(kList, TextIs::kUnsaid).Find("x.a"), "text/a");
}

// The type stands in the head of an answer.
TEST(MimeTypesTest, Rfc9110_8_3_1_RefusesWhatIsNoMediaType) {
  for (const std::string_view line :
       {"html", "html text/html", "text/ html", "/html html", "text//html html",
        "text/html; html", "te\x01xt/html html", "a/b/c d", "\"a\"/b c"}) {
    const std::string content = "a/b c\n" + std::string(line) + "\nd/e f\n";
    const auto types = MimeTypes::Parse(content, "some.types");
    ASSERT_TRUE(absl::IsInvalidArgument(types.status())) << line;
    EXPECT_THAT(types.status().message(),
                AllOf(HasSubstr("line 2 of 'some.types'"),
                      HasSubstr("'" + std::string(line) + "'")));
  }
}

TEST(MimeTypesTest, LoadsTheSystemsList) {
  const auto types = MimeTypes::Load();
  ASSERT_TRUE(types.ok()) << types.status();
  EXPECT_GT(types->size(), 500u);
  EXPECT_EQ(types->Find("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(types->Find("a.png"), "image/png");
  EXPECT_EQ(types->Find("a.tar.gz"), "application/gzip");
  EXPECT_EQ(types->Find("a.nosuchextension"), MimeTypes::kUnknown);
}

TEST(MimeTypesTest, AFileThatIsNotThereIsNamedWithTheRemedy) {
  const auto types = MimeTypes::Load("/nonexistent/mime.types");
  ASSERT_TRUE(absl::IsNotFound(types.status())) << types.status();
  EXPECT_THAT(types.status().message(),
              AllOf(HasSubstr("/nonexistent"), HasSubstr("media-types")));
}

TEST(MimeTypesTest, AFolderIsNoList) {
  const auto types = MimeTypes::Load(testing::TempDir());
  ASSERT_FALSE(types.ok());
  EXPECT_THAT(types.status().message(), HasSubstr(testing::TempDir()));
}

TEST(MimeTypesTest, AFileThatIsTooLargeIsNoList) {
  const std::string path = testing::TempDir() + "/large.types";
  std::ofstream(path) << std::string(MimeTypes::kMaxFileBytes, '#');
  EXPECT_TRUE(MimeTypes::Load(path).ok());
  std::ofstream(path, std::ios::app) << '#';
  EXPECT_TRUE(absl::IsInvalidArgument(MimeTypes::Load(path).status()));
}

}  // namespace
}  // namespace rondo
