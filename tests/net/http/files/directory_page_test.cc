#include "net/http/files/directory_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = OpenFile::Kind;

constexpr absl::Time kModified = absl::FromUnixSeconds(784'111'777);

std::string Page(std::string_view path, const DirectoryListing& listing) {
  return DirectoryPage(*FilePath::Parse(path, FilePath::Hidden::kTaken),
                       listing);
}

std::string PageWith(const std::string& name) {
  return Page("/", {.entries = {{name, Kind::kRegular, 5, kModified}}});
}

TEST(DirectoryPageTest, HasARowForEach) {
  const std::string page =
      Page("/a/", {.entries = {{"folder", Kind::kDirectory, 4'096, kModified},
                               {"file", Kind::kRegular, 12'345, kModified}}});
  EXPECT_THAT(page, HasSubstr("<title>/a/</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>/a/</h1>"));
  EXPECT_THAT(page, HasSubstr("<tr><td><a href=\"folder/\">folder/</a></td>"
                              "<td></td><td>1994-11-06 08:49</td></tr>\n"));
  EXPECT_THAT(page, HasSubstr("<tr><td><a href=\"file\">file</a></td>"
                              "<td>12345</td><td>1994-11-06 08:49</td></tr>"));
  EXPECT_THAT(page, Not(HasSubstr("more")));
}

TEST(DirectoryPageTest, LeadsUpButNotOutOfTheRoot) {
  EXPECT_THAT(Page("/a/", {}), HasSubstr("href=\"../\""));
  EXPECT_THAT(Page("/a/b/", {}), HasSubstr("href=\"../\""));
  EXPECT_THAT(Page("/", {}), Not(HasSubstr("..")));
}

TEST(DirectoryPageTest, SaysThatThereAreMore) {
  EXPECT_THAT(Page("/", {.complete = false}), HasSubstr("There are more."));
}

TEST(DirectoryPageTest, NamesAreText) {
  struct Case {
    std::string_view name;
    std::string_view cell;
  };
  for (const auto& [name, cell] : {
           Case{"<script>", "<a href=\"%3Cscript%3E\">&lt;script&gt;</a>"},
           {"a&b;", "<a href=\"a%26b%3B\">a&amp;b;</a>"},
           {"\"x", "<a href=\"%22x\">&quot;x</a>"},
           {"'x", "<a href=\"%27x\">&#39;x</a>"},
           {"javascript:x()",
            "<a href=\"javascript%3Ax%28%29\">javascript:x()</a>"},
           {"a b", "<a href=\"a%20b\">a b</a>"},
           {"50%", "<a href=\"50%25\">50%</a>"},
           {"a?b#c", "<a href=\"a%3Fb%23c\">a?b#c</a>"},
           {"\\\\host", "<a href=\"%5C%5Chost\">\\\\host</a>"},
           {"\xc3\xa4", "<a href=\"%C3%A4\">\xc3\xa4</a>"},
       }) {
    EXPECT_THAT(PageWith(std::string(name)), HasSubstr(std::string(cell)));
  }
}

TEST(DirectoryPageTest, ThePathIsText) {
  const std::string page = Page("/%3Cb%3E&/", {});
  EXPECT_THAT(page, HasSubstr("<title>/&lt;b&gt;&amp;/</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>/&lt;b&gt;&amp;/</h1>"));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
}

}  // namespace
}  // namespace rondo
