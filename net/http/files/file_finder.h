#ifndef RONDO_NET_HTTP_FILES_FILE_FINDER_H_
#define RONDO_NET_HTTP_FILES_FILE_FINDER_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "net/http/files/content_coding.h"
#include "net/http/files/file_options.h"
#include "net/http/files/file_path.h"
#include "net/http/files/file_tree.h"
#include "net/http/files/mime_types.h"
#include "net/http/files/open_file.h"
#include "net/http/http_status.h"
#include "net/http/request_head.h"

namespace rondo {

// What a GET or HEAD of a path comes to.
//
//   status    what it is         with
//   200       a file             file, path, content_type, coding, varies
//   200       a folder's page    page, content_type
//   301       a folder, asked    location
//             for as a file
//   403 404   see FileError; a folder that is not listed is 403
//   406       no coding of it    varies
//             is taken
//   500 503   see FileError
//
// Lifetime: content_type is a view into the finder.
struct FoundFile {
  // Whether there is a file to be sent, as FileAnswer plans it.
  bool has_file() const { return file.fd.valid(); }

  HttpStatus status = HttpStatus::kOk;
  OpenFile file = {};
  std::optional<FilePath> path = {};  // its own, with the suffix of its coding
  std::string_view content_type = {};
  ContentCoding coding = ContentCoding::kIdentity;
  bool varies = false;
  std::string page = {};
  std::string location = {};
};

// Finds what URLs name beneath a folder: a file, the index of a folder, or a
// page of what is in it. Redirects /folder to /folder/, so that what is
// relative in its page is relative to it.
//
// Threading: const methods are Thread-safe. They open and look at files, so a
// slow disk is waited for.
// Errors: a folder that cannot be opened is a Status; a path comes to a status
// code.
//
// Example:
//   const auto finder =
//       FileFinder::Create("/srv/www", {.precompressed = true}, *types);
//   if (!finder.ok()) return finder.status();
//   const FoundFile found = finder->Find("/a/", "", request.fields);
class FileFinder {
 public:
  static absl::StatusOr<FileFinder> Create(const std::string& root,
                                           FileOptions options,
                                           MimeTypes types);

  // Of a path as it came, still encoded; where the root is not at "/", of what
  // is behind its place. `query` is kept when the client is sent elsewhere.
  FoundFile Find(std::string_view path, std::string_view query,
                 const std::vector<HttpField>& fields) const;

  // See FileTree::Reopen(). Requires: `found` was found by this, with a file.
  FileError Reopen(FoundFile& found) const {
    return tree_.Reopen(*found.path, found.file);
  }

 private:
  FileFinder(FileTree tree, FileOptions options, MimeTypes types)
      : tree_(std::move(tree)),
        options_(std::move(options)),
        types_(std::move(types)) {}

  FoundFile FindFile(const FilePath& path, OpenFile file,
                     const std::vector<HttpField>& fields) const;
  FoundFile FindInDirectory(const FilePath& path,
                            const std::vector<HttpField>& fields) const;
  FoundFile List(const FilePath& path, OpenFile directory) const;

  FileTree tree_;
  FileOptions options_;
  MimeTypes types_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_FINDER_H_
