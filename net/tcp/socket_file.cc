#include "net/tcp/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

namespace rondo {

SocketFile::SocketFile(const InetAddress& address) {
  if (!address.is_unix() || address.unix_path().starts_with('@')) return;
  struct stat file;
  if (lstat(address.unix_path().c_str(), &file) != 0) return;
  if (!S_ISSOCK(file.st_mode)) return;
  path_ = address.unix_path();
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  Unlink();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

void SocketFile::Unlink() {
  if (!valid()) return;
  struct stat file;
  if (lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ &&
      file.st_ino == inode_) {
    unlink(path_.c_str());
  }
  Release();
}

}  // namespace rondo
