#include "net/http/query_parameters.h"

#include <algorithm>

#include "net/http/percent_decoding.h"

namespace rondo {

std::optional<QueryParameters> QueryParameters::Parse(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    if (parameters.all_.size() == kMax) return std::nullopt;
    const size_t equals = pair.find('=');
    auto& [name, value] = parameters.all_.emplace_back();
    if (!PercentDecode(pair.substr(0, equals), PlusSign::kSpace, name)) {
      return std::nullopt;
    }
    if (equals == std::string_view::npos) continue;
    if (!PercentDecode(pair.substr(equals + 1), PlusSign::kSpace, value)) {
      return std::nullopt;
    }
  }
  return parameters;
}

std::optional<std::string_view> QueryParameters::Find(
    std::string_view name) const {
  for (const auto& [its, value] : all_) {
    if (its == name) return value;
  }
  return std::nullopt;
}

}  // namespace rondo
