#ifndef RONDO_TESTS_EXAMPLES_CLIENT_SOCKET_H_
#define RONDO_TESTS_EXAMPLES_CLIENT_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace rondo {

// A blocking TCP client of a server on 127.0.0.1, for what no tool does: bytes
// cut where the test says. Every Send() leaves at once, in one segment if it is
// short.
//
// Threading: one thread at a time.
// Errors: what takes longer than Process::kBound fails the test and ends like a
// closed connection, with less read than was asked for.
class ClientSocket {
 public:
  // A small `receive_buffer_bytes` lets only little come that is not read; 0
  // leaves it to the system.
  explicit ClientSocket(uint16_t port, int receive_buffer_bytes = 0);

  // False if the connection has ended.
  bool Send(std::string_view bytes);

  // The next `bytes` bytes; fewer if the connection ends before.
  std::string Read(size_t bytes);
  // The next line, without its end.
  std::string ReadLine();
  // All until the connection ends.
  std::string ReadToEnd();
  // What is there already.
  std::string ReadAvailable();

  // Whether the server has ended it, by an end or a reset, and all was read.
  bool AtEnd();

  // No more will be sent.
  void ShutdownWrite();
  void Close() { fd_.Reset(); }
  // Ends it so that the server sees a reset.
  void Reset();

 private:
  // Appends to kept_. False at the end of the connection.
  bool Receive(int flags);
  std::string Take(size_t bytes);

  UniqueFd fd_;
  std::string kept_;  // received, and not asked for yet
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_CLIENT_SOCKET_H_
