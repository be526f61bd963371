#ifndef RONDO_NET_HTTP_HTTP_STATUS_H_
#define RONDO_NET_HTTP_HTTP_STATUS_H_

#include <cstdint>
#include <string_view>

namespace rondo {

// Status codes. Those that have no name here are as good: HttpStatus{299}.
//
// Reference: RFC 9110 §15; RFC 6585.
enum class HttpStatus : uint16_t {
  kContinue = 100,
  kSwitchingProtocols = 101,
  kOk = 200,
  kCreated = 201,
  kAccepted = 202,
  kNoContent = 204,
  kPartialContent = 206,
  kMovedPermanently = 301,
  kFound = 302,
  kSeeOther = 303,
  kNotModified = 304,
  kTemporaryRedirect = 307,
  kPermanentRedirect = 308,
  kBadRequest = 400,
  kUnauthorized = 401,
  kForbidden = 403,
  kNotFound = 404,
  kMethodNotAllowed = 405,
  kNotAcceptable = 406,
  kRequestTimeout = 408,
  kConflict = 409,
  kGone = 410,
  kLengthRequired = 411,
  kPreconditionFailed = 412,
  kContentTooLarge = 413,
  kUriTooLong = 414,
  kUnsupportedMediaType = 415,
  kRangeNotSatisfiable = 416,
  kExpectationFailed = 417,
  kMisdirectedRequest = 421,
  kUnprocessableContent = 422,
  kUpgradeRequired = 426,
  kTooManyRequests = 429,
  kRequestHeaderFieldsTooLarge = 431,
  kInternalServerError = 500,
  kNotImplemented = 501,
  kBadGateway = 502,
  kServiceUnavailable = 503,
  kGatewayTimeout = 504,
  kHttpVersionNotSupported = 505,
};

// What stands behind the code; empty if it has no name, which is allowed.
std::string_view ReasonPhrase(HttpStatus status);

// 1xx, 204 and 304 end with their head, whatever it says.
constexpr bool HasNoBody(HttpStatus status) {
  const auto code = static_cast<uint16_t>(status);
  return code < 200 || status == HttpStatus::kNoContent ||
         status == HttpStatus::kNotModified;
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_STATUS_H_
