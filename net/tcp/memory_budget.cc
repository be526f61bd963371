#include "net/tcp/memory_budget.h"

#include <unistd.h>

namespace rondo {
namespace {

constexpr size_t RoundUpToChunks(size_t bytes) {
  constexpr size_t kChunk = MemoryShare::kChunkBytes;
  return (bytes + kChunk - 1) / kChunk * kChunk;
}

size_t HalfOfMemory() {
  const auto pages = static_cast<size_t>(sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return pages / 2 * page_bytes;
}

}  // namespace

MemoryBudget& MemoryBudget::Process() {
  // Never destroyed: loops may end after static destructors have begun.
  static MemoryBudget& budget = *new MemoryBudget(HalfOfMemory());
  return budget;
}

MemoryShare::~MemoryShare() { budget_.used_ -= taken_; }

void MemoryShare::Add(size_t bytes) {
  held_ += bytes;
  if (held_ <= taken_) return;
  const size_t more = RoundUpToChunks(held_ - taken_);
  taken_ += more;
  budget_.used_ += more;
}

void MemoryShare::Remove(size_t bytes) {
  held_ -= bytes;
  // One chunk stays, so that a loop at its edge does not go to and fro.
  const size_t wanted = RoundUpToChunks(held_) + kChunkBytes;
  if (taken_ <= wanted) return;
  budget_.used_ -= taken_ - wanted;
  taken_ = wanted;
}

}  // namespace rondo
