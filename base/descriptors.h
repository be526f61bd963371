#ifndef RONDO_BASE_DESCRIPTORS_H_
#define RONDO_BASE_DESCRIPTORS_H_

#include <cstddef>

namespace rondo {

// How many more descriptors this process may open: its soft RLIMIT_NOFILE less
// those that are open. Zero where /proc/self/fd cannot be read, as when there
// is none left. Reads all of that folder. Thread-safe.
size_t DescriptorsLeft();

}  // namespace rondo

#endif  // RONDO_BASE_DESCRIPTORS_H_
