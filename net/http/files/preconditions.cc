#include "net/http/files/preconditions.h"

#include <optional>

#include "net/http/files/entity_tag.h"
#include "net/http/http_chars.h"
#include "net/http/http_date.h"

namespace rondo {
namespace {

using Comparison = EntityTag::Comparison;
using Outcome = Preconditions::Outcome;

// The conditions of one request.
class Conditions {
 public:
  Conditions(std::string_view method, const std::vector<HttpField>& fields,
             const Validators& current, absl::Time now)
      : method_(method), fields_(fields), current_(current), now_(now) {}

  Outcome Evaluate() const {
    const auto matches = IsNamedBy("If-Match", Comparison::kStrong);
    if (!matches.value_or(!ModifiedSince("If-Unmodified-Since", false))) {
      return Outcome::kFailed;
    }
    const bool reads = method_ == "GET" || method_ == "HEAD";
    const auto known = IsNamedBy("If-None-Match", Comparison::kWeak);
    if (known.value_or(reads && !ModifiedSince("If-Modified-Since", true))) {
      return reads ? Outcome::kNotModified : Outcome::kFailed;
    }
    return Outcome::kProceed;
  }

  // Only GET has ranges (§14.2).
  std::string_view Range() const {
    if (method_ != "GET") return {};
    const auto range = Only("Range");
    if (!range.has_value()) return {};
    return IfRangeHolds() ? *range : std::string_view();
  }

 private:
  // Of the lists of that name together; empty if there is none.
  std::optional<bool> IsNamedBy(std::string_view name,
                                Comparison comparison) const {
    std::optional<bool> named;
    for (const HttpField& field : fields_) {
      if (!EqualsIgnoringCase(field.name, name)) continue;
      named =
          named.value_or(false) || current_.tag.IsIn(field.value, comparison);
    }
    return named;
  }

  // The value of a field that may come once; empty if it does not come so.
  std::optional<std::string_view> Only(std::string_view name) const {
    std::optional<std::string_view> value;
    for (const HttpField& field : fields_) {
      if (!EqualsIgnoringCase(field.name, name)) continue;
      if (value.has_value()) return std::nullopt;
      value = field.value;
    }
    return value;
  }

  bool Has(std::string_view name) const {
    for (const HttpField& field : fields_) {
      if (EqualsIgnoringCase(field.name, name)) return true;
    }
    return false;
  }

  // Since the date of that field; `without` if it says none.
  bool ModifiedSince(std::string_view name, bool without) const {
    const auto value = Only(name);
    if (!value.has_value()) return without;
    const auto date = ParseHttpDate(*value, now_);
    return date.has_value() ? current_.last_modified > *date : without;
  }

  bool IfRangeHolds() const {
    constexpr std::string_view kIfRange = "If-Range";
    const auto value = Only(kIfRange);
    if (!value.has_value()) return !Has(kIfRange);
    if (const auto tag = EntityTag::Parse(*value); tag.has_value()) {
      return current_.tag.Matches(*tag, Comparison::kStrong);
    }
    return current_.last_modified_is_strong &&
           ParseHttpDate(*value, now_) == current_.last_modified;
  }

  const std::string_view method_;
  const std::vector<HttpField>& fields_;
  const Validators& current_;
  const absl::Time now_;
};

}  // namespace

Preconditions Preconditions::Evaluate(std::string_view method,
                                      const std::vector<HttpField>& fields,
                                      const Validators& current,
                                      absl::Time now) {
  const Conditions conditions(method, fields, current, now);
  const Outcome outcome = conditions.Evaluate();
  if (outcome != Outcome::kProceed) return {.outcome = outcome};
  return {.range = conditions.Range()};
}

}  // namespace rondo
