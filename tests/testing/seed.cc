#include "tests/testing/seed.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace rondo {
namespace {

const char* GivenSeed() { return std::getenv("RONDO_SEED"); }

}  // namespace

uint32_t ChooseSeed() {
  const char* const given = GivenSeed();
  const uint32_t seed = given != nullptr
                            ? static_cast<uint32_t>(std::atoll(given))
                            : std::random_device()();
  std::cerr << "RONDO_SEED=" << seed << "\n";
  return seed;
}

void ForEachSeed(int count, absl::FunctionRef<void(uint32_t seed)> test) {
  if (GivenSeed() != nullptr) count = 1;
  for (int i = 0; i < count; ++i) {
    const uint32_t seed = ChooseSeed();
    test(seed);
    if (!::testing::Test::HasFailure()) continue;
    std::cerr << "failed; --test_env=RONDO_SEED=" << seed << " repeats it\n";
    return;
  }
}

}  // namespace rondo
