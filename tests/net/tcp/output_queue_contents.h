#ifndef RONDO_TESTS_NET_TCP_OUTPUT_QUEUE_CONTENTS_H_
#define RONDO_TESTS_NET_TCP_OUTPUT_QUEUE_CONTENTS_H_

#include <gtest/gtest.h>
#include <sys/uio.h>

#include <string>
#include <vector>

#include "net/tcp/output_queue.h"
#include "tests/testing/memory_file.h"

namespace rondo {

// The first pieces that are of no file.
inline std::vector<iovec> Slices(const OutputQueue& queue, int max = 1'000) {
  std::vector<iovec> slices(max);
  slices.resize(queue.Gather(slices.data(), max).count);
  return slices;
}

// What is before the first file, or the file that is at the front.
inline std::string Front(const OutputQueue& queue) {
  if (const auto* const piece = queue.FrontFile()) {
    EXPECT_TRUE(Slices(queue).empty());
    return ReadAt(piece->file, piece->offset, piece->bytes);
  }
  std::string front;
  for (const iovec& slice : Slices(queue)) {
    EXPECT_GT(slice.iov_len, 0u);
    front.append(static_cast<const char*>(slice.iov_base), slice.iov_len);
  }
  return front;
}

// All that is in it, which it has sent then.
inline std::string TakeAll(OutputQueue& queue) {
  std::string all;
  while (!queue.empty()) {
    const std::string front = Front(queue);
    if (front.empty()) {
      ADD_FAILURE() << queue.bytes() << " bytes cannot be seen";
      break;
    }
    all += front;
    queue.Consume(front.size());
  }
  return all;
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_OUTPUT_QUEUE_CONTENTS_H_
