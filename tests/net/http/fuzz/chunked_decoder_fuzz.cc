// A body in chunks, and what comes behind it.
#include <string>

#include "tests/net/http/chunked_cases.h"
#include "tests/net/http/fuzz/fuzz_input.h"
#include "tests/net/http/fuzz/fuzz_target.h"
#include "tests/net/http/fuzz/request_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const rondo::FuzzInput input(data, size);
  std::string request =
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const size_t head_bytes = request.size();
  request += input.text();
  std::vector<size_t> ends = input.Ends(input.text().size());
  for (size_t& end : ends) end += head_bytes;
  rondo::HttpLimits limits = input.limits();
  limits.max_header_bytes = rondo::HttpLimits().max_header_bytes;
  rondo::CheckRequests(request, ends, limits);
  return 0;
}

namespace rondo {

std::vector<CorpusInput> InputsFromCases() {
  std::vector<CorpusInput> inputs;
  for (const ChunkedCase& c : ChunkedCases()) {
    const std::string text(c.input);
    inputs.push_back({c.name, "00" + text});
    inputs.push_back({c.name + "_SmallLimits", "01" + text});
  }
  return inputs;
}

}  // namespace rondo
