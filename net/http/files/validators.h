#ifndef RONDO_NET_HTTP_FILES_VALIDATORS_H_
#define RONDO_NET_HTTP_FILES_VALIDATORS_H_

#include "absl/time/time.h"
#include "net/http/files/entity_tag.h"
#include "net/http/files/open_file.h"

namespace rondo {

// What tells one version of a file from another: its ETag and Last-Modified.
//
// Both are weak until the second of the modification is over, for a file that
// is written twice within one may keep them.
//
// Threading: constant.
// Reference: RFC 9110 §8.8.
struct Validators {
  // At `now`, which the answer will have as its Date.
  static Validators Of(const OpenFile& file, absl::Time now);

  EntityTag tag;
  // In whole seconds, and never later than `now` (§8.8.2.1).
  absl::Time last_modified;
  // Whether last_modified is a strong one (§8.8.2.2).
  bool last_modified_is_strong;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_VALIDATORS_H_
