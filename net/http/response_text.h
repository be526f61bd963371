#ifndef RONDO_NET_HTTP_RESPONSE_TEXT_H_
#define RONDO_NET_HTTP_RESPONSE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "net/http/response_head.h"
#include "net/tcp/buffer.h"

namespace rondo {

// Makes the bytes of answers. Within a second most heads are like the one
// before them, and that is kept.
//
// Threading: one thread at a time.
class ResponseText {
 public:
  // The head with `body` behind it. Good until the next call.
  std::string_view Make(const ResponseHead& head, std::string_view body);

 private:
  void Keep(const ResponseHead& head);

  Buffer text_;            // begins with that of head_
  ResponseHead head_;      // has no bytes: there is none
  size_t head_bytes_ = 0;  // of it
  // What its views are of.
  std::string date_;
  std::string content_type_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_RESPONSE_TEXT_H_
