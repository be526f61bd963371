#include "net/http/files/multipart_ranges.h"

#include <glog/logging.h>
#include <sys/random.h>

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

std::string MakeBoundary() {
  std::array<uint64_t, 2> random;
  // Does not fail for so few bytes (getrandom(2)).
  PCHECK(getrandom(random.data(), sizeof(random), 0) == sizeof(random));
  return absl::StrCat(absl::Hex(random[0], absl::kZeroPad16),
                      absl::Hex(random[1], absl::kZeroPad16));
}

}  // namespace

MultipartRanges::MultipartRanges(std::string_view part_type)
    : boundary_(MakeBoundary()), part_type_(part_type) {}

std::string MultipartRanges::content_type() const {
  return absl::StrCat("multipart/byteranges; boundary=", boundary_);
}

std::string MultipartRanges::NextHead(std::string_view content_range) {
  // Some take a line end before the first boundary for content (RFC 9110
  // §14.6).
  std::string head = absl::StrCat(is_first_ ? "" : "\r\n", "--", boundary_);
  is_first_ = false;
  if (!part_type_.empty()) {
    absl::StrAppend(&head, "\r\nContent-Type: ", part_type_);
  }
  absl::StrAppend(&head, "\r\nContent-Range: ", std::string(content_range),
                  "\r\n\r\n");
  return head;
}

std::string MultipartRanges::End() const {
  return absl::StrCat("\r\n--", boundary_, "--\r\n");
}

}  // namespace rondo
