#ifndef RONDO_NET_HTTP_LOGGED_REQUEST_H_
#define RONDO_NET_HTTP_LOGGED_REQUEST_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "net/http/access_record.h"
#include "net/http/request_head.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// What an access log will want to know of a request that is gone by then.
//
// Threading: one thread at a time. Ownership: owns a copy.
class LoggedRequest {
 public:
  // `head` may be null, where it is not at hand.
  void Set(const RequestHead* head, const InetAddress& peer);
  void SetUser(std::string_view user);

  size_t memory_bytes() const { return text_.capacity(); }

  // Sets what it knows. The record's views are good until the next call of
  // another method.
  void CopyTo(AccessRecord& record) const;

 private:
  enum Part {
    kPeer,
    kMethod,
    kTarget,
    kHost,
    kReferer,
    kUserAgent,
    kUser,
    kParts
  };

  void Add(Part part, std::string_view value);

  std::string text_;  // the parts, one behind the other
  std::array<size_t, kParts> ends_ = {};
  int minor_version_ = 1;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_LOGGED_REQUEST_H_
