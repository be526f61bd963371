#ifndef RONDO_NET_HTTP_FILES_ACCEPT_ENCODING_H_
#define RONDO_NET_HTTP_FILES_ACCEPT_ENCODING_H_

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http/files/content_coding.h"
#include "net/http/request_head.h"

namespace rondo {

// Which codings a client takes, and which it would rather have.
//
//   br;q=0.8, gzip      gzip, then br, then none
//   *, identity;q=0     any, but not none
//
// Who sends no Accept-Encoding gets no coding. A member that is malformed says
// nothing; of two for the same coding the last counts.
//
// Threading: one thread at a time; const methods are Thread-safe.
// Units: qualities in thousandths.
// Reference: RFC 9110 §12.5.3, §12.4.2.
class AcceptEncoding {
 public:
  explicit AcceptEncoding(const std::vector<HttpField>& fields);

  // What it takes, best first; with kIdentity unless that is refused.
  std::vector<ContentCoding> ByPreference() const;

 private:
  void AddMember(std::string_view member);
  std::optional<int> QualityOf(ContentCoding coding) const;

  // As they are named; empty for those that are not.
  std::array<std::optional<int>, kContentCodings.size()> named_ = {};
  std::optional<int> others_;  // "*"
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_ACCEPT_ENCODING_H_
