#ifndef RONDO_NET_CLIENT_QUESTION_H_
#define RONDO_NET_CLIENT_QUESTION_H_

#include <compare>
#include <string>

namespace rondo {

// What is asked of the DNS: the addresses of one family that a name has.
struct Question {
  std::string name;  // see CanonicalHostName()
  int family = 0;    // AF_INET or AF_INET6

  friend auto operator<=>(const Question&, const Question&) = default;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_QUESTION_H_
