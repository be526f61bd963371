#include "tests/net/http/fuzz/wire_request.h"

#include "absl/strings/escaping.h"

namespace rondo {
namespace {

void Print(const NamesAndValues& fields, std::ostream& out) {
  for (const auto& [name, value] : fields) {
    out << "\n  " << absl::CEscape(name) << ": " << absl::CEscape(value) << "|";
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const WireRequest& r) {
  out << "\n"
      << absl::CEscape(r.head.method) << " " << absl::CEscape(r.head.target)
      << " 1." << r.head.minor_version
      << " framing=" << static_cast<int>(r.head.framing)
      << " length=" << r.head.content_length << " keep=" << r.head.keep_alive
      << " complete=" << r.complete;
  Print(r.head.fields, out);
  out << "\n  body: " << absl::CEscape(r.body) << "|";
  Print(r.trailers, out);
  return out;
}

}  // namespace rondo
