#ifndef RONDO_NET_HTTP_REQUEST_TARGET_H_
#define RONDO_NET_HTTP_REQUEST_TARGET_H_

#include <optional>
#include <string_view>

namespace rondo {

// What a request line asks for, in one of four forms.
//
//   origin      /where?q=now                     path, query
//   absolute    http://host:80/where?q=now       authority, path, query
//   authority   host:80                          authority; of CONNECT only
//   asterisk    *                                of OPTIONS only
//
// Nothing is decoded: the parts are as they came, and have only bytes that may
// stand there.
//
// Lifetime: views into what was parsed.
// Reference: RFC 9112 §3.2, RFC 3986 §3.
struct RequestTarget {
  enum class Form { kOrigin, kAbsolute, kAuthority, kAsterisk };

  // Which forms may come depends on the method. Empty if this one may not, or
  // if it is malformed.
  static std::optional<RequestTarget> Parse(std::string_view method,
                                            std::string_view text);

  std::string_view text = {};  // all of it
  Form form = Form::kOrigin;
  std::string_view authority = {};
  std::string_view path = {};   // begins with '/', or is "*"
  std::string_view query = {};  // without the question mark
};

// Whether `text` is a host with or without a port, as in Host: a name, an
// address, or an IPv6 address in brackets. May be empty.
// Reference: RFC 9110 §7.2, RFC 3986 §3.2.
bool IsHostAndPort(std::string_view text);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_REQUEST_TARGET_H_
