#ifndef RONDO_EXAMPLES_DESIGNS_CONNECTION_H_
#define RONDO_EXAMPLES_DESIGNS_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "examples/designs/protocol.h"

namespace rondo::examples {

// A socket and its side of a protocol, by plain recv(2) and send(2). How to
// wait for the socket is all that is left to a design:
//
//   has_output()   waits for          then call
//   false          readability        Receive(), and Send() if that is kDone
//   true           writability        Send()
//
// which is what Proceed() does. On a blocking socket the calls themselves wait.
//
// What the socket does not take is kept, and meanwhile nothing more is read: so
// memory is bounded by one read, and bytes stay in order.
//
// Threading: one thread at a time, but for Shutdown() and holders().
// Ownership and lifetime: owns the socket. No deadlines: a peer that does
// nothing stays, and so does one that does not end after the last answer.
// Errors: whatever goes wrong is the peer's, and is kOver.
class Connection {
 public:
  enum class Result {
    kDone,
    kLater,  // the socket has to be waited for
    kOver,   // destroy the connection
  };
  static constexpr size_t kReadBytes = 64 * 1'024;

  Connection(UniqueFd fd, std::unique_ptr<Protocol> protocol)
      : fd_(std::move(fd)), protocol_(std::move(protocol)) {}

  int fd() const { return fd_.get(); }
  // How many workers have it: theirs to count, see Holds. Thread-safe.
  std::atomic<int>& holders() { return holders_; }

  // One read, which is answered. Requires: !has_output().
  Result Receive();
  // The same for input that was read elsewhere.
  void Take(std::string_view input);
  // Sends all output that the socket takes.
  Result Send();
  bool has_output() const { return sent_bytes_ < output_.size(); }
  size_t output_bytes() const { return output_.size() - sent_bytes_; }

  // What there is to do without waiting; false when it is over.
  bool Proceed();

  // Ends it for the thread that waits in one of its calls. Thread-safe.
  void Shutdown();

 private:
  Result Finish();

  const UniqueFd fd_;
  const std::unique_ptr<Protocol> protocol_;
  std::atomic<int> holders_ = 0;
  Protocol::Next next_ = Protocol::Next::kGoOn;
  bool lingering_ = false;
  std::string output_;
  size_t sent_bytes_ = 0;  // of output_
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_CONNECTION_H_
