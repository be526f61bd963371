#ifndef RONDO_TESTS_TESTING_SEED_H_
#define RONDO_TESTS_TESTING_SEED_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace rondo {

// A new seed, or the one in the environment variable RONDO_SEED. Printed, so
// that a failure, a crash and a time-out can be repeated. (Bazel has a variable
// of its own, TEST_RANDOM_SEED, which --runs_per_test sets to 1, 2, ….)
uint32_t ChooseSeed();

// Runs `test` with `count` new seeds, one after the other, and stops at the
// first with which it fails, printing how to repeat it. With RONDO_SEED
// in the environment it runs once, with that seed.
void ForEachSeed(int count, absl::FunctionRef<void(uint32_t seed)> test);

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_SEED_H_
