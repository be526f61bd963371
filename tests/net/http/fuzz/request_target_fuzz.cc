// A method, a space and a target; and that text as what is to be decoded.
#include <event2/http.h>
#include <glog/logging.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "net/http/http_chars.h"
#include "net/http/percent_decoding.h"
#include "net/http/query_parameters.h"
#include "net/http/request_target.h"
#include "tests/net/http/fuzz/fuzz_input.h"
#include "tests/net/http/fuzz/fuzz_target.h"
#include "tests/net/http/fuzz/other_parser.h"
#include "tests/net/http/fuzz/views.h"
#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

using Form = RequestTarget::Form;

// What the other parser's hosts have.
bool IsPlainHost(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return Is(HttpChars::kToken, c) &&
           std::string_view("!#$%&'*+^_`|~").find(c) == std::string_view::npos;
  });
}

struct HostAndPort {
  std::string_view host;
  std::string_view port = {};
  bool has_colon = false;
};

// Of an authority that is well-formed.
HostAndPort SplitAuthority(std::string_view authority) {
  const size_t bracket = authority.find(']');
  const size_t colon =
      authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  HostAndPort parts = {.host = authority.substr(0, colon)};
  if (colon != std::string_view::npos) {
    parts.has_colon = true;
    parts.port = authority.substr(colon + 1);
  }
  if (parts.host.starts_with('[')) {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

// Whether the other parser is known to refuse this authority.
bool MayBeRefused(std::string_view authority) {
  const HostAndPort parts = SplitAuthority(authority);
  // RFC 3986 §3.2.3: there may be no port behind the colon. It wants one.
  if (parts.has_colon && parts.port.empty()) return true;
  // RFC 3986 §3.2.2: a name may have marks and escapes. It has letters, digits,
  // dots and hyphens.
  return !authority.starts_with('[') && !IsPlainHost(parts.host);
}

void CompareWithOther(std::string_view text, const RequestTarget& target) {
  const bool is_connect = target.form == Form::kAuthority;
  const auto other = ParseTargetByOther(text, is_connect);
  if (!other.has_value()) {
    CHECK(!target.authority.empty() && MayBeRefused(target.authority)) << text;
    return;
  }
  const HostAndPort parts = SplitAuthority(target.authority);
  CHECK_EQ(parts.host, other->host) << text;
  CHECK_EQ(parts.port, other->port) << text;
  CHECK_EQ(target.query, other->query) << text;
  // Of a URI without a path ours has one all the same (RFC 9110 §4.2.3).
  if (target.form == Form::kAbsolute && other->path.empty()) return;
  CHECK_EQ(target.path, other->path) << text;
}

// The parts, put together again, are the text.
void CheckParts(std::string_view text, const RequestTarget& target) {
  CHECK(IsInside(target.authority, text));
  CHECK(IsInside(target.query, text));
  std::string whole(target.authority);
  if (IsInside(target.path, text)) whole += target.path;
  if (!target.query.empty()) whole += "?" + std::string(target.query);
  if (target.query.empty() && text.ends_with('?')) whole += "?";
  if (target.form == Form::kAbsolute) {
    CHECK(text.ends_with("://" + whole)) << text;
  } else {
    CHECK_EQ(text, whole);
  }
  CHECK_EQ(target.path.empty(), target.form == Form::kAuthority);
  CHECK(target.authority.empty() || IsHostAndPort(target.authority));
  // What has been checked can be decoded.
  CHECK(PercentDecode(target.path).has_value());
  CHECK(PercentDecode(target.query).has_value());
}

void CheckTarget(std::string_view method, std::string_view text) {
  const auto target = RequestTarget::Parse(method, text);
  if (!target.has_value()) return;
  CHECK_EQ(target->form == Form::kAuthority, method == "CONNECT");
  CHECK(target->form != Form::kAsterisk || method == "OPTIONS");
  CheckParts(text, *target);
  CompareWithOther(text, *target);
}

void CompareDecodingWithOther(const std::string& text, PlusSign plus,
                              const std::string& decoded) {
  if (text.find('\0') != std::string::npos) return;  // it takes a C string
  size_t bytes = 0;
  const std::unique_ptr<char, decltype(&std::free)> other(
      evhttp_uridecode(text.c_str(), plus == PlusSign::kSpace, &bytes),
      &std::free);
  CHECK_EQ(decoded, std::string_view(other.get(), bytes));
}

std::string Encode(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return text;
}

void CheckDecoding(std::string_view text, PlusSign plus, size_t cut) {
  const auto decoded = PercentDecode(text, plus);
  if (!decoded.has_value()) {
    CHECK_NE(text.find('%'), std::string_view::npos);
    return;
  }
  CHECK_LE(decoded->size(), text.size());
  CompareDecodingWithOther(std::string(text), plus, *decoded);
  CHECK_EQ(PercentDecode(Encode(*decoded), plus).value_or("none"), *decoded);
  // What has nothing to decode is itself.
  if (decoded->find_first_of("%+") == std::string::npos) {
    CHECK_EQ(PercentDecode(*decoded, plus).value_or("none"), *decoded);
  }
  // In two pieces it is the same, unless an escape is cut.
  std::string pieces;
  if (PercentDecode(text.substr(0, cut), plus, pieces)) {
    CHECK(PercentDecode(text.substr(cut), plus, pieces));
    CHECK_EQ(pieces, *decoded);
  }
}

void CheckQuery(std::string_view query) {
  const auto parameters = QueryParameters::Parse(query);
  if (!parameters.has_value()) {
    const auto separators = std::ranges::count(query, '&');
    CHECK(!PercentDecode(query).has_value() ||
          static_cast<size_t>(separators) >= QueryParameters::kMax);
    return;
  }
  CHECK_LE(parameters->all().size(), QueryParameters::kMax);
  std::string again;
  for (const auto& [name, value] : parameters->all()) {
    CHECK(parameters->Find(name).has_value());
    again += "&" + Encode(name) + "=" + Encode(value);
  }
  const auto same = QueryParameters::Parse(again);
  CHECK(same.has_value());
  CHECK(same->all() == parameters->all());
}

}  // namespace

std::vector<CorpusInput> InputsFromCases() {
  std::vector<CorpusInput> inputs;
  for (const RequestCase& c : TargetCases()) {
    const size_t end = c.input.find(" HTTP/");
    inputs.push_back({c.name, "00" + c.input.substr(0, end)});
  }
  return inputs;
}

}  // namespace rondo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using rondo::PlusSign;
  const rondo::FuzzInput input(data, size);
  const std::string_view text = input.text();
  const size_t method_bytes = std::min(text.find(' '), text.size());
  const std::string_view rest =
      text.substr(std::min(method_bytes + 1, text.size()));
  const size_t cut = input.Ends(rest.size()).front();
  rondo::CheckTarget(text.substr(0, method_bytes), rest);
  rondo::CheckDecoding(rest, PlusSign::kItself, cut);
  rondo::CheckDecoding(rest, PlusSign::kSpace, cut);
  rondo::CheckQuery(rest);
  return 0;
}
