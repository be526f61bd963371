#ifndef RONDO_NET_HTTP_FILES_FILE_OPTIONS_H_
#define RONDO_NET_HTTP_FILES_FILE_OPTIONS_H_

#include <cstddef>
#include <string>

#include "net/http/files/file_path.h"
#include "net/http/files/file_tree.h"

namespace rondo {

// What of a folder is given out, and how. As it is: files, and nothing that
// one has not put there to be asked for.
struct FileOptions {
  FileTree::Links links = FileTree::Links::kRefused;
  FilePath::Hidden hidden = FilePath::Hidden::kRefused;
  // Whether a.gz, a.br or a.zst is sent in place of a, see FileVariant.
  bool precompressed = false;
  // What is sent of a folder, if it is there; empty: nothing.
  std::string index = "index.html";
  // Whether a folder without an index is shown as a page.
  bool list_directories = false;
  // How many names such a page looks at; of the rest it says that they are.
  size_t max_listed_names = 1'000;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_OPTIONS_H_
