#include "net/http/files/validators.h"

#include <algorithm>

namespace rondo {
namespace {

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

Validators Validators::Of(const OpenFile& file, absl::Time now) {
  const absl::Time date = WholeSeconds(now);
  const absl::Time last_modified = std::min(WholeSeconds(file.modified), date);
  const bool strong = last_modified < date;
  return {.tag = EntityTag::OfFile(file.inode, file.bytes, file.modified,
                                   strong ? EntityTag::Strength::kStrong
                                          : EntityTag::Strength::kWeak),
          .last_modified = last_modified,
          .last_modified_is_strong = strong};
}

}  // namespace rondo
