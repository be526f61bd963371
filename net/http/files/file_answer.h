#ifndef RONDO_NET_HTTP_FILES_FILE_ANSWER_H_
#define RONDO_NET_HTTP_FILES_FILE_ANSWER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "net/http/files/content_coding.h"
#include "net/http/files/open_file.h"
#include "net/http/http_status.h"
#include "net/http/request_head.h"

namespace rondo {

// What is known of the file that a request has come to.
//
// Lifetime: views and references for the call.
struct FileDescription {
  const OpenFile& file;
  std::string_view content_type;
  ContentCoding coding = ContentCoding::kIdentity;
  // Whether other requests would have got another coding of it.
  bool varies = false;
};

// The answer to a request for a file, as a plan: nothing is read for it.
//
//   200   all of it
//   206   a range, or several as multipart/byteranges
//   304   the client has it
//   405   the method is neither GET nor HEAD
//   412   a condition of the request does not hold
//   416   the range is behind its end
//
// The parts, one behind the other, are the body of `content_length` bytes. HEAD
// has what GET would have without ranges, and no parts.
//
// Several ranges that together are more than the file are not worth it: all of
// it is sent. So is what is compressed, of which no body of several ranges
// could say so.
//
// Threading: one thread at a time.
// Errors: none; an error's body is left to whoever sends it.
// Reference: RFC 9110 §13.2.2, §14, §15.3.7, §15.4.5, §15.5.17.
struct FileAnswer {
  struct Field {
    std::string_view name;  // static
    std::string value;
  };

  // Text, and then so many bytes of the file; either may be empty.
  struct Part {
    std::string text = {};
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };

  // At `now`, which the answer will have as its Date.
  static FileAnswer Plan(std::string_view method,
                         const std::vector<HttpField>& request_fields,
                         const FileDescription& description, absl::Time now);

  HttpStatus status = HttpStatus::kOk;
  std::vector<Field> fields = {};  // without those of the content below
  std::string content_type = {};   // none if empty
  uint64_t content_length = 0;
  std::vector<Part> parts = {};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_ANSWER_H_
