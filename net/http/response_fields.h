#ifndef RONDO_NET_HTTP_RESPONSE_FIELDS_H_
#define RONDO_NET_HTTP_RESPONSE_FIELDS_H_

#include <string>
#include <string_view>

namespace rondo {

// The field lines of an answer, checked as they are added, and kept as they
// will be sent.
//
// Threading: one thread at a time.
// Reference: RFC 9110 §5.1, §5.5; §17.1 and RFC 9112 §11.1 of what could be
// smuggled in.
class ResponseFields {
 public:
  // False, and nothing is added, if `name` is no token, if `value` has a
  // control byte, such as a line end, or if the answer says this elsewhere:
  // Connection, Content-Length, Content-Type, Date, Transfer-Encoding.
  // Whitespace around the value is left out.
  bool Add(std::string_view name, std::string_view value);

  // All of another's.
  void Add(const ResponseFields& fields) { lines_ += fields.lines_; }

  // With a line end each.
  std::string_view lines() const { return lines_; }
  size_t memory_bytes() const { return lines_.capacity(); }
  bool empty() const { return lines_.empty(); }

  // As new, but for the memory.
  void Clear() { lines_.clear(); }

 private:
  std::string lines_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_RESPONSE_FIELDS_H_
