#include "net/http/error_body.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "net/http/http_chars.h"
#include "net/http/log_escaping.h"

namespace rondo {
namespace {

// How much a media range is wanted, from 0 to 1; what is no weight is none.
double Weight(std::string_view parameters) {
  const auto is_weight = [](std::string_view text) {
    return text.starts_with("q=") || text.starts_with("Q=");
  };
  while (!parameters.empty()) {
    parameters.remove_prefix(1);  // the semicolon
    const size_t end = std::min(parameters.find(';'), parameters.size());
    std::string_view parameter = TrimOws(parameters.substr(0, end));
    parameters.remove_prefix(end);
    if (!is_weight(parameter)) continue;
    parameter.remove_prefix(2);
    double weight = 0;
    const bool good = absl::SimpleAtod(
        absl::string_view(parameter.data(), parameter.size()), &weight);
    return good && weight >= 0 && weight <= 1 ? weight : 0;
  }
  return 1;
}

// How much `type` is wanted by the most specific range that it is in.
double WeightOf(std::string_view type, std::string_view accept) {
  const std::string_view group = type.substr(0, type.find('/') + 1);
  double weight = 0;
  int specificity = 0;
  for (size_t at = 0; at < accept.size();) {
    const size_t end = std::min(accept.find(',', at), accept.size());
    const std::string_view member = TrimOws(accept.substr(at, end - at));
    at = end + 1;
    const size_t range_end = std::min(member.find(';'), member.size());
    const std::string_view range = TrimOws(member.substr(0, range_end));
    int its = 0;
    if (EqualsIgnoringCase(range, type)) {
      its = 3;
    } else if (range.size() == group.size() + 1 && range.back() == '*' &&
               EqualsIgnoringCase(range.substr(0, group.size()), group)) {
      its = 2;
    } else if (range == "*/*") {
      its = 1;
    }
    if (its <= specificity) continue;
    specificity = its;
    weight = Weight(member.substr(range_end));
  }
  return weight;
}

}  // namespace

bool PrefersJson(std::string_view accept) {
  return WeightOf("application/json", accept) >
         std::max(WeightOf("text/plain", accept),
                  WeightOf("text/html", accept));
}

bool WantsJson(const RequestHead& head) {
  return PrefersJson(head.Find("Accept").value_or(""));
}

std::string ErrorBody(HttpError error, bool json) {
  const auto code = static_cast<int>(error.status);
  const std::string title(ReasonPhrase(error.status));
  if (!json) return absl::StrCat(code, " ", title, ": ", error.reason, "\n");
  std::string detail;
  AppendJsonEscaped(error.reason, detail);
  return absl::StrCat("{\"status\":", code, ",\"title\":\"", title,
                      "\",\"detail\":\"", detail, "\"}\n");
}

}  // namespace rondo
