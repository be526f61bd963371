#ifndef RONDO_TESTS_TESTING_MEMORY_FILE_H_
#define RONDO_TESTS_TESTING_MEMORY_FILE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace rondo {

// A regular file without a name, gone with its last descriptor. All functions
// here CHECK that the system does what a test's set-up needs.
using MemoryFile = std::shared_ptr<const UniqueFd>;

MemoryFile MakeFile(std::string_view contents);

// One of zeros, which take no room.
MemoryFile MakeSparseFile(size_t bytes);

void WriteAt(const MemoryFile& file, size_t offset, std::string_view bytes);
std::string ReadAt(const MemoryFile& file, size_t offset, size_t bytes);

// Cuts it short, or makes it longer by zeros.
void Resize(const MemoryFile& file, size_t bytes);

// `count` bytes of which those of any two places differ somewhere.
std::string Pattern(size_t count);

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_MEMORY_FILE_H_
