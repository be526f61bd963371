#include "net/http/files/accept_encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rondo {
namespace {

std::string Preferred(const std::vector<HttpField>& fields) {
  std::string names;
  for (const ContentCoding coding : AcceptEncoding(fields).ByPreference()) {
    if (!names.empty()) names += " ";
    names += NameOf(coding);
  }
  return names;
}

std::string Preferred(std::string_view value) {
  return Preferred(std::vector<HttpField>{{"Accept-Encoding", value}});
}

struct Case {
  std::string_view value;
  std::string_view preferred;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const auto& [value, preferred] : cases) {
    EXPECT_EQ(Preferred(value), preferred) << value;
  }
}

TEST(AcceptEncodingTest, Rfc9110_12_5_3_Examples) {
  ExpectAll({
      {"compress, gzip", "gzip identity"},
      {"", "identity"},
      {"*", "br zstd gzip identity"},
      {"compress;q=0.5, gzip;q=1.0", "gzip identity"},
      {"gzip;q=1.0, identity; q=0.5, *;q=0", "gzip identity"},
  });
}

TEST(AcceptEncodingTest, WhatClientsSend) {
  ExpectAll({
      {"gzip, deflate, br, zstd", "br zstd gzip identity"},
      {"gzip, deflate", "gzip identity"},
      {"deflate, gzip, br, zstd", "br zstd gzip identity"},
      {"identity", "identity"},
      {"gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "gzip identity"},
  });
}

TEST(AcceptEncodingTest, Rfc9110_12_5_3_WithoutTheFieldNothingIsCoded) {
  EXPECT_EQ(Preferred(std::vector<HttpField>{}), "identity");
  EXPECT_EQ(Preferred(std::vector<HttpField>{{"Accept", "gzip"}}), "identity");
}

TEST(AcceptEncodingTest, Rfc9110_12_4_2_TheHigherQualityComesFirst) {
  ExpectAll({
      {"br;q=0.8, gzip", "gzip br identity"},
      {"gzip;q=0.9, zstd;q=0.91, br;q=0.899", "zstd gzip br identity"},
      {"gzip;q=0.5, identity;q=0.8", "identity gzip"},
      {"gzip;q=0.5, identity", "identity gzip"},
      {"gzip;q=0.001", "gzip identity"},
      {"gzip, identity", "gzip identity"},
      {"gzip;q=0.1, *;q=0.5", "br zstd identity gzip"},
  });
}

TEST(AcceptEncodingTest, Rfc9110_12_5_3_ZeroRefuses) {
  ExpectAll({
      {"gzip;q=0", "identity"},
      {"gzip;q=0.000", "identity"},
      {"identity;q=0", ""},
      {"identity;q=0, gzip", "gzip"},
      {"*;q=0", ""},
      {"*;q=0, gzip;q=0.5", "gzip"},
      {"*;q=0, identity", "identity"},
      {"*, identity;q=0", "br zstd gzip"},
      {"*, br;q=0", "zstd gzip identity"},
  });
}

TEST(AcceptEncodingTest, Rfc9110_12_5_3_Spelling) {
  ExpectAll({
      {"GZip", "gzip identity"},
      {"x-gzip", "gzip identity"},
      {"gzip ; Q=0.5\t, br\t;\tq=0.4", "gzip br identity"},
      {",, gzip ,", "gzip identity"},
      {"br;q=0.", "identity"},
      {"br;q=1.", "br identity"},
      {"br;q=1.000", "br identity"},
  });
}

TEST(AcceptEncodingTest, Rfc9110_12_4_2_WhatIsMalformedSaysNothing) {
  for (const std::string_view member :
       {"br;q=",   "br;q=2",    "br;q=1.001", "br;q=0.5555", "br;q=-1",
        "br;q=.5", "br;q=0,5x", "br;q=00",    "br;q=a",      "br;q=0.x",
        "br;q= 1", "br;q =1",   "br;p=1",     "br;q=1;q=1",  "br q=1",
        "br;",     "br/1",      "\"br\"",     ";q=1",        "br;q=0x1",
        "brx",     "b"}) {
    EXPECT_EQ(Preferred(std::string(member) + ", gzip"), "gzip identity")
        << member;
  }
}

TEST(AcceptEncodingTest, TheLastWordCounts) {
  ExpectAll({{"gzip, gzip;q=0", "identity"},
             {"gzip;q=0, x-gzip", "gzip identity"},
             {"*;q=0, *", "br zstd gzip identity"}});
}

TEST(AcceptEncodingTest, Rfc9110_5_3_FieldsAreOneList) {
  EXPECT_EQ(Preferred(std::vector<HttpField>{{"accept-encoding", "gzip"},
                                             {"Accept-Encoding", "br"}}),
            "br gzip identity");
}

TEST(ContentCodingTest, NamesAndSuffixesAreTheCodings) {
  EXPECT_EQ(NameOf(ContentCoding::kBrotli), "br");
  EXPECT_EQ(NameOf(ContentCoding::kZstd), "zstd");
  EXPECT_EQ(NameOf(ContentCoding::kGzip), "gzip");
  EXPECT_EQ(SuffixOf(ContentCoding::kBrotli), ".br");
  EXPECT_EQ(SuffixOf(ContentCoding::kZstd), ".zst");
  EXPECT_EQ(SuffixOf(ContentCoding::kGzip), ".gz");
  EXPECT_EQ(SuffixOf(ContentCoding::kIdentity), "");
}

}  // namespace
}  // namespace rondo
