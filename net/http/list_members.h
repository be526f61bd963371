#ifndef RONDO_NET_HTTP_LIST_MEMBERS_H_
#define RONDO_NET_HTTP_LIST_MEMBERS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "net/http/http_chars.h"

namespace rondo {

// Calls `f` with each member of a comma-separated list, without the whitespace
// around it, until one returns false; says whether none did. Most lists may
// have empty ones, which do not count (RFC 9110 §5.6.1.2). Not for lists whose
// members may be quoted: it splits at each comma.
template <typename F>
bool ForEachMember(std::string_view list, F f) {
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    const std::string_view member = TrimOws(list.substr(at, end - at));
    if (!f(member)) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_LIST_MEMBERS_H_
