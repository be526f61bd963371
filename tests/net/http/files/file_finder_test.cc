#include "net/http/files/file_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tests/net/http/files/temp_tree.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FileFinderTest : public testing::Test {
 protected:
  FileFinderTest() {
    temp_.MakeDirectory("with");
    temp_.Write("with/index.html", "index");
    temp_.MakeDirectory("without");
    temp_.Write("without/a.txt", "text");
    temp_.MakeDirectory("a:b c");
  }

  FileFinder Finder(const FileOptions& options = {}) const {
    auto types = MimeTypes::Parse("text/html html\ntext/plain txt", "types",
                                  MimeTypes::TextIs::kUnsaid);
    auto finder = FileFinder::Create(temp_.root(), options, *std::move(types));
    EXPECT_TRUE(finder.ok()) << finder.status();
    return *std::move(finder);
  }

  // What is found, as text.
  static std::string Find(const FileFinder& finder, std::string_view path,
                          std::string_view query = "") {
    const FoundFile found = finder.Find(path, query, {});
    EXPECT_EQ(found.has_file() || !found.page.empty(),
              found.status == HttpStatus::kOk);
    if (found.has_file()) return std::string(found.content_type);
    if (!found.page.empty()) return "page";
    const auto code = static_cast<int>(found.status);
    return std::to_string(code) +
           (found.location.empty() ? "" : " " + found.location);
  }

  TempTree temp_;
};

TEST_F(FileFinderTest, FilesFoldersAndNothing) {
  const FileFinder finder = Finder();
  struct Case {
    std::string_view path;
    std::string_view found;
  };
  for (const auto& [path, found] : {
           Case{"/with/index.html", "text/html"},
           {"/without/a.txt", "text/plain"},
           {"/with/", "text/html"},
           {"/without/", "403"},
           {"/", "403"},
           {"/nothing", "404"},
           {"/nothing/", "404"},
           {"/without/a.txt/", "404"},
           {"/with/index.html/", "404"},
           {"", "404"},
           {"*", "404"},
           {"//with/", "404"},
           {"/with/../without/a.txt", "404"},
           {"/../outside", "404"},
           {"/%2e%2e/outside", "404"},
           {"/without/a.txt%00.html", "404"},
       }) {
    EXPECT_EQ(Find(finder, path), found) << path;
  }
}

TEST_F(FileFinderTest, Rfc9110_10_2_2_AFolderAskedForAsAFileIsRedirected) {
  const FileFinder finder = Finder();
  EXPECT_EQ(Find(finder, "/with"), "301 with/");
  EXPECT_EQ(Find(finder, "/with", "a=b&c"), "301 with/?a=b&c");
  EXPECT_EQ(Find(finder, "/a:b%20c"), "301 a%3Ab%20c/");
}

TEST_F(FileFinderTest, ARedirectLeadsToNoOtherHost) {
  for (const std::string name :
       {"\\host", "http:host", "@host", "host:80", "%2fhost", "\r\nX: y"}) {
    temp_.MakeDirectory(name);
  }
  const FileFinder finder = Finder();
  struct Case {
    std::string_view path;
    std::string_view found;
  };
  for (const auto& [path, found] : {
           Case{"//with", "404"},
           {"///with", "404"},
           {"/%2fwith", "404"},
           {"/\\host", "301 %5Chost/"},
           {"/%5Chost", "301 %5Chost/"},
           {"/http:host", "301 http%3Ahost/"},
           {"/@host", "301 %40host/"},
           {"/host:80", "301 host%3A80/"},
           {"/%252fhost", "301 %252fhost/"},
           {"/%0D%0AX:%20y", "301 %0D%0AX%3A%20y/"},
       }) {
    EXPECT_EQ(Find(finder, path), found) << path;
  }
}

TEST_F(FileFinderTest, AnotherIndexOrNone) {
  temp_.Write("without/home.html", "home");
  EXPECT_EQ(Find(Finder({.index = "home.html"}), "/without/"), "text/html");
  EXPECT_EQ(Find(Finder({.index = "home.html"}), "/with/"), "403");
  EXPECT_EQ(Find(Finder({.index = ""}), "/with/"), "403");
}

TEST_F(FileFinderTest, AnIndexIsAFile) {
  temp_.MakeDirectory("without/index.html");
  EXPECT_EQ(Find(Finder(), "/without/"), "403");
}

TEST_F(FileFinderTest, AFolderToGoThroughHasItsIndex) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_EQ(chmod(temp_.Path("with").c_str(), 0311), 0);
  EXPECT_EQ(Find(Finder(), "/with/"), "text/html");
  ASSERT_EQ(chmod(temp_.Path("with").c_str(), 0755), 0);
}

