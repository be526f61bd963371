#ifndef RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_TARGET_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/net/http/fuzz/corpus.h"

// What each fuzz target defines. libFuzzer's main() calls the first with what
// it makes up, ours (replay.cc) with what has been kept.

// Returns 0; what is wrong ends the process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace rondo {

// Inputs from the tables of the ordinary tests.
std::vector<CorpusInput> InputsFromCases();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_TARGET_H_
