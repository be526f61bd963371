#include "examples/designs/connection.h"

#include <sys/socket.h>

#include <cerrno>

namespace rondo::examples {

Connection::Result Connection::Receive() {
  char block[kReadBytes];
  ssize_t n;
  do {
    n = recv(fd(), block, sizeof(block), 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return Result::kLater;
  if (n <= 0) return Result::kOver;
  Take({block, static_cast<size_t>(n)});
  return Result::kDone;
}

void Connection::Take(std::string_view input) {
  if (next_ == Protocol::Next::kGoOn) next_ = protocol_->Answer(input, output_);
}

Connection::Result Connection::Send() {
  while (has_output()) {
    // Not every program that uses this need ignore SIGPIPE.
    const ssize_t n =
        send(fd(), output_.data() + sent_bytes_, output_bytes(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN ? Result::kLater : Result::kOver;
    sent_bytes_ += static_cast<size_t>(n);
  }
  output_.clear();
  sent_bytes_ = 0;
  return Finish();
}

// If the answer was the last one. To close while the peer is sending would
// answer that by a reset, which can destroy the answer (RFC 9112, 9.6): its end
// is waited for instead, and what comes before it thrown away.
Connection::Result Connection::Finish() {
  if (next_ == Protocol::Next::kClose) return Result::kOver;
  if (next_ == Protocol::Next::kLinger && !std::exchange(lingering_, true)) {
    shutdown(fd(), SHUT_WR);
  }
  return Result::kDone;
}

bool Connection::Proceed() {
  if (!has_output()) {
    const Result received = Receive();
    if (received != Result::kDone) return received == Result::kLater;
  }
  return Send() != Result::kOver;
}

void Connection::Shutdown() { shutdown(fd(), SHUT_RDWR); }

}  // namespace rondo::examples
