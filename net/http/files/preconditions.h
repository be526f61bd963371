#ifndef RONDO_NET_HTTP_FILES_PRECONDITIONS_H_
#define RONDO_NET_HTTP_FILES_PRECONDITIONS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "net/http/files/validators.h"
#include "net/http/request_head.h"

namespace rondo {

// What a request's conditions come to, for something that is there.
//
//   If-Match, else If-Unmodified-Since      does not hold: 412
//   If-None-Match, else If-Modified-Since   does not hold: 304; 412 unless the
//                                           method is GET or HEAD
//   Range of a GET, with If-Range           does not hold: no range
//
// A date that is none, or that comes twice, is no condition.
//
// Threading: one thread at a time.
// Reference: RFC 9110 §13.1, §13.2.2, §14.2.
struct Preconditions {
  enum class Outcome : uint8_t {
    kProceed,
    kNotModified,  // 304
    kFailed,       // 412
  };

  static Preconditions Evaluate(std::string_view method,
                                const std::vector<HttpField>& fields,
                                const Validators& current, absl::Time now);

  Outcome outcome = Outcome::kProceed;
  // The value of the Range to be answered; empty if all is to be sent. A view
  // into the fields.
  std::string_view range = {};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_PRECONDITIONS_H_
