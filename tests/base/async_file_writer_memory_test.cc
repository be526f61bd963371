// What the thread that appends asks for, and how much an AsyncFileWriter keeps.
#include <gtest/gtest.h>

#include <string>

#include "absl/base/config.h"
#include "base/async_file_writer.h"
#include "tests/base/async_file_writer_fixture.h"
#include "tests/net/tcp/allocation_counter.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

#ifdef ABSL_HAVE_ADDRESS_SANITIZER  // which has an operator new of its own
constexpr bool kCountsAllocations = false;
#else
constexpr bool kCountsAllocations = true;
#endif

const std::string kLine = std::string(199, 'x') + "\n";

TEST(AsyncFileWriterMemoryTest, InSteadyStateItAsksForNone) {
  if (!kCountsAllocations) GTEST_SKIP() << "not with AddressSanitizer";
  const TempDirectory folder;
  const auto writer = NewWriter(folder / "log");
  const auto round = [&writer] {
    for (int i = 0; i < 1'000; ++i) writer->Append(kLine);  // four blocks
    EXPECT_TRUE(writer->Flush().ok());
  };
  for (int i = 0; i < 10; ++i) round();
  const size_t before = AllocationsOfThisThread().count;
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(AllocationsOfThisThread().count, before);
}

// Each try to write would otherwise begin a block of 64 KiB for a line of 200
// bytes.
TEST(AsyncFileWriterMemoryTest, TryingAgainFillsUpItsBlocks) {
  if (!kCountsAllocations) GTEST_SKIP() << "not with AddressSanitizer";
  const auto writer = NewWriter(kFullDisk);
  const size_t before = AllocationsOfThisThread().bytes;
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(writer->Append(kLine));
    EXPECT_FALSE(writer->Flush().ok());
  }
  EXPECT_LT(AllocationsOfThisThread().bytes - before, 3 * 1'000 * kLine.size());
}

}  // namespace
}  // namespace rondo
