#ifndef RONDO_TESTS_NET_HTTP_FILES_TEMP_TREE_H_
#define RONDO_TESTS_NET_HTTP_FILES_TEMP_TREE_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace rondo {

// A folder of files to be served, and what is beside it:
//
//   …/root         root()
//   …/outside      outside(), a file that has "secret"
//
// Threading: one thread at a time.
// Ownership: the destructor deletes all of it.
class TempTree {
 public:
  // Files are of this time unless they are told theirs.
  static constexpr absl::Time kModified = absl::FromUnixSeconds(1'700'000'000);

  TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree();

  std::string root() const { return base_ + "/root"; }
  std::string outside() const { return base_ + "/outside"; }
  std::string Path(const std::string& name) const {
    return root() + "/" + name;
  }

  // Names are relative to the root.
  void MakeDirectory(const std::string& name) const;
  void Write(const std::string& name, std::string_view content,
             absl::Time modified = kModified) const;
  void Link(const std::string& to, const std::string& name) const;
  void MakeFifo(const std::string& name) const;

 private:
  std::string base_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FILES_TEMP_TREE_H_
