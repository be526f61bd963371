#ifndef RONDO_EXAMPLES_DESIGNS_PROTOCOL_H_
#define RONDO_EXAMPLES_DESIGNS_PROTOCOL_H_

#include <memory>
#include <string>
#include <string_view>

namespace rondo::examples {

// What one connection of a server says to what it hears; knows no sockets.
//
//   hello   reads a request up to its blank line and answers "hello world", in
//           the very bytes of `//examples/hello --close`; that is all
//   upper   answers all bytes, ASCII letters in upper case, until the peer ends
class Protocol {
 public:
  enum class Next {
    kGoOn,    // there may be more to answer
    kClose,   // when the answer has been sent
    kLinger,  // the same, but the peer may still be sending: see Connection
  };

  virtual ~Protocol() = default;

  // Appends the answer to what has come to `output`. Not called any more after
  // another answer than kGoOn.
  virtual Next Answer(std::string_view input, std::string& output) = 0;
};

// Makes one for each connection. Thread-safe.
using ProtocolFactory = std::unique_ptr<Protocol> (*)();

// The factory of the protocol of that name; null if there is none.
ProtocolFactory FindProtocol(std::string_view name);
inline constexpr std::string_view kProtocolNames = "hello or upper";

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_PROTOCOL_H_
