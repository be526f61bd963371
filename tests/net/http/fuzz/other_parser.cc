#include "tests/net/http/fuzz/other_parser.h"

#include <http_parser.h>

#include <algorithm>
#include <limits>
#include <string>

namespace rondo {
namespace {

// What its callbacks write into.
struct Reading {
  OtherReading result;
  bool in_value = false;    // the last of a field's callbacks was of a value
  bool in_trailer = false;  // fields come behind the body
};

Reading& ReadingOf(http_parser* parser) {
  return *static_cast<Reading*>(parser->data);
}

WireRequest& RequestOf(http_parser* parser) {
  return ReadingOf(parser).result.requests.back();
}

NamesAndValues& FieldsOf(http_parser* parser) {
  WireRequest& request = RequestOf(parser);
  return ReadingOf(parser).in_trailer ? request.trailers : request.head.fields;
}

int OnMessageBegin(http_parser* parser) {
  Reading& reading = ReadingOf(parser);
  reading.result.requests.emplace_back();
  reading.in_value = false;
  reading.in_trailer = false;
  return 0;
}

int OnUrl(http_parser* parser, const char* at, size_t bytes) {
  RequestOf(parser).head.target.append(at, bytes);
  return 0;
}

int OnFieldName(http_parser* parser, const char* at, size_t bytes) {
  NamesAndValues& fields = FieldsOf(parser);
  if (fields.empty() || ReadingOf(parser).in_value) fields.emplace_back();
  ReadingOf(parser).in_value = false;
  fields.back().first.append(at, bytes);
  return 0;
}

int OnFieldValue(http_parser* parser, const char* at, size_t bytes) {
  ReadingOf(parser).in_value = true;
  FieldsOf(parser).back().second.append(at, bytes);
  return 0;
}

int OnHeadersComplete(http_parser* parser) {
  constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();
  WireHead& head = RequestOf(parser).head;
  head.method = http_method_str(static_cast<http_method>(parser->method));
  // What is later than 1.1 speaks that.
  head.minor_version = std::min<int>(parser->http_minor, 1);
  head.keep_alive = http_should_keep_alive(parser) != 0;
  if ((parser->flags & F_CHUNKED) != 0) {
    head.framing = BodyFraming::kChunked;
  } else if (parser->content_length != kNone && parser->content_length > 0) {
    head.framing = BodyFraming::kLength;
    head.content_length = parser->content_length;
  }
  ReadingOf(parser).in_value = false;
  ReadingOf(parser).in_trailer = true;
  return 0;
}

int OnBody(http_parser* parser, const char* at, size_t bytes) {
  RequestOf(parser).body.append(at, bytes);
  return 0;
}

int OnMessageComplete(http_parser* parser) {
  RequestOf(parser).complete = true;
  return 0;
}

http_parser_settings MakeSettings() {
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  settings.on_message_begin = OnMessageBegin;
  settings.on_url = OnUrl;
  settings.on_header_field = OnFieldName;
  settings.on_header_value = OnFieldValue;
  settings.on_headers_complete = OnHeadersComplete;
  settings.on_body = OnBody;
  settings.on_message_complete = OnMessageComplete;
  return settings;
}

}  // namespace

size_t OtherReading::CountComplete() const {
  return std::ranges::count_if(requests, &WireRequest::complete);
}

OtherReading ReadByOther(std::string_view input) {
  static const http_parser_settings settings = MakeSettings();
  Reading reading;
  http_parser parser;
  http_parser_init(&parser, HTTP_REQUEST);
  parser.data = &reading;
  // Without input it would hear of the connection's end.
  if (input.empty()) return {};
  const size_t parsed =
      http_parser_execute(&parser, &settings, input.data(), input.size());
  const http_errno error = HTTP_PARSER_ERRNO(&parser);
  if (error != HPE_OK) {
    reading.result.error = http_errno_name(error);
    reading.result.error_at = parsed;
  }
  reading.result.upgraded = parser.upgrade != 0;
  return std::move(reading.result);
}

bool IsMethodOfOther(std::string_view method) {
  for (int i = HTTP_DELETE; i <= HTTP_SOURCE; ++i) {
    if (method == http_method_str(static_cast<http_method>(i))) return true;
  }
  return false;
}

std::optional<OtherTarget> ParseTargetByOther(std::string_view text,
                                              bool is_connect) {
  http_parser_url url;
  http_parser_url_init(&url);
  if (http_parser_parse_url(text.data(), text.size(), is_connect, &url) != 0) {
    return std::nullopt;
  }
  const auto part = [&](http_parser_url_fields which) {
    if ((url.field_set & (1u << which)) == 0) return std::string_view();
    const auto& field = url.field_data[which];
    return text.substr(field.off, field.len);
  };
  return OtherTarget{.host = part(UF_HOST),
                     .port = part(UF_PORT),
                     .path = part(UF_PATH),
                     .query = part(UF_QUERY)};
}

}  // namespace rondo
