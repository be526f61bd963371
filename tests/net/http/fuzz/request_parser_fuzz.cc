// Requests, one behind the other, with their bodies.
#include <string>

#include "tests/net/http/fuzz/fuzz_input.h"
#include "tests/net/http/fuzz/fuzz_target.h"
#include "tests/net/http/fuzz/request_checks.h"
#include "tests/net/http/request_parser_cases.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const rondo::FuzzInput input(data, size);
  rondo::CheckRequests(input.text(), input.Ends(input.text().size()),
                       input.limits());
  return 0;
}

namespace rondo {

std::vector<CorpusInput> InputsFromCases() {
  std::vector<CorpusInput> inputs;
  for (const RequestCase& c : RequestCases()) {
    inputs.push_back({c.name, "00" + c.input});
    inputs.push_back({c.name + "_SmallLimits", "01" + c.input});
    inputs.push_back({c.name + "_Twice", "20" + c.input + c.input});
  }
  return inputs;
}

}  // namespace rondo
