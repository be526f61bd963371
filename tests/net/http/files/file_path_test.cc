#include "net/http/files/file_path.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace rondo {
namespace {

using Hidden = FilePath::Hidden;

// What system calls get; "none" if it can be no file's.
std::string Parse(std::string_view path, Hidden hidden = Hidden::kRefused) {
  const auto parsed = FilePath::Parse(path, hidden);
  return parsed.has_value() ? parsed->c_str() : "none";
}

TEST(FilePathTest, Rfc3986_3_3_IsRelativeAndDecoded) {
  struct Case {
    std::string_view path;
    std::string_view relative;
    std::string_view name;
    bool is_directory = false;
  };
  for (const auto& [path, relative, name, is_directory] : {
           Case{"/", ".", "", true},
           {"/a", "a", "a"},
           {"/a/", "a/", "a", true},
           {"/a/b.html", "a/b.html", "b.html"},
           {"/a/b/", "a/b/", "b", true},
           {"/a%20b/%63", "a b/c", "c"},
           {"/a+b", "a+b", "a+b"},
           {"/%C3%A4%ff", "\xc3\xa4\xff", "\xc3\xa4\xff"},
           {"/%25", "%", "%"},
           {"/a:b@c;d=e,f", "a:b@c;d=e,f", "a:b@c;d=e,f"},
           {"/a\\b", "a\\b", "a\\b"},
           {"/a./b..", "a./b..", "b.."},
           {"/a/..b...", "none", ""},
           {"/~", "~", "~"},
       }) {
    EXPECT_EQ(Parse(path), relative) << path;
    const auto parsed = FilePath::Parse(path, Hidden::kRefused);
    if (!parsed.has_value()) continue;
    EXPECT_EQ(parsed->name(), name) << path;
    EXPECT_EQ(parsed->is_directory(), is_directory) << path;
  }
}

TEST(FilePathTest, Rfc3986_5_2_4_DotSegmentsLeadNowhere) {
  for (const std::string_view path :
       {"/.", "/..", "/./", "/../", "/../etc/passwd", "/a/..", "/a/../b",
        "/a/./b", "/a/.", "/%2e%2e/etc/passwd", "/%2E%2E/", "/.%2e/a",
        "/%2e./a", "/%2e/a", "/a/%2e%2e/%2e%2e/b", "/..%2fetc/passwd",
        "/..%2Fetc", "/%2e%2e%2fetc"}) {
    EXPECT_EQ(Parse(path, Hidden::kRefused), "none") << path;
    EXPECT_EQ(Parse(path, Hidden::kTaken), "none") << path;
  }
}

TEST(FilePathTest, Rfc3986_2_4_IsDecodedOnce) {
  EXPECT_EQ(Parse("/%252e%252e/a"), "%2e%2e/a");
  EXPECT_EQ(Parse("/%252fa"), "%2fa");
  EXPECT_EQ(Parse("/a%2500"), "a%00");
}

TEST(FilePathTest, WhatNoFileIsCalledIsNone) {
  for (const std::string_view path :
       {"",      "*",    "a",     "a/b",        "//",        "//a",
        "/a//b", "/a//", "///",   "/%2f",       "/a%2fb",    "/a%2Fb",
        "/a%2f", "/%00", "/a%00", "/a%00.html", "/%00/a",    "/%",
        "/%4",   "/%zz", "/a%2",  "\\a",        "http://a/b"}) {
    EXPECT_EQ(Parse(path, Hidden::kTaken), "none") << path;
  }
  EXPECT_EQ(Parse(std::string_view("/a\0b", 4)), "none");
}

TEST(FilePathTest, HiddenNamesAreTakenIfSaidSo) {
  for (const std::string_view path :
       {"/.htpasswd", "/.git/config", "/a/.env", "/%2egit/config", "/...",
        "/a/.b/c", "/.a/", "/a/.well-known/b", "/.well-knownx/a"}) {
    EXPECT_EQ(Parse(path, Hidden::kRefused), "none") << path;
    EXPECT_NE(Parse(path, Hidden::kTaken), "none") << path;
  }
}

TEST(FilePathTest, Rfc8615_3_WellKnownIsNotHidden) {
  EXPECT_EQ(Parse("/.well-known/security.txt"), ".well-known/security.txt");
  EXPECT_EQ(Parse("/.well-known/.hidden"), "none");
}

TEST(FilePathTest, ToStringIsToBeRead) {
  EXPECT_EQ(FilePath::Parse("/", Hidden::kRefused)->ToString(), "/");
  EXPECT_EQ(FilePath::Parse("/a%20b/", Hidden::kRefused)->ToString(), "/a b/");
}

TEST(FilePathTest, HasChildrenAndSiblings) {
  const FilePath root = *FilePath::Parse("/", Hidden::kRefused);
  EXPECT_STREQ(root.Child("index.html").c_str(), "index.html");
  const FilePath folder = *FilePath::Parse("/a/", Hidden::kRefused);
  EXPECT_STREQ(folder.Child("index.html").c_str(), "a/index.html");
  EXPECT_STREQ(folder.Child("b").WithSuffix(".gz").c_str(), "a/b.gz");
}

TEST(FilePathDeathTest, OnlyFoldersHaveChildrenAndOnlyFilesSuffixes) {
  const FilePath file = *FilePath::Parse("/a", Hidden::kRefused);
  const FilePath folder = *FilePath::Parse("/a/", Hidden::kRefused);
  EXPECT_DEATH(file.Child("b"), "is_directory");
  EXPECT_DEATH(folder.WithSuffix(".gz"), "is_directory");
}

}  // namespace
}  // namespace rondo
