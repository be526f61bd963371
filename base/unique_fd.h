#ifndef RONDO_BASE_UNIQUE_FD_H_
#define RONDO_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace rondo {

// Owns one file descriptor and closes it once.
//
// Threading: like an int; one thread at a time.
// Errors: close() errors are ignored. On Linux the descriptor is gone whatever
// close() returns, so a retry could close somebody else's (close(2), "NOTES").
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives the descriptor up; the caller closes it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

  // Closes what it holds and takes `fd`.
  void Reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace rondo

#endif  // RONDO_BASE_UNIQUE_FD_H_
