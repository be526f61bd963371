#include "net/http/files/file_finder.h"

#include "absl/strings/str_cat.h"
#include "net/http/files/accept_encoding.h"
#include "net/http/files/directory_listing.h"
#include "net/http/files/directory_page.h"
#include "net/http/files/file_variant.h"
#include "net/http/percent_encoding.h"

namespace rondo {
namespace {

FoundFile Refuse(FileError error) { return {.status = StatusOf(error)}; }

// Relative to the path that was asked for, so that it is right wherever the
// root has its place, also behind a proxy. It begins with no slash and has no
// colon: it leads to no other host.
FoundFile RedirectTo(const FilePath& directory, std::string_view query) {
  FoundFile found = {.status = HttpStatus::kMovedPermanently};
  PercentEncode(directory.name(), found.location);
  found.location += '/';
  if (!query.empty()) {
    found.location += '?';
    found.location += query;
  }
  return found;
}

}  // namespace

absl::StatusOr<FileFinder> FileFinder::Create(const std::string& root,
                                              FileOptions options,
                                              MimeTypes types) {
  if (options.index.find('/') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("a folder's index cannot be '", options.index,
                     "': give the name of a file in it"));
  }
  auto tree = FileTree::Create(root, options.links);
  if (!tree.ok()) return tree.status();
  return FileFinder(*std::move(tree), std::move(options), std::move(types));
}

FoundFile FileFinder::Find(std::string_view path, std::string_view query,
                           const std::vector<HttpField>& fields) const {
  const auto parsed = FilePath::Parse(path, options_.hidden);
  if (!parsed.has_value()) return Refuse(FileError::kNotFound);
  if (parsed->is_directory()) return FindInDirectory(*parsed, fields);
  OpenFile file;
  const FileError error = tree_.Open(*parsed, file);
  if (error != FileError::kNone) return Refuse(error);
  if (file.kind == OpenFile::Kind::kDirectory) {
    return RedirectTo(*parsed, query);
  }
  return FindFile(*parsed, std::move(file), fields);
}

FoundFile FileFinder::FindFile(const FilePath& path, OpenFile file,
                               const std::vector<HttpField>& fields) const {
  FoundFile found = {.content_type = types_.Find(path.name())};
  if (!options_.precompressed) {
    found.file = std::move(file);
    found.path = path;
    return found;
  }
  auto variant =
      FileVariant::Choose(tree_, path, std::move(file), AcceptEncoding(fields));
  if (!variant.has_value()) {
    return {.status = HttpStatus::kNotAcceptable, .varies = true};
  }
  found.file = std::move(variant->file);
  found.path = path.WithSuffix(SuffixOf(variant->coding));
  found.coding = variant->coding;
  found.varies = variant->varies;
  return found;
}

// The index comes first: a folder may be one to go through, but not to read.
FoundFile FileFinder::FindInDirectory(
    const FilePath& path, const std::vector<HttpField>& fields) const {
  OpenFile file;
  if (!options_.index.empty()) {
    const FilePath index = path.Child(options_.index);
    const FileError error = tree_.Open(index, file);
    if (error == FileError::kNone && file.kind == OpenFile::Kind::kRegular) {
      return FindFile(index, std::move(file), fields);
    }
    // One that is there and cannot be read is not passed over.
    if (error != FileError::kNone && error != FileError::kNotFound) {
      return Refuse(error);
    }
  }
  const FileError error = tree_.Open(path, file);
  if (error != FileError::kNone) return Refuse(error);
  if (!options_.list_directories) return Refuse(FileError::kForbidden);
  return List(path, std::move(file));
}

FoundFile FileFinder::List(const FilePath& path, OpenFile directory) const {
  const auto listing =
      DirectoryListing::Read(tree_, path, options_.hidden, std::move(directory),
                             options_.max_listed_names);
  if (!listing.has_value()) return Refuse(FileError::kBroken);
  return {.content_type = kDirectoryPageType,
          .page = DirectoryPage(path, *listing)};
}

}  // namespace rondo
