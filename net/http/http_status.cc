#include "net/http/http_status.h"

namespace rondo {

std::string_view ReasonPhrase(HttpStatus status) {
  switch (status) {
    case HttpStatus::kContinue:
      return "Continue";
    case HttpStatus::kSwitchingProtocols:
      return "Switching Protocols";
    case HttpStatus::kOk:
      return "OK";
    case HttpStatus::kCreated:
      return "Created";
    case HttpStatus::kAccepted:
      return "Accepted";
    case HttpStatus::kNoContent:
      return "No Content";
    case HttpStatus::kPartialContent:
      return "Partial Content";
    case HttpStatus::kMovedPermanently:
      return "Moved Permanently";
    case HttpStatus::kFound:
      return "Found";
    case HttpStatus::kSeeOther:
      return "See Other";
    case HttpStatus::kNotModified:
      return "Not Modified";
    case HttpStatus::kTemporaryRedirect:
      return "Temporary Redirect";
    case HttpStatus::kPermanentRedirect:
      return "Permanent Redirect";
    case HttpStatus::kBadRequest:
      return "Bad Request";
    case HttpStatus::kUnauthorized:
      return "Unauthorized";
    case HttpStatus::kForbidden:
      return "Forbidden";
    case HttpStatus::kNotFound:
      return "Not Found";
    case HttpStatus::kMethodNotAllowed:
      return "Method Not Allowed";
    case HttpStatus::kNotAcceptable:
      return "Not Acceptable";
    case HttpStatus::kRequestTimeout:
      return "Request Timeout";
    case HttpStatus::kConflict:
      return "Conflict";
    case HttpStatus::kGone:
      return "Gone";
    case HttpStatus::kLengthRequired:
      return "Length Required";
    case HttpStatus::kPreconditionFailed:
      return "Precondition Failed";
    case HttpStatus::kContentTooLarge:
      return "Content Too Large";
    case HttpStatus::kUriTooLong:
      return "URI Too Long";
    case HttpStatus::kUnsupportedMediaType:
      return "Unsupported Media Type";
    case HttpStatus::kRangeNotSatisfiable:
      return "Range Not Satisfiable";
    case HttpStatus::kExpectationFailed:
      return "Expectation Failed";
    case HttpStatus::kMisdirectedRequest:
      return "Misdirected Request";
    case HttpStatus::kUnprocessableContent:
      return "Unprocessable Content";
    case HttpStatus::kUpgradeRequired:
      return "Upgrade Required";
    case HttpStatus::kTooManyRequests:
      return "Too Many Requests";
    case HttpStatus::kRequestHeaderFieldsTooLarge:
      return "Request Header Fields Too Large";
    case HttpStatus::kInternalServerError:
      return "Internal Server Error";
    case HttpStatus::kNotImplemented:
      return "Not Implemented";
    case HttpStatus::kBadGateway:
      return "Bad Gateway";
    case HttpStatus::kServiceUnavailable:
      return "Service Unavailable";
    case HttpStatus::kGatewayTimeout:
      return "Gateway Timeout";
    case HttpStatus::kHttpVersionNotSupported:
      return "HTTP Version Not Supported";
  }
  return "";
}

}  // namespace rondo
