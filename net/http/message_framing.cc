#include "net/http/message_framing.h"

#include "net/http/digits.h"
#include "net/http/http_chars.h"
#include "net/http/list_members.h"
#include "net/http/parameters.h"

namespace rondo {
namespace {

bool Refuse(HttpError& error, const char* reason,
            HttpStatus status = HttpStatus::kBadRequest) {
  error = {status, reason};
  return false;
}

}  // namespace

bool MessageFraming::Add(const HttpField& field, HttpError& error) {
  switch (field.name.size()) {  // most are none of these
    case 4:
      return !IsName(field.name, "host") || AddHost(field, error);
    case 6:
      if (IsName(field.name, "expect")) AddExpect(field);
      return true;
    case 10:
      if (IsName(field.name, "connection")) AddConnection(field);
      return true;
    case 14:
      return !IsName(field.name, "content-length") ||
             AddContentLength(field, error);
    case 17:
      return !IsName(field.name, "transfer-encoding") ||
             AddTransferEncoding(field, error);
    default:
      return true;
  }
}

bool MessageFraming::AddHost(const HttpField& field, HttpError& error) {
  if (host_.has_value()) return Refuse(error, "Host comes twice");
  if (!IsHostAndPort(field.value)) {
    return Refuse(error, "Host is no host with or without a port");
  }
  host_ = field.value;
  return true;
}

// A list of equal numbers, or several such fields, is what a careless
// intermediary makes of one.
bool MessageFraming::AddContentLength(const HttpField& field,
                                      HttpError& error) {
  return ForEachMember(field.value, [&](std::string_view member) {
    const auto length = ParseDigits<uint64_t>(member);
    if (!length.has_value()) {
      return Refuse(error, "Content-Length is no number of bytes");
    }
    if (content_length_.value_or(*length) != *length) {
      return Refuse(error, "two values of Content-Length differ");
    }
    content_length_ = length;
    return true;
  });
}

bool MessageFraming::AddTransferEncoding(const HttpField& field,
                                         HttpError& error) {
  has_transfer_encoding_ = true;
  return ForEachMember(field.value, [&](std::string_view coding) {
    if (coding.empty()) return true;
    const size_t name_bytes = CountFirst(HttpChars::kToken, coding);
    if (name_bytes == 0 || !AreParameters(coding.substr(name_bytes))) {
      return Refuse(error, "a transfer coding is malformed");
    }
    if (chunked_) {
      return Refuse(error, "chunked is not the last transfer coding");
    }
    if (EqualsIgnoringCase(coding, "chunked")) {
      chunked_ = true;
    } else {
      unknown_coding_ = true;
    }
    return true;
  });
}

void MessageFraming::AddExpect(const HttpField& field) {
  ForEachMember(field.value, [this](std::string_view expectation) {
    if (expectation.empty()) return true;
    const bool known = EqualsIgnoringCase(expectation, "100-continue");
    (known ? expects_continue_ : expects_else_) = true;
    return true;
  });
}

// What is no token names no option that would be known here.
void MessageFraming::AddConnection(const HttpField& field) {
  ForEachMember(field.value, [this](std::string_view option) {
    if (EqualsIgnoringCase(option, "close")) close_ = true;
    if (EqualsIgnoringCase(option, "keep-alive")) keep_alive_ = true;
    return true;
  });
}

bool MessageFraming::Finish(RequestHead& head, HttpError& error) const {
  if (!CheckHost(head, error) || !CheckBody(head, error)) return false;
  head.keep_alive = !close_ && (head.minor_version > 0 || keep_alive_);
  // HTTP/1.0 knows nothing of expectations.
  if (head.minor_version == 0) return true;
  if (expects_else_) {
    return Refuse(error, "only 100-continue can be expected",
                  HttpStatus::kExpectationFailed);
  }
  head.expects_continue =
      expects_continue_ && head.framing != BodyFraming::kNone;
  return true;
}

bool MessageFraming::CheckHost(RequestHead& head, HttpError& error) const {
  if (!host_.has_value() && head.minor_version > 0) {
    return Refuse(error, "Host is missing");
  }
  // The target's own is right, whatever Host says.
  head.host = head.target.authority.empty() ? host_.value_or("")
                                            : head.target.authority;
  return true;
}

bool MessageFraming::CheckBody(RequestHead& head, HttpError& error) const {
  if (!has_transfer_encoding_) {
    head.content_length = content_length_.value_or(0);
    if (head.content_length > 0) head.framing = BodyFraming::kLength;
    return true;
  }
  if (content_length_.has_value()) {
    return Refuse(error, "Content-Length and Transfer-Encoding both came");
  }
  if (head.minor_version == 0) {
    return Refuse(error, "HTTP/1.0 has no Transfer-Encoding");
  }
  if (!chunked_) {
    return Refuse(error, "the last transfer coding is not chunked");
  }
  if (unknown_coding_) {
    return Refuse(error, "no transfer coding but chunked is known",
                  HttpStatus::kNotImplemented);
  }
  head.framing = BodyFraming::kChunked;
  return true;
}

}  // namespace rondo
