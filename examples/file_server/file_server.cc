// File server: gives out the files of a folder over HTTP.
//
//   bazel run -c opt //examples/file_server -- --root=/usr/share/doc
//       --list_directories                                   (all in one line)
//   curl http://127.0.0.1:8080/                              prints a page
//   curl -O -C - http://127.0.0.1:8080/some/large/file       goes on where it
//                                                            was cut off
//
// Files leave by sendfile, whole or in ranges, and not at all for who has them
// already. What is not in the folder is not found, however it is asked for:
// hidden files, links and lists of folders each need a flag.
#include <gflags/gflags.h>

#include <iostream>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/http_main.h"
#include "net/http/files/file_finder.h"
#include "net/http/files/file_handler.h"
#include "net/http/files/file_options.h"
#include "net/http/files/mime_types.h"
#include "net/http/router.h"

DEFINE_string(root, "", "the folder that is given out; needed");
DEFINE_string(index, "index.html", "what is sent of a folder; empty: nothing");
DEFINE_bool(list_directories, false, "show folders that have no index");
DEFINE_uint64(max_listed_names, 1'000, "of a folder that is shown");
DEFINE_bool(follow_links, false, "follow links that stay in the folder");
DEFINE_bool(hidden, false, "give out what has a name that begins with a dot");
DEFINE_bool(precompressed, false,
            "send a.br, a.zst or a.gz in place of a to who can read it");
DEFINE_string(mime_types, rondo::MimeTypes::kSystemFile,
              "which names are of which type: a file as mime.types(5)");

namespace {

using rondo::FileFinder;
using rondo::FilePath;
using rondo::FileTree;
using Finder = std::shared_ptr<const FileFinder>;

rondo::FileOptions OptionsFromFlags() {
  rondo::examples::CheckAtLeastOne("max_listed_names", FLAGS_max_listed_names);
  return {.links = FLAGS_follow_links ? FileTree::Links::kFollowedWithin
                                      : FileTree::Links::kRefused,
          .hidden = FLAGS_hidden ? FilePath::Hidden::kTaken
                                 : FilePath::Hidden::kRefused,
          .precompressed = FLAGS_precompressed,
          .index = FLAGS_index,
          .list_directories = FLAGS_list_directories,
          .max_listed_names = FLAGS_max_listed_names};
}

absl::StatusOr<Finder> FinderFromFlags() {
  if (FLAGS_root.empty()) {
    rondo::examples::RejectFlag("root", "",
                                "a folder that this user may enter");
  }
  auto types = rondo::MimeTypes::Load(FLAGS_mime_types);
  if (!types.ok()) return types.status();
  auto finder =
      FileFinder::Create(FLAGS_root, OptionsFromFlags(), *std::move(types));
  if (!finder.ok()) return finder.status();
  return std::make_shared<const FileFinder>(*std::move(finder));
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "file_server: gives out the files of a folder.");
  const absl::StatusOr<Finder> finder = FinderFromFlags();
  if (!finder.ok()) {
    std::cerr << "ERROR: " << finder.status().message() << "\n";
    return rondo::kExitBadFlags;
  }
  rondo::Router router;
  router.Add("GET", "/{path...}", rondo::FileHandler(*finder));
  return rondo::examples::ServeHttpUntilSignal("file_server",
                                               std::move(router));
}
