#include "net/http/files/file_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/thread.h"
#include "base/unique_fd.h"
#include "tests/net/http/files/temp_tree.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Hidden = FilePath::Hidden;
using Kind = OpenFile::Kind;
using Links = FileTree::Links;

std::string Read(const OpenFile& file) {
  std::array<char, 100> bytes;
  const ssize_t count = pread(file.fd.get(), bytes.data(), bytes.size(), 0);
  return count < 0 ? "unreadable" : std::string(bytes.data(), count);
}

class FileTreeTest : public testing::Test {
 protected:
  FileTree Tree(Links links = Links::kRefused) const {
    auto tree = FileTree::Create(temp_.root(), links);
    EXPECT_TRUE(tree.ok()) << tree.status();
    return *std::move(tree);
  }

  // What is there, as text.
  static std::string Open(const FileTree& tree, std::string_view path) {
    const auto parsed = FilePath::Parse(path, Hidden::kTaken);
    if (!parsed.has_value()) return "no path";
    OpenFile file;
    const FileError error = tree.Open(*parsed, file);
    EXPECT_EQ(file.fd.valid(), error == FileError::kNone) << path;
    switch (error) {
      case FileError::kNone:
        return file.kind == Kind::kDirectory ? "a folder" : Read(file);
      case FileError::kNotFound:
        return "not found";
      case FileError::kForbidden:
        return "forbidden";
      case FileError::kUnavailable:
        return "unavailable";
      case FileError::kBroken:
        break;
    }
    return "broken";
  }

  TempTree temp_;
};

TEST_F(FileTreeTest, GivesFilesAndFolders) {
  temp_.MakeDirectory("a");
  temp_.Write("a/b c.txt", "text");
  const FileTree tree = Tree();
  struct Case {
    std::string_view path;
    std::string_view is;
  };
  for (const auto& [path, is] : {
           Case{"/", "a folder"},
           {"/a", "a folder"},
           {"/a/", "a folder"},
           {"/a/b%20c.txt", "text"},
           {"/a/b%20c.txt/", "not found"},
           {"/a/b%20c.txt/d", "not found"},
           {"/a/c", "not found"},
           {"/b/c", "not found"},
           {"/A", "not found"},
       }) {
    EXPECT_EQ(Open(tree, path), is) << path;
  }
}

