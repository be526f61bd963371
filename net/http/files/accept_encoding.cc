#include "net/http/files/accept_encoding.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "net/http/http_chars.h"
#include "net/http/list_members.h"

namespace rondo {
namespace {

constexpr int kBest = 1'000;

// 0 to 1, with up to three digits after the point.
std::optional<int> ParseQuality(std::string_view text) {
  constexpr size_t kMaxDecimals = 3;
  if (!text.starts_with('0') && !text.starts_with('1')) return std::nullopt;
  int quality = text.front() == '1' ? kBest : 0;
  if (text.size() == 1) return quality;
  const std::string_view decimals = text.substr(2);
  if (text[1] != '.' || decimals.size() > kMaxDecimals ||
      !AreAll(HttpChars::kDigit, decimals)) {
    return std::nullopt;
  }
  int place = kBest;
  for (const char c : decimals) quality += (place /= 10) * (c - '0');
  if (quality > kBest) return std::nullopt;
  return quality;
}

// What stands behind a coding's name: nothing, or ;q= and its quality.
std::optional<int> ParseWeight(std::string_view text) {
  constexpr std::string_view kQ = "q=";
  text = TrimOws(text);
  if (text.empty()) return kBest;
  if (!text.starts_with(';')) return std::nullopt;
  text = TrimOws(text.substr(1));
  if (!EqualsIgnoringCase(text.substr(0, kQ.size()), kQ)) return std::nullopt;
  return ParseQuality(text.substr(kQ.size()));
}

std::optional<ContentCoding> FindCoding(std::string_view name) {
  // x-gzip is its name of old (RFC 9110 §8.4.1.3).
  if (EqualsIgnoringCase(name, "x-gzip")) return ContentCoding::kGzip;
  for (const ContentCoding coding : kContentCodings) {
    if (EqualsIgnoringCase(name, NameOf(coding))) return coding;
  }
  return std::nullopt;
}

}  // namespace

AcceptEncoding::AcceptEncoding(const std::vector<HttpField>& fields) {
  for (const HttpField& field : fields) {
    if (!EqualsIgnoringCase(field.name, "Accept-Encoding")) continue;
    ForEachMember(field.value, [this](std::string_view member) {
      AddMember(member);
      return true;
    });
  }
}

void AcceptEncoding::AddMember(std::string_view member) {
  const size_t name_bytes = CountFirst(HttpChars::kToken, member);
  const std::string_view name = member.substr(0, name_bytes);
  const auto quality = ParseWeight(member.substr(name_bytes));
  if (!quality.has_value()) return;
  if (name == "*") {
    others_ = quality;
  } else if (const auto coding = FindCoding(name); coding.has_value()) {
    named_[static_cast<size_t>(*coding)] = quality;
  }
}

std::optional<int> AcceptEncoding::QualityOf(ContentCoding coding) const {
  const auto& named = named_[static_cast<size_t>(coding)];
  return named.has_value() ? named : others_;
}

std::vector<ContentCoding> AcceptEncoding::ByPreference() const {
  // Sorted by what is wanted more, then in their own order.
  std::vector<std::pair<int, ContentCoding>> taken;
  for (const ContentCoding coding : kContentCodings) {
    const auto quality = QualityOf(coding);
    if (quality.value_or(0) > 0) {
      taken.emplace_back(-*quality, coding);
    } else if (coding == ContentCoding::kIdentity && !quality.has_value()) {
      // Nobody has said no, but everything that is named comes first.
      taken.emplace_back(0, coding);
    }
  }
  std::ranges::sort(taken);
  std::vector<ContentCoding> codings;
  for (const auto& [quality, coding] : taken) codings.push_back(coding);
  return codings;
}

}  // namespace rondo
