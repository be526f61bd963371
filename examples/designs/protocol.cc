#include "examples/designs/protocol.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "examples/hello_protocol.h"

namespace rondo::examples {
namespace {

class HelloProtocol final : public Protocol {
 public:
  Next Answer(std::string_view input, std::string& output) override {
    while (!input.empty()) {
      const size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
      line_.append(input.substr(0, end));
      input.remove_prefix(end);
      head_bytes_ += end;
      if (head_bytes_ > kMaxHelloHeadBytes) {
        output.append(kHelloHeadTooLong);
        return Next::kLinger;
      }
      if (!line_.ends_with('\n')) break;
      const bool complete = head_.AddLine(line_);
      line_.clear();
      if (!complete) continue;
      output.append(head_.Answer(/*keep=*/false));
      return input.empty() ? Next::kClose : Next::kLinger;
    }
    return Next::kGoOn;
  }

 private:
  HelloHead head_;
  std::string line_;  // as much of it as has come
  size_t head_bytes_ = 0;
};

class UpperProtocol final : public Protocol {
 public:
  Next Answer(std::string_view input, std::string& output) override {
    const size_t begin = output.size();
    output.append(input);
    for (size_t i = begin; i < output.size(); ++i) {
      output[i] = absl::ascii_toupper(static_cast<unsigned char>(output[i]));
    }
    return Next::kGoOn;
  }
};

template <typename P>
std::unique_ptr<Protocol> Make() {
  return std::make_unique<P>();
}

}  // namespace

ProtocolFactory FindProtocol(std::string_view name) {
  if (name == "hello") return Make<HelloProtocol>;
  if (name == "upper") return Make<UpperProtocol>;
  return nullptr;
}

}  // namespace rondo::examples
