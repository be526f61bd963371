#include "net/http/files/directory_listing.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/net/http/files/temp_tree.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Hidden = FilePath::Hidden;
using Links = FileTree::Links;

constexpr size_t kMany = 1'000;

class DirectoryListingTest : public testing::Test {
 protected:
  DirectoryListing Read(std::string_view url, size_t max_names = kMany,
                        Hidden hidden = Hidden::kRefused,
                        Links links = Links::kRefused) const {
    const auto tree = FileTree::Create(temp_.root(), links);
    const FilePath path = *FilePath::Parse(url, hidden);
    OpenFile directory;
    EXPECT_EQ(tree->Open(path, directory), FileError::kNone);
    auto listing = DirectoryListing::Read(*tree, path, hidden,
                                          std::move(directory), max_names);
    EXPECT_TRUE(listing.has_value());
    return listing.value_or(DirectoryListing());
  }

  static std::vector<std::string> Names(const DirectoryListing& listing) {
    std::vector<std::string> names;
    for (const auto& entry : listing.entries) {
      const bool directory = entry.kind == OpenFile::Kind::kDirectory;
      names.push_back(entry.name + (directory ? "/" : ""));
    }
    return names;
  }

  TempTree temp_;
};

TEST_F(DirectoryListingTest, FoldersComeFirstThenNames) {
  temp_.Write("b", "text");
  temp_.MakeDirectory("z");
  temp_.Write("a", "text");
  temp_.MakeDirectory("y");
  temp_.Write("B", "text");
  const DirectoryListing listing = Read("/");
  EXPECT_THAT(Names(listing), ElementsAre("y/", "z/", "B", "a", "b"));
  EXPECT_TRUE(listing.complete);
}

TEST_F(DirectoryListingTest, SaysSizeAndTime) {
  temp_.MakeDirectory("a");
  temp_.Write("a/b", "12345");
  const DirectoryListing listing = Read("/a/");
  ASSERT_EQ(listing.entries.size(), 1u);
  EXPECT_EQ(listing.entries[0].bytes, 5u);
  EXPECT_EQ(listing.entries[0].modified, TempTree::kModified);
}

TEST_F(DirectoryListingTest, AnEmptyFolderHasNothing) {
  const DirectoryListing listing = Read("/");
  EXPECT_THAT(listing.entries, IsEmpty());
  EXPECT_TRUE(listing.complete);
}

TEST_F(DirectoryListingTest, HasOnlyWhatWouldBeGivenOut) {
  temp_.MakeDirectory("a");
  temp_.Write("a/.hidden", "text");
  temp_.Write("a/seen", "text");
  temp_.MakeFifo("a/fifo");
  temp_.Link("seen", "a/link");
  EXPECT_THAT(Names(Read("/a/")), ElementsAre("seen"));
  EXPECT_THAT(Names(Read("/a/", kMany, Hidden::kTaken)),
              ElementsAre(".hidden", "seen"));
}

TEST_F(DirectoryListingTest, LinksAreWhatTheyLeadToWithin) {
  temp_.MakeDirectory("a");
  temp_.Write("file", "12345");
  temp_.Link("../file", "a/file_link");
  temp_.Link("..", "a/folder_link");
  temp_.Link("../../outside", "a/out");
  temp_.Link("nothing", "a/dangling");
  const DirectoryListing listing =
      Read("/a/", kMany, Hidden::kRefused, Links::kFollowedWithin);
  EXPECT_THAT(Names(listing), ElementsAre("folder_link/", "file_link"));
  EXPECT_EQ(listing.entries[1].bytes, 5u);
}

TEST_F(DirectoryListingTest, LooksAtSoManyNamesAndSaysThatThereAreMore) {
  for (int i = 0; i < 5; ++i) temp_.Write(std::to_string(i), "");
  EXPECT_EQ(Read("/", 5).entries.size(), 5u);
  EXPECT_TRUE(Read("/", 5).complete);
  EXPECT_EQ(Read("/", 4).entries.size(), 4u);
  EXPECT_FALSE(Read("/", 4).complete);
  EXPECT_FALSE(Read("/", 0).complete);
}

TEST_F(DirectoryListingTest, AFileHasNone) {
  temp_.Write("a", "text");
  const auto tree = FileTree::Create(temp_.root(), Links::kRefused);
  const FilePath path = *FilePath::Parse("/a", Hidden::kRefused);
  OpenFile file;
  ASSERT_EQ(tree->Open(path, file), FileError::kNone);
  EXPECT_FALSE(DirectoryListing::Read(*tree, path, Hidden::kRefused,
                                      std::move(file), kMany)
                   .has_value());
}

TEST_F(DirectoryListingTest, AnErrorIsNotTheEnd) {
  temp_.Write("a", "text");
  const auto tree = FileTree::Create(temp_.root(), Links::kRefused);
  OpenFile directory;
  // Of this one names can be opened, but not read.
  directory.fd.Reset(open(temp_.root().c_str(), O_PATH | O_DIRECTORY));
  directory.kind = OpenFile::Kind::kDirectory;
  EXPECT_FALSE(
      DirectoryListing::Read(*tree, *FilePath::Parse("/", Hidden::kRefused),
                             Hidden::kRefused, std::move(directory), kMany)
          .has_value());
}

}  // namespace
}  // namespace rondo
