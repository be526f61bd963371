#ifndef RONDO_TESTS_EXAMPLES_DESIGNS_STREAM_CLIENT_H_
#define RONDO_TESTS_EXAMPLES_DESIGNS_STREAM_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace rondo {

// Numbered lines: what is lost, twice or out of place shows.
std::string Lines(size_t bytes);
// More of them than the kernel keeps at both ends. Made once.
const std::string& MuchMoreLines();

// A client that sends much and reads nothing before all that can be has been
// sent: what the server cannot send then is the server's to keep.
//
// Threading: one thread at a time.
// Errors: what takes longer than Process::kBound fails the test.
class StreamClient {
 public:
  StreamClient(uint16_t port, std::string bytes);

  // Sends until nothing more is taken though the server has had its turns,
  // which a second client's round trips tell: so it has stopped reading from
  // this one. False if it never does. Requires: the server speaks upper, and
  // can serve two connections at a time.
  bool SendUntilStuck();
  size_t sent_bytes() const { return sent_bytes_; }

  // Reads all that comes, sends the rest and a FIN, and returns all that came
  // when the server has ended it, too.
  std::string Finish();

 private:
  // What the kernel takes now.
  void SendSome();

  const uint16_t port_;
  const std::string bytes_;
  size_t sent_bytes_ = 0;
  UniqueFd fd_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_DESIGNS_STREAM_CLIENT_H_
