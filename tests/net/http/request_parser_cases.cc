#include "tests/net/http/request_parser_cases.h"

#include <iterator>

namespace rondo {
namespace {

std::string ShortestWith(std::string_view lines) {
  std::string input = "GET / HTTP/1.1\r\nHost: a\r\n";
  input += lines;
  return input += "\r\n";
}

}  // namespace

RequestCase RefusedLines(std::string name, std::string_view lines,
                         HttpStatus status) {
  return {std::move(name), ShortestWith(lines), status};
}

RequestCase CompleteLines(std::string name, std::string_view lines,
                          const FieldList& fields, ExpectedHead head) {
  head.fields.insert(head.fields.end(), fields.begin(), fields.end());
  return {std::move(name), ShortestWith(lines), HttpStatus::kOk,
          std::move(head)};
}

std::vector<RequestCase> RequestCases() {
  std::vector<RequestCase> all;
  for (const auto make :
       {RequestLineCases, TargetCases, FieldCases, HostCases,
        ContentLengthCases, TransferEncodingCases, ConnectionCases, ExpectCases,
        BrowserCases, ToolCases}) {
    std::vector<RequestCase> some = make();
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace rondo
