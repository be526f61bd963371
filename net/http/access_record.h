#ifndef RONDO_NET_HTTP_ACCESS_RECORD_H_
#define RONDO_NET_HTTP_ACCESS_RECORD_H_

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "net/http/http_status.h"

namespace rondo {

// What an access log tells of one request. What is empty was absent: of a
// request that could not be read even `method` may be.
//
// Ownership: views; valid for as long as what they point to.
struct AccessRecord {
  std::string_view peer = {};           // its address, without a port
  std::string_view user = {};           // who it has proved to be
  absl::Time time = absl::UnixEpoch();  // when it came
  std::string_view method = {};
  std::string_view target = {};  // as it was sent
  int minor_version = 1;         // of HTTP/1
  HttpStatus status = HttpStatus::kOk;
  uint64_t body_bytes = 0;  // of the response's body, that were sent
  bool aborted = false;     // there was no answer, or not all of it
  std::string_view host = {};
  std::string_view referer = {};
  std::string_view user_agent = {};
  absl::Duration latency = absl::ZeroDuration();  // until its response was sent
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ACCESS_RECORD_H_
