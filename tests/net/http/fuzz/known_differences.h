#ifndef RONDO_TESTS_NET_HTTP_FUZZ_KNOWN_DIFFERENCES_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_KNOWN_DIFFERENCES_H_

#include <string_view>

#include "tests/net/http/fuzz/wire_request.h"

namespace rondo {

// Where the other parser is known to read differently what ours takes. Each has
// a name and the section that is on our side; everything else is a finding.

// A request that ours takes, and the other not.
struct OtherRefusal {
  const WireRequest& ours;
  const WireRequest& theirs;  // what it made of that until then
  std::string_view error;     // its own name for it
  char byte;                  // the one that it did not like
};

bool IsKnown(const OtherRefusal& refusal);

// Whether it may think differently of how the body ends.
bool MayDifferInFraming(const WireHead& ours);

// Whether it may think differently of what becomes of the connection.
bool MayDifferInKeepAlive(const WireHead& ours, const WireHead& theirs);

// Whether it may close behind `theirs` although both go on by the head.
bool MayCloseBehind(const WireRequest& theirs);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_KNOWN_DIFFERENCES_H_
