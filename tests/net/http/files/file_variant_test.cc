#include "net/http/files/file_variant.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "tests/net/http/files/temp_tree.h"

namespace rondo {
namespace {

class FileVariantTest : public testing::Test {
 protected:
  FileVariantTest() { temp_.Write("a.js", "plain"); }

  // What is chosen, as text: its coding and whether there are others.
  std::string Choose(std::string_view accept) const {
    const auto tree = FileTree::Create(temp_.root(), FileTree::Links::kRefused);
    const FilePath path = *FilePath::Parse("/a.js", FilePath::Hidden::kRefused);
    OpenFile plain;
    EXPECT_EQ(tree->Open(path, plain), FileError::kNone);
    const auto chosen =
        FileVariant::Choose(*tree, path, std::move(plain),
                            AcceptEncoding({{"Accept-Encoding", accept}}));
    if (!chosen.has_value()) return "none";
    EXPECT_EQ(chosen->file.bytes, NameOf(chosen->coding) == "identity"
                                      ? std::string("plain").size()
                                      : NameOf(chosen->coding).size());
    return std::string(NameOf(chosen->coding)) +
           (chosen->varies ? " varies" : "");
  }

  void WriteCompressed(ContentCoding coding,
                       absl::Time modified = TempTree::kModified) const {
    temp_.Write("a.js" + std::string(SuffixOf(coding)), NameOf(coding),
                modified);
  }

  TempTree temp_;
};

TEST_F(FileVariantTest, ThereMayBeNone) {
  EXPECT_EQ(Choose("gzip, br"), "identity");
  EXPECT_EQ(Choose("gzip, identity;q=0"), "none");
}

TEST_F(FileVariantTest, Rfc9110_12_5_3_TheBestThatIsThere) {
  WriteCompressed(ContentCoding::kGzip);
  WriteCompressed(ContentCoding::kZstd);
  struct Case {
    std::string_view accept;
    std::string_view chosen;
  };
  for (const auto& [accept, chosen] : {
           Case{"gzip, deflate, br, zstd", "zstd varies"},
           {"gzip, br", "gzip varies"},
           {"gzip;q=0.9, zstd;q=0.8", "gzip varies"},
           {"gzip;q=0.5, identity", "identity varies"},
           {"*", "zstd varies"},
           // Vary is also said to who gets it plain (§12.5.5).
           {"", "identity varies"},
           {"br", "identity varies"},
           {"br, identity;q=0", "none"},
       }) {
    EXPECT_EQ(Choose(accept), chosen) << accept;
  }
}

TEST_F(FileVariantTest, Brotli) {
  WriteCompressed(ContentCoding::kBrotli);
  WriteCompressed(ContentCoding::kGzip);
  EXPECT_EQ(Choose("gzip, br"), "br varies");
}

TEST_F(FileVariantTest, OneOfAnEarlierVersionIsLeftAlone) {
  temp_.Write("a.js", "plain", TempTree::kModified + absl::Milliseconds(900));
  // Compressors that copy the time drop what is below a second.
  WriteCompressed(ContentCoding::kGzip, TempTree::kModified);
  EXPECT_EQ(Choose("gzip"), "gzip varies");
  WriteCompressed(ContentCoding::kGzip,
                  TempTree::kModified - absl::Nanoseconds(1));
  EXPECT_EQ(Choose("gzip"), "identity");
  WriteCompressed(ContentCoding::kGzip, TempTree::kModified + absl::Hours(1));
  EXPECT_EQ(Choose("gzip"), "gzip varies");
}

TEST_F(FileVariantTest, WhatIsNoFileIsLeftAlone) {
  temp_.MakeDirectory("a.js.gz");
  temp_.Link("../outside", "a.js.br");
  temp_.MakeFifo("a.js.zst");
  EXPECT_EQ(Choose("gzip, br, zstd"), "identity");
}

}  // namespace
}  // namespace rondo