TEST_F(FileTreeTest, DescribesWhatItOpens) {
  const absl::Time modified =
      TempTree::kModified + absl::Nanoseconds(123'456'789);
  temp_.Write("a", "12345", modified);
  const FileTree tree = Tree();
  OpenFile file;
  ASSERT_EQ(tree.Open(*FilePath::Parse("/a", Hidden::kRefused), file),
            FileError::kNone);
  EXPECT_EQ(file.bytes, 5u);
  EXPECT_EQ(file.modified, modified);
  struct stat s;
  ASSERT_EQ(stat(temp_.Path("a").c_str(), &s), 0);
  EXPECT_EQ(file.inode, s.st_ino);
  EXPECT_NE(fcntl(file.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(FileTreeTest, AFailureLeavesTheFileAsItWas) {
  temp_.Write("a", "text");
  const FileTree tree = Tree();
  OpenFile file;
  (void)tree.Open(*FilePath::Parse("/a", Hidden::kRefused), file);
  EXPECT_EQ(tree.Open(*FilePath::Parse("/b", Hidden::kRefused), file),
            FileError::kNotFound);
  EXPECT_EQ(Read(file), "text");
}

TEST_F(FileTreeTest, LinksLeadNowhere) {
  temp_.MakeDirectory("a");
  temp_.Write("a/b", "text");
  temp_.Link("a/b", "to_file");
  temp_.Link("a", "to_folder");
  temp_.Link("../outside", "out");
  const FileTree tree = Tree();
  for (const std::string_view path :
       {"/to_file", "/to_folder", "/to_folder/", "/to_folder/b", "/out"}) {
    EXPECT_EQ(Open(tree, path), "not found") << path;
  }
}

TEST_F(FileTreeTest, LinksThatAreFollowedStayWithin) {
  temp_.MakeDirectory("a");
  temp_.Write("a/b", "text");
  temp_.Link("a/b", "to_file");
  temp_.Link("a", "to_folder");
  temp_.Link("../a/b", "a/by_parent");
  temp_.Link("../outside", "out");
  temp_.Link("..", "parent");
  temp_.Link(temp_.outside(), "absolute");
  // Absolute is out, wherever it leads.
  temp_.Link(temp_.Path("a/b"), "absolute_within");
  temp_.Link("/", "slash");
  temp_.Link("out", "twice");
  temp_.Link("a/../../outside", "by_detour");
  temp_.Link(
      "../" + std::filesystem::path(temp_.root()).filename().string() + "/a/b",
      "out_and_in");
  temp_.Link("loop", "loop");
  temp_.Link("nothing", "dangling");
  temp_.Link("/proc/self/cwd", "magic");
  const FileTree tree = Tree(Links::kFollowedWithin);
  struct Case {
    std::string_view path;
    std::string_view is;
  };
  for (const auto& [path, is] : {
           Case{"/to_file", "text"},
           {"/to_folder", "a folder"},
           {"/to_folder/b", "text"},
           {"/a/by_parent", "text"},
           {"/out", "not found"},
           {"/parent", "not found"},
           {"/parent/outside", "not found"},
           {"/absolute", "not found"},
           {"/absolute_within", "not found"},
           {"/slash", "not found"},
           {"/slash/etc/passwd", "not found"},
           {"/twice", "not found"},
           {"/by_detour", "not found"},
           {"/out_and_in", "not found"},
           {"/loop", "not found"},
           {"/dangling", "not found"},
           {"/magic", "not found"},
       }) {
    EXPECT_EQ(Open(tree, path), is) << path;
  }
}

TEST_F(FileTreeTest, OnlyFilesAndFoldersAreGivenOut) {
  temp_.MakeFifo("fifo");
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  // A unix address has less room than the folder's path may need.
  const UniqueFd root(open(temp_.root().c_str(), O_PATH | O_DIRECTORY));
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  std::snprintf(address.sun_path, sizeof(address.sun_path),
                "/proc/self/fd/%d/socket", root.get());
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0);
  const FileTree tree = Tree();
  EXPECT_EQ(Open(tree, "/fifo"), "not found");
  EXPECT_EQ(Open(tree, "/socket"), "not found");
}

TEST_F(FileTreeTest, WhatIsNotGivenOutIsNotOpened) {
  temp_.MakeFifo("fifo");
  temp_.Write("file", "text");
  const FileTree tree = Tree();
  const UniqueFd watch(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_TRUE(watch.valid());
  ASSERT_GE(inotify_add_watch(watch.get(), temp_.root().c_str(), IN_OPEN), 0);
  EXPECT_EQ(Open(tree, "/fifo"), "not found");
  EXPECT_EQ(Open(tree, "/file"), "text");
  // Both would be in it.
  alignas(inotify_event) std::array<char, 4'096> events;
  const ssize_t bytes = read(watch.get(), events.data(), events.size());
  ASSERT_GT(bytes, 0);
  std::vector<std::string> opened;
  for (ssize_t at = 0; at < bytes;) {
    const auto& event = *reinterpret_cast<inotify_event*>(events.data() + at);
    opened.emplace_back(event.name);
    at += static_cast<ssize_t>(sizeof(event) + event.len);
  }
  EXPECT_THAT(opened, ElementsAre("file"));
}

TEST_F(FileTreeTest, DevicesAreNotGivenOut) {
  const auto tree = FileTree::Create("/dev", Links::kRefused);
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(Open(*tree, "/null"), "not found");
}

TEST_F(FileTreeTest, MagicLinksAreNotFollowed) {
  const auto tree = FileTree::Create("/proc/self", Links::kFollowedWithin);
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(Open(*tree, "/cwd"), "not found");
  EXPECT_EQ(Open(*tree, "/root/etc/passwd"), "not found");
  EXPECT_EQ(Open(*tree, "/fd/0"), "not found");
}

TEST_F(FileTreeTest, NamesThatAreTooLongAreNotFound) {
  const FileTree tree = Tree();
  EXPECT_EQ(Open(tree, "/" + std::string(300, 'a')), "not found");
  std::string deep;
  for (int i = 0; i < 4'000; ++i) deep += "/a";
  EXPECT_EQ(Open(tree, deep), "not found");
}

TEST_F(FileTreeTest, WhatMayNotBeReadIsForbidden) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  temp_.Write("a", "text");
  temp_.MakeDirectory("b");
  temp_.Write("b/c", "text");
  ASSERT_EQ(chmod(temp_.Path("a").c_str(), 0), 0);
  ASSERT_EQ(chmod(temp_.Path("b").c_str(), 0), 0);
  const FileTree tree = Tree();
  EXPECT_EQ(Open(tree, "/a"), "forbidden");
  EXPECT_EQ(Open(tree, "/b/c"), "forbidden");
  ASSERT_EQ(chmod(temp_.Path("b").c_str(), 0755), 0);
}

TEST_F(FileTreeTest, WithoutDescriptorsItIsUnavailable) {
  temp_.Write("a", "text");
  const FileTree tree = Tree();
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::string is = Open(tree, "/a");
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(is, "unavailable");
  EXPECT_EQ(Open(tree, "/a"), "text");
}

TEST_F(FileTreeTest, AFileThatIsReplacedStaysWhatWasOpened) {
  temp_.Write("a", "old");
  temp_.Write("new", "other");
  const FileTree tree = Tree();
  OpenFile file;
  (void)tree.Open(*FilePath::Parse("/a", Hidden::kRefused), file);
  ASSERT_EQ(rename(temp_.Path("new").c_str(), temp_.Path("a").c_str()), 0);
  EXPECT_EQ(Read(file), "old");
  EXPECT_EQ(Open(tree, "/a"), "other");
}

TEST_F(FileTreeTest, WhatIsOpenedAgainIsTheSame) {
  const FileTree tree = Tree();
  const FilePath path = *FilePath::Parse("/a", Hidden::kRefused);
  // Opens it, closes it, and opens it again after `change`.
  const auto reopen = [&](absl::FunctionRef<void()> change) {
    temp_.Write("a", "text");
    OpenFile file;
    EXPECT_EQ(tree.Open(path, file), FileError::kNone);
    file.fd.Reset();
    change();
    const FileError error = tree.Reopen(path, file);
    EXPECT_EQ(file.fd.valid(), error == FileError::kNone);
    return error;
  };
  EXPECT_EQ(reopen([] {}), FileError::kNone);
  EXPECT_EQ(reopen([&] { temp_.Write("a", "texts"); }), FileError::kBroken);
  EXPECT_EQ(reopen([&] {
              temp_.Write("a", "next",
                          TempTree::kModified + absl::Nanoseconds(1));
            }),
            FileError::kBroken);
  EXPECT_EQ(reopen([&] {
              temp_.Write("b", "text");
              std::filesystem::rename(temp_.Path("b"), temp_.Path("a"));
            }),
            FileError::kBroken);
  EXPECT_EQ(reopen([&] { std::filesystem::remove(temp_.Path("a")); }),
            FileError::kNotFound);
}

TEST_F(FileTreeTest, TheRootStaysTheFolderThatWasOpened) {
  temp_.Write("a", "text");
  const FileTree tree = Tree();
  const std::string elsewhere = temp_.root() + ".moved";
  ASSERT_EQ(rename(temp_.root().c_str(), elsewhere.c_str()), 0);
  EXPECT_EQ(Open(tree, "/a"), "text");
  ASSERT_EQ(rename(elsewhere.c_str(), temp_.root().c_str()), 0);
}

TEST_F(FileTreeTest, TheRootMayBeALink) {
  temp_.MakeDirectory("a");
  temp_.Write("a/b", "text");
  temp_.Link("a", "current");
  const auto tree = FileTree::Create(temp_.Path("current"), Links::kRefused);
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(Open(*tree, "/b"), "text");
}

// A folder of the path becomes, again and again, a link that leads out.
TEST_F(FileTreeTest, NobodyGetsOutWhileTheTreeChanges) {
  temp_.MakeDirectory("a");
  temp_.Write("a/outside", "text");
  temp_.Link("..", "link");
  constexpr int kOpens = 2'000;
  std::atomic<bool> done = false;
  const Thread changer = NewThread("changer", [this, &done] {
    const UniqueFd root(open(temp_.root().c_str(), O_PATH | O_DIRECTORY));
    while (!done) {
      renameat2(root.get(), "a", root.get(), "link", RENAME_EXCHANGE);
    }
  });
  for (const Links links : {Links::kRefused, Links::kFollowedWithin}) {
    const FileTree tree = Tree(links);
    for (int i = 0; i < kOpens; ++i) {
      EXPECT_NE(Open(tree, "/a/outside"), "secret");
    }
  }
  done = true;
}

TEST_F(FileTreeTest, ARootThatIsNoneIsNamedWithTheRemedy) {
  temp_.Write("file", "text");
  struct Case {
    std::string root;
    absl::StatusCode code;
  };
  for (const auto& [root, code] : {
           Case{temp_.Path("nothing"), absl::StatusCode::kNotFound},
           {"", absl::StatusCode::kNotFound},
           {temp_.Path("file"), absl::StatusCode::kFailedPrecondition},
       }) {
    const auto tree = FileTree::Create(root, Links::kRefused);
    EXPECT_EQ(tree.status().code(), code) << tree.status();
    EXPECT_THAT(tree.status().message(),
                AllOf(HasSubstr("'" + root + "'"), HasSubstr("name a folder")));
  }
}

TEST(FileErrorTest, HasAStatus) {
  EXPECT_EQ(StatusOf(FileError::kNone), HttpStatus::kOk);
  EXPECT_EQ(StatusOf(FileError::kNotFound), HttpStatus::kNotFound);
  EXPECT_EQ(StatusOf(FileError::kForbidden), HttpStatus::kForbidden);
  EXPECT_EQ(StatusOf(FileError::kUnavailable), HttpStatus::kServiceUnavailable);
  EXPECT_EQ(StatusOf(FileError::kBroken), HttpStatus::kInternalServerError);
}

}  // namespace
}  // namespace rondo
