#ifndef RONDO_EXAMPLES_HELLO_PROTOCOL_H_
#define RONDO_EXAMPLES_HELLO_PROTOCOL_H_

#include <cstddef>
#include <string_view>

namespace rondo::examples {

// As much HTTP as it takes to say "hello world": requests have no body, and end
// with their head. HTTP/1.0 closes unless asked not to, HTTP/1.1 the other way
// round.

// A longer head is refused.
inline constexpr size_t kMaxHelloHeadBytes = 8 * 1024;

// The answer to that.
inline constexpr std::string_view kHelloHeadTooLong =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

// What matters of a request's head.
class HelloHead {
 public:
  // Takes the next line, with or without its end. True if the head is complete.
  bool AddLine(std::string_view line);

  // Whether the client wants to go on afterwards.
  bool keep() const { return keep_; }
  // The answer, for a connection that is kept or not.
  std::string_view Answer(bool keep) const;

 private:
  bool begun_ = false;
  bool is_head_ = false;
  bool old_version_ = false;
  bool keep_ = true;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_HELLO_PROTOCOL_H_
