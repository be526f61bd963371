#ifndef RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_
#define RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_

#include <signal.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/process.h"

namespace rondo {

// Runs a design ("poll_loop") to its end.
Ended RunDesign(std::string_view name, std::vector<std::string> flags);

// A running design of examples/designs, on a port that the system chose. The
// constructor returns when it listens.
//
// Threading: one thread at a time.
// Ownership and lifetime: the destructor ends it by SIGTERM, unless it has
// ended, and fails the test if its exit code is not 0.
class DesignServer {
 public:
  explicit DesignServer(std::string_view name,
                        std::vector<std::string> flags = {});
  ~DesignServer();

  const std::string& start_line() const { return start_line_; }
  std::string address() const;  // "127.0.0.1:8080", as in the start line
  uint16_t port() const;
  pid_t pid() const { return process_.pid(); }

  // Ends it by `signal`, waits for the end, and expects exit code 0.
  const Ended& Stop(int signal = SIGTERM);

 private:
  Process process_;
  std::string start_line_;
};

inline const std::string kHello = "--protocol=hello";
inline const std::string kUpper = "--protocol=upper";

inline constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
inline constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";

// All that a client gets for that, from whatever listens on the port.
std::string Ask(uint16_t port, std::string_view bytes);

// One message there and back, by the protocol upper.
bool IsServed(ClientSocket& client, std::string_view message = "ping");
// The same with a client of its own.
bool ServesOn(const DesignServer& server);

// How many descriptors it has while nobody is connected. Requires: nobody is,
// and it speaks upper.
size_t CountOwnDescriptors(const DesignServer& server);

// How often `text` occurs in `all`.
int CountOf(std::string_view text, std::string_view all);

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_
