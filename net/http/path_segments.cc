#include "net/http/path_segments.h"

#include <algorithm>

#include "net/http/percent_decoding.h"

namespace rondo {

bool PathSegments::Set(std::string_view path) {
  const bool escaped = path.find('%') != std::string_view::npos;
  begins_.clear();
  decoded_.clear();
  for (size_t at = 0; at < path.size();) {
    ++at;  // the slash
    const bool last = begins_.size() + 1 == kMax;
    const size_t end =
        last ? path.size() : std::min(path.find('/', at), path.size());
    if (escaped) decoded_ += '/';
    begins_.push_back(escaped ? decoded_.size() : at);
    if (escaped && !PercentDecode(path.substr(at, end - at), PlusSign::kItself,
                                  decoded_)) {
      return false;
    }
    at = end;
  }
  text_ = escaped ? decoded_ : path;
  return true;
}

}  // namespace rondo