TEST_F(FileFinderTest, AnIndexThatMayNotBeReadIsNotPassedOver) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_EQ(chmod(temp_.Path("with/index.html").c_str(), 0), 0);
  EXPECT_EQ(Find(Finder({.list_directories = true}), "/with/"), "403");
}

TEST_F(FileFinderTest, FoldersAreListedIfSaidSo) {
  const FileFinder finder = Finder({.list_directories = true});
  EXPECT_EQ(Find(finder, "/with/"), "text/html") << "an index comes first";
  EXPECT_EQ(Find(finder, "/nothing/"), "404");
  EXPECT_EQ(Find(finder, "/without"), "301 without/");
  const FoundFile found = finder.Find("/without/", "", {});
  EXPECT_EQ(found.status, HttpStatus::kOk);
  EXPECT_EQ(found.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(found.page, HasSubstr("href=\"a.txt\""));
}

TEST_F(FileFinderTest, AListHasSoManyNames) {
  const FileFinder finder =
      Finder({.list_directories = true, .max_listed_names = 2});
  EXPECT_THAT(finder.Find("/", "", {}).page, HasSubstr("There are more."));
  EXPECT_THAT(finder.Find("/without/", "", {}).page,
              Not(HasSubstr("There are more.")));
}

TEST_F(FileFinderTest, HiddenFilesAndLinksAreFoundIfSaidSo) {
  temp_.Write(".env.txt", "secret");
  temp_.Link("without/a.txt", "link.txt");
  EXPECT_EQ(Find(Finder(), "/.env.txt"), "404");
  EXPECT_EQ(Find(Finder(), "/link.txt"), "404");
  EXPECT_EQ(Find(Finder({.hidden = FilePath::Hidden::kTaken}), "/.env.txt"),
            "text/plain");
  EXPECT_EQ(
      Find(Finder({.links = FileTree::Links::kFollowedWithin}), "/link.txt"),
      "text/plain");
}

TEST_F(FileFinderTest, Rfc9110_12_5_3_CompressedFilesAreSentIfSaidSo) {
  temp_.Write("without/a.txt.gz", "compressed");
  temp_.Write("with/index.html.br", "compressed");
  const std::vector<HttpField> takes = {{"Accept-Encoding", "gzip, br"}};
  const std::vector<HttpField> refuses = {
      {"Accept-Encoding", "br, identity;q=0"}};

  const FoundFile plain = Finder().Find("/without/a.txt", "", takes);
  EXPECT_EQ(plain.coding, ContentCoding::kIdentity);
  EXPECT_FALSE(plain.varies);

  const FileFinder finder = Finder({.precompressed = true});
  const FoundFile gzip = finder.Find("/without/a.txt", "", takes);
  EXPECT_EQ(gzip.coding, ContentCoding::kGzip);
  EXPECT_EQ(gzip.content_type, "text/plain") << "that of what is in it";
  EXPECT_EQ(gzip.file.bytes, std::string("compressed").size());
  EXPECT_TRUE(gzip.varies);

  EXPECT_EQ(finder.Find("/with/", "", takes).coding, ContentCoding::kBrotli);

  const FoundFile none = finder.Find("/without/a.txt", "", refuses);
  EXPECT_EQ(none.status, HttpStatus::kNotAcceptable);
  EXPECT_FALSE(none.has_file());
  EXPECT_TRUE(none.varies);

  // Asked for by its own name it is a file like others.
  const FoundFile itself = finder.Find("/without/a.txt.gz", "", takes);
  EXPECT_EQ(itself.coding, ContentCoding::kIdentity);
  EXPECT_EQ(itself.content_type, MimeTypes::kUnknown);
}

TEST_F(FileFinderTest, WhatIsOpenedAgainIsWhatWasFound) {
  temp_.Write("without/a.txt.gz", "compressed");
  const FileFinder finder = Finder({.precompressed = true});
  for (const std::string_view taken : {"gzip", "identity"}) {
    for (const std::string_view path : {"/without/a.txt", "/with/"}) {
      FoundFile found = finder.Find(path, "", {{"Accept-Encoding", taken}});
      found.file.fd.Reset();
      EXPECT_EQ(finder.Reopen(found), FileError::kNone) << path << " " << taken;
      EXPECT_TRUE(found.has_file()) << path << " " << taken;
    }
  }
}

TEST_F(FileFinderTest, ABadSetUpIsAStatus) {
  EXPECT_TRUE(absl::IsNotFound(
      FileFinder::Create(temp_.Path("nothing"), {}, {}).status()));
  const auto finder =
      FileFinder::Create(temp_.root(), {.index = "../outside"}, {});
  EXPECT_TRUE(absl::IsInvalidArgument(finder.status()));
  EXPECT_THAT(finder.status().message(), HasSubstr("'../outside'"));
}

}  // namespace
}  // namespace rondo
