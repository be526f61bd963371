#ifndef RONDO_NET_TCP_SOCKET_FILE_H_
#define RONDO_NET_TCP_SOCKET_FILE_H_

#include <sys/types.h>

#include <string>
#include <utility>

#include "net/tcp/inet_address.h"

namespace rondo {

// The file that a listening unix socket is reached by, to be unlinked with it.
// The kernel leaves it behind when the socket is closed.
//
// Threading: like an int.
// Ownership: unlinks its file, unless another one has its name by now: whoever
// removed it and listens there keeps theirs.
class SocketFile {
 public:
  SocketFile() = default;
  // The file that is at `address` now; none if that is not a unix path.
  explicit SocketFile(const InetAddress& address);
  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})),
        device_(other.device_),
        inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile() { Unlink(); }

  // Whether there is one.
  bool valid() const { return !path_.empty(); }

  // Unlinks it now.
  void Unlink();

  // Leaves it to another process.
  void Release() { path_.clear(); }

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_SOCKET_FILE_H_
