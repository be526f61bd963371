#ifndef RONDO_NET_TCP_TRANSPORT_H_
#define RONDO_NET_TCP_TRANSPORT_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "net/tcp/socket.h"

namespace rondo {

// How a connection's bytes get in and out of its socket: as they are, or, one
// day, encrypted. Tests put their own here to see short reads and writes.
//
// Threading: the connection's loop only. Ownership: owns the socket.
class Transport {
 public:
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}
  virtual ~Transport() = default;

  Socket& socket() { return socket_; }

  virtual IoResult Read(char* to, size_t bytes) {
    return socket_.Read(to, bytes);
  }
  // `more`: see Socket::Write().
  virtual IoResult Write(const iovec* slices, int count, bool more) {
    return socket_.Write(slices, count, more);
  }
  // Sends a piece of a file; 0 bytes: the file ends at `offset`. See
  // Socket::SendFile().
  virtual IoResult SendFile(int file, uint64_t offset, size_t bytes) {
    return socket_.SendFile(file, offset, bytes);
  }
  virtual void ShutdownWrite() { socket_.ShutdownWrite(); }

 private:
  Socket socket_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TRANSPORT_H_
