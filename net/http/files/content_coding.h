#ifndef RONDO_NET_HTTP_FILES_CONTENT_CODING_H_
#define RONDO_NET_HTTP_FILES_CONTENT_CODING_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace rondo {

// How a file is compressed.
// Reference: RFC 9110 §8.4.1 (gzip), RFC 7932 (br), RFC 8878 (zstd).
enum class ContentCoding : uint8_t { kBrotli, kZstd, kGzip, kIdentity };

// In the order in which they are preferred: who is as content with one as with
// another gets what is usually the smallest.
inline constexpr std::array kContentCodings = {
    ContentCoding::kBrotli, ContentCoding::kZstd, ContentCoding::kGzip,
    ContentCoding::kIdentity};

// As Content-Encoding has it.
constexpr std::string_view NameOf(ContentCoding coding) {
  constexpr std::array<std::string_view, kContentCodings.size()> kNames = {
      "br", "zstd", "gzip", "identity"};
  return kNames[static_cast<uint8_t>(coding)];
}

// What the name of a compressed file has behind the other's.
constexpr std::string_view SuffixOf(ContentCoding coding) {
  constexpr std::array<std::string_view, kContentCodings.size()> kSuffixes = {
      ".br", ".zst", ".gz", ""};
  return kSuffixes[static_cast<uint8_t>(coding)];
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_CONTENT_CODING_H_
