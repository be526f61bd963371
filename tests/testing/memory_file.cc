#include "tests/testing/memory_file.h"

#include <glog/logging.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

namespace rondo {

MemoryFile MakeFile(std::string_view contents) {
  const MemoryFile file = MakeSparseFile(0);
  WriteAt(file, 0, contents);
  return file;
}

MemoryFile MakeSparseFile(size_t bytes) {
  UniqueFd fd(memfd_create("test", MFD_CLOEXEC));
  PCHECK(fd.valid());
  auto file = std::make_shared<const UniqueFd>(std::move(fd));
  Resize(file, bytes);
  return file;
}

void WriteAt(const MemoryFile& file, size_t offset, std::string_view bytes) {
  PCHECK(pwrite(file->get(), bytes.data(), bytes.size(), offset) ==
         static_cast<ssize_t>(bytes.size()));
}

std::string ReadAt(const MemoryFile& file, size_t offset, size_t bytes) {
  std::string contents(bytes, '\0');
  PCHECK(pread(file->get(), contents.data(), bytes, offset) ==
         static_cast<ssize_t>(bytes));
  return contents;
}

void Resize(const MemoryFile& file, size_t bytes) {
  PCHECK(ftruncate(file->get(), bytes) == 0);
}

std::string Pattern(size_t count) {
  std::string pattern(count, '\0');
  // Knuth's multiplier: the high byte of a place's hash.
  for (size_t i = 0; i < count; ++i) {
    pattern[i] = static_cast<char>((i * 2'654'435'761u) >> 24);
  }
  return pattern;
}

}  // namespace rondo
