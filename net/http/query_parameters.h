#ifndef RONDO_NET_HTTP_QUERY_PARAMETERS_H_
#define RONDO_NET_HTTP_QUERY_PARAMETERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

// The names and values of a query or a form, decoded: a=1&b=x+y has ("a", "1")
// and ("b", "x y"). A name without '=' has an empty value.
//
// Threading: one thread at a time; const methods are Thread-safe.
// Reference: the URL standard, §5.1 (application/x-www-form-urlencoded).
class QueryParameters {
 public:
  // Empty if a percent sign is not followed by two hex digits, or if there are
  // more than kMax.
  static std::optional<QueryParameters> Parse(std::string_view query);

  static constexpr size_t kMax = 1'000;

  // The first value of that name; names differ in case.
  std::optional<std::string_view> Find(std::string_view name) const;

  // All, in their order.
  const std::vector<std::pair<std::string, std::string>>& all() const {
    return all_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_QUERY_PARAMETERS_H_
