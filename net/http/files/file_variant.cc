#include "net/http/files/file_variant.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/time/time.h"

namespace rondo {
namespace {

// Those that are there, by their coding.
using Variants = std::array<std::optional<OpenFile>, kContentCodings.size()>;

bool IsOlder(const OpenFile& a, const OpenFile& b) {
  return absl::ToUnixSeconds(a.modified) < absl::ToUnixSeconds(b.modified);
}

// One that cannot be opened is not there: the file itself does as well.
Variants OpenCompressed(const FileTree& tree, const FilePath& path,
                        const OpenFile& plain) {
  Variants variants;
  for (const ContentCoding coding : kContentCodings) {
    if (coding == ContentCoding::kIdentity) continue;
    OpenFile file;
    if (tree.Open(path.WithSuffix(SuffixOf(coding)), file) ==
            FileError::kNone &&
        file.kind == OpenFile::Kind::kRegular && !IsOlder(file, plain)) {
      variants[static_cast<size_t>(coding)] = std::move(file);
    }
  }
  return variants;
}

}  // namespace

std::optional<FileVariant> FileVariant::Choose(const FileTree& tree,
                                               const FilePath& path,
                                               OpenFile plain,
                                               const AcceptEncoding& accept) {
  Variants variants = OpenCompressed(tree, path, plain);
  bool varies = false;
  for (const auto& variant : variants) varies |= variant.has_value();
  variants[static_cast<size_t>(ContentCoding::kIdentity)] = std::move(plain);
  for (const ContentCoding coding : accept.ByPreference()) {
    auto& variant = variants[static_cast<size_t>(coding)];
    if (!variant.has_value()) continue;
    return FileVariant{
        .file = *std::move(variant), .coding = coding, .varies = varies};
  }
  return std::nullopt;
}

}  // namespace rondo
