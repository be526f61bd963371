#include "net/http/path_segments.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

using std::string_literals::operator""s;
using Texts = std::vector<std::string>;

// All segments; {"refused"} if the path is.
Texts Cut(std::string_view path) {
  PathSegments segments;
  if (!segments.Set(path)) return {"refused"};
  Texts texts;
  for (size_t i = 0; i < segments.size(); ++i) texts.emplace_back(segments[i]);
  return texts;
}

TEST(PathSegmentsTest, Rfc3986_3_3_CutsAtSlashes) {
  const std::vector<std::pair<std::string_view, Texts>> cases = {
      {"/", {""}},
      {"/a", {"a"}},
      {"/a/", {"a", ""}},
      {"/a/b", {"a", "b"}},
      {"//", {"", ""}},
      {"//a//b", {"", "a", "", "b"}},
      {"/./../a", {".", "..", "a"}},
      {"/a;b=c/d,e", {"a;b=c", "d,e"}},
  };
  for (const auto& [path, texts] : cases) {
    EXPECT_EQ(Cut(path), texts) << path;
    // An escape at the end does not change what is before it.
    Texts more = texts;
    more.back() += "%";
    EXPECT_EQ(Cut(std::string(path) + "%25"), more) << path;
  }
}

TEST(PathSegmentsTest, Rfc3986_2_4_DecodesOnceBehindTheCut) {
  const std::vector<std::pair<std::string_view, Texts>> cases = {
      {"/%61", {"a"}},
      {"/a%20b/c", {"a b", "c"}},
      {"/%2F", {"/"}},
      {"/%2f/%2F/", {"/", "/", ""}},
      {"/a%2Fb/c", {"a/b", "c"}},
      {"/%2541", {"%41"}},
      {"/%252F", {"%2F"}},
      {"/%00", {"\0"s}},
      {"/%2e%2E/a", {"..", "a"}},
      {"/+", {"+"}},
      {"/%2B+", {"++"}},
      {"/%c3%a9/%ff", {"\xc3\xa9", "\xff"}},
  };
  for (const auto& [path, texts] : cases) EXPECT_EQ(Cut(path), texts) << path;
}

TEST(PathSegmentsTest, Rfc3986_2_1_RefusesHalfAnEscape) {
  for (const std::string_view path : {"/%", "/%4", "/%/1", "/%4/1", "/a/%4",
                                      "/%%41", "/%4g", "/%+1", "/%41/%"}) {
    EXPECT_EQ(Cut(path), Texts{"refused"}) << path;
  }
}

TEST(PathSegmentsTest, GivesOutTheRest) {
  PathSegments segments;
  for (const std::string_view path : {"/a/b//c/", "/%61/%62/%2Fc/"}) {
    ASSERT_TRUE(segments.Set(path));
    EXPECT_EQ(segments.From(0), "a/b//c/") << path;
    EXPECT_EQ(segments.From(1), "b//c/") << path;
    EXPECT_EQ(segments.From(segments.size() - 1), "") << path;
  }
}

TEST(PathSegmentsTest, IsAViewOfAPathWithoutEscapes) {
  const std::string path = "/a/b";
  PathSegments segments;
  ASSERT_TRUE(segments.Set(path));
  EXPECT_EQ(segments[1].data(), path.data() + 3);
}

TEST(PathSegmentsTest, LeavesTogetherWhatIsTooMuch) {
  for (const std::string one : {"/a", "/%61"}) {
    std::string path;
    for (size_t i = 0; i < PathSegments::kMax; ++i) path += one;
    EXPECT_EQ(Cut(path), Texts(PathSegments::kMax, "a"));
    Texts texts(PathSegments::kMax, "a");
    texts.back() = "a/a//";
    EXPECT_EQ(Cut(path + one + "//"), texts);
    EXPECT_EQ(Cut(path + one + "/%2"), Texts{"refused"});
  }
}

TEST(PathSegmentsTest, BeginsAnewWithEachPath) {
  PathSegments segments;
  ASSERT_TRUE(segments.Set("/%61/b/c"));
  ASSERT_TRUE(segments.Set("/d"));
  EXPECT_EQ(segments.size(), 1u);
  EXPECT_EQ(segments[0], "d");
  ASSERT_FALSE(segments.Set("/a/%"));
  ASSERT_TRUE(segments.Set("/%65"));
  EXPECT_EQ(segments.size(), 1u);
  EXPECT_EQ(segments[0], "e");
}

TEST(PathSegmentsTest, AllocatesNothingForASecondPath) {
  const std::string path = "/" + std::string(200, 'a') + "/%20/b";
  PathSegments segments;
  ASSERT_TRUE(segments.Set(path));
  const size_t before = AllocationsOfThisThread().count;
  const bool good = segments.Set(path);
  EXPECT_EQ(AllocationsOfThisThread().count, before);
  EXPECT_TRUE(good);
}

}  // namespace
}  // namespace rondo
