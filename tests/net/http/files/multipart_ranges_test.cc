#include "net/http/files/multipart_ranges.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rondo {
namespace {

std::string BoundaryOf(const MultipartRanges& ranges) {
  const std::string type = ranges.content_type();
  const std::string begin = "multipart/byteranges; boundary=";
  EXPECT_EQ(type.substr(0, begin.size()), begin);
  return type.substr(begin.size());
}

TEST(MultipartRangesTest, Rfc9110_14_6_StandsAroundRanges) {
  MultipartRanges ranges("text/plain; charset=utf-8");
  const std::string boundary = BoundaryOf(ranges);
  EXPECT_EQ(ranges.NextHead("bytes 0-4/100"),
            "--" + boundary +
                "\r\nContent-Type: text/plain; charset=utf-8"
                "\r\nContent-Range: bytes 0-4/100\r\n\r\n");
  EXPECT_EQ(ranges.NextHead("bytes 7-9/100"),
            "\r\n--" + boundary +
                "\r\nContent-Type: text/plain; charset=utf-8"
                "\r\nContent-Range: bytes 7-9/100\r\n\r\n");
  EXPECT_EQ(ranges.End(), "\r\n--" + boundary + "--\r\n");
}

TEST(MultipartRangesTest, Rfc9110_15_3_7_2_SaysNoTypeThatItHasNot) {
  MultipartRanges ranges("");
  EXPECT_EQ(
      ranges.NextHead("bytes 0-4/100"),
      "--" + BoundaryOf(ranges) + "\r\nContent-Range: bytes 0-4/100\r\n\r\n");
}

TEST(MultipartRangesTest, Rfc2046_5_1_1_TheBoundaryIsAnotherEachTime) {
  std::set<std::string> boundaries;
  constexpr int kTimes = 100;
  for (int i = 0; i < kTimes; ++i) {
    const std::string boundary = BoundaryOf(MultipartRanges(""));
    EXPECT_EQ(boundary.size(), 32u);
    EXPECT_EQ(boundary.find_first_not_of("0123456789abcdef"),
              std::string::npos);
    boundaries.insert(boundary);
  }
  EXPECT_EQ(boundaries.size(), kTimes);
}

}  // namespace
}  // namespace rondo
