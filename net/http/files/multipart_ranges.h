#ifndef RONDO_NET_HTTP_FILES_MULTIPART_RANGES_H_
#define RONDO_NET_HTTP_FILES_MULTIPART_RANGES_H_

#include <string>
#include <string_view>

namespace rondo {

// What stands around the ranges of a multipart/byteranges body.
//
//   --BOUNDARY                            NextHead() of the first
//   Content-Type: text/plain
//   Content-Range: bytes 0-4/100
//
//   01234                                 (its bytes)
//   --BOUNDARY                            NextHead() of the second
//   ...
//   --BOUNDARY--                          End()
//
// The boundary is random, 128 bits of it: nobody can have written it into the
// file.
//
// Threading: one thread at a time.
// Reference: RFC 9110 §14.6; RFC 2046 §5.1.
class MultipartRanges {
 public:
  // Of something of that type; it is not said if it is empty.
  explicit MultipartRanges(std::string_view part_type);

  // Of the whole body.
  std::string content_type() const;

  // What stands in front of the next range.
  std::string NextHead(std::string_view content_range);

  // What stands behind the last.
  std::string End() const;

 private:
  const std::string boundary_;
  const std::string part_type_;
  bool is_first_ = true;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_MULTIPART_RANGES_H_
