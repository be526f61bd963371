#ifndef RONDO_TOOLS_COMPARE_RIVALS_RIVAL_H_
#define RONDO_TOOLS_COMPARE_RIVALS_RIVAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What the rivals share around their library: flags, the socket that listens,
// what is said to a client, and what to do without descriptors.
namespace rondo::rivals {

inline constexpr int kBacklog = 4096;
// As much as is read at a time, where the library leaves that to its user.
inline constexpr size_t kReadBytes = 64 * 1024;

enum class Protocol {
  kHello,      // HTTP: "hello world" for a blank line, then close
  kKeepalive,  // the same for each blank line, without end
  kUpper,      // all bytes, ASCII letters in upper case
};

struct Flags {
  std::string host;
  uint16_t port = 0;
  Protocol protocol = Protocol::kHello;
};

// Ends the program with code 1 and a line on stderr if the flags make no sense.
// From here on SIGINT and SIGTERM end it with code 0, and all that is open with
// it; SIGPIPE is ignored, and it may have as many descriptors as the hard limit
// allows.
Flags ParseFlags(int argc, char** argv, const char* usage);

// A non-blocking socket that listens, of which it tells standard output:
//
//   libuv_server listening on 127.0.0.1:8080 protocol=upper
//
// Ends the program with code 2 and a line on stderr if it cannot be had.
int Listen(const char* name, const Flags& flags);

// One connection's side of a protocol; knows no sockets.
class Conversation {
 public:
  enum class Next {
    kGoOn,
    kClose,   // when the answer has been sent
    kLinger,  // the same, but more than a request has come: to close would
              // answer it by a reset, which can destroy the answer (RFC 9112,
              // 9.6); shut down, and wait for the peer's end
  };

  explicit Conversation(Protocol protocol) : protocol_(protocol) {}

  // What to send, perhaps nothing. It may stand where the input does, which is
  // overwritten, and is valid until the next call.
  std::string_view Answer(char* input, size_t bytes);

  // What comes after that. Further input has no answer unless it is kGoOn.
  Next next() const { return next_; }

 private:
  size_t FindBlankLine(std::string_view input);
  std::string_view AnswerAndClose(std::string_view input);
  std::string_view AnswerAll(std::string_view input);

  const Protocol protocol_;
  Next next_ = Next::kGoOn;
  uint8_t matched_ = 0;  // how much of a blank line the input ends with
  std::string answers_;  // if they are more than one
};

// A descriptor that is given up to accept and drop a connection when there are
// no others: left in the queue it would wake the loop for ever.
class SpareDescriptor {
 public:
  SpareDescriptor();
  void DropConnection(int listen_fd);

 private:
  int fd_;
};

}  // namespace rondo::rivals

#endif  // RONDO_TOOLS_COMPARE_RIVALS_RIVAL_H_
