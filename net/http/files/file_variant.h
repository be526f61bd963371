#ifndef RONDO_NET_HTTP_FILES_FILE_VARIANT_H_
#define RONDO_NET_HTTP_FILES_FILE_VARIANT_H_

#include <optional>

#include "net/http/files/accept_encoding.h"
#include "net/http/files/content_coding.h"
#include "net/http/files/file_path.h"
#include "net/http/files/file_tree.h"
#include "net/http/files/open_file.h"

namespace rondo {

// A file as it is, or compressed beforehand: beside a.js there may be a.js.br,
// a.js.zst and a.js.gz. One that is older than the file itself (by whole
// seconds, which is what compressors copy) is of an earlier version of it, and
// is left alone.
//
// Threading: one thread at a time.
struct FileVariant {
  // What a client that sent `accept` gets of the file `plain`, which `tree` has
  // at `path`. Empty if it takes none of them (406), which then varies.
  static std::optional<FileVariant> Choose(const FileTree& tree,
                                           const FilePath& path, OpenFile plain,
                                           const AcceptEncoding& accept);

  OpenFile file;
  ContentCoding coding = ContentCoding::kIdentity;
  // Whether there is another: then the answer has `Vary: Accept-Encoding`.
  bool varies = false;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_VARIANT_H_
