#ifndef RONDO_TESTS_TESTING_LOOPBACK_CLIENT_H_
#define RONDO_TESTS_TESTING_LOOPBACK_CLIENT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// A client with a blocking socket, for a server under test.
//
// Threading: one thread may send while another receives.
// Errors: it CHECKs that it can connect. A wait that nothing ends within a
// minute fails the test and ends.
class LoopbackClient {
 public:
  // How a stream ended. kStuck has failed the test.
  enum class End { kFin, kReset, kStuck };

  explicit LoopbackClient(const InetAddress& server);

  // Sends all of `bytes`; false if the server has closed the connection.
  bool Send(std::string_view bytes);

  // Exactly so many bytes; fewer if the stream ends first.
  std::string Receive(size_t bytes);

  // What comes until the stream ends.
  std::string ReceiveAll();

  // Drops what comes until the stream ends, and says how it did.
  End AwaitEnd();

  // Sends bytes and receives as many.
  std::string Exchange(std::string_view bytes);

  void ShutdownWrite();
  // Closes with FIN if all input was read.
  void Close() { fd_.Reset(); }
  // Closes with RST.
  void Reset();

  const UniqueFd& fd() const { return fd_; }
  InetAddress LocalAddress() const;

 private:
  // Waits for poll(2)'s `events`.
  bool Await(short events);
  // One read; fewer than 1 byte when the stream has ended.
  ssize_t ReceiveSome(char* to, size_t bytes);

  UniqueFd fd_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_LOOPBACK_CLIENT_H_
