#ifndef RONDO_TESTS_NET_HTTP_REQUEST_PARSER_CASES_H_
#define RONDO_TESTS_NET_HTTP_REQUEST_PARSER_CASES_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_status.h"
#include "net/http/request_head.h"

namespace rondo {

using FieldList = std::vector<std::pair<std::string_view, std::string_view>>;

// What a request says; what a case does not mention is as in the shortest one.
// Views of literals.
struct ExpectedHead {
  std::string_view method = "GET";
  RequestTarget::Form form = RequestTarget::Form::kOrigin;
  std::string_view path = "/";
  std::string_view query = "";
  std::string_view host = "a";
  int minor_version = 1;
  BodyFraming framing = BodyFraming::kNone;
  uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  FieldList fields = {{"Host", "a"}};
};

// A head, whole or up to where it is refused, and what must come out.
struct RequestCase {
  std::string name;  // begins with the section it is written from
  std::string input;
  HttpStatus refused = HttpStatus::kOk;  // kOk: complete, as `head` says
  ExpectedHead head = {};

  friend std::ostream& operator<<(std::ostream& out, const RequestCase& c) {
    return out << c.name;
  }
};

// The shortest request, with `lines` behind its Host, each with its end:
// refused for them, ...
RequestCase RefusedLines(std::string name, std::string_view lines,
                         HttpStatus status = HttpStatus::kBadRequest);

// ... or complete, with those fields too.
RequestCase CompleteLines(std::string name, std::string_view lines,
                          const FieldList& fields, ExpectedHead head = {});

std::vector<RequestCase> RequestLineCases();
std::vector<RequestCase> TargetCases();
std::vector<RequestCase> FieldCases();
std::vector<RequestCase> HostCases();
std::vector<RequestCase> ContentLengthCases();
std::vector<RequestCase> TransferEncodingCases();
std::vector<RequestCase> ConnectionCases();
std::vector<RequestCase> ExpectCases();
std::vector<RequestCase> BrowserCases();
std::vector<RequestCase> ToolCases();

// All of them.
std::vector<RequestCase> RequestCases();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_REQUEST_PARSER_CASES_H_
