#ifndef RONDO_NET_HTTP_HTTP_REQUEST_H_
#define RONDO_NET_HTTP_HTTP_REQUEST_H_

#include <optional>
#include <string_view>
#include <vector>

#include "net/http/body_reader.h"
#include "net/http/path_parameters.h"
#include "net/http/request_head.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// What is asked, as a handler sees it.
//
// Threading: the loop's thread only.
// Lifetime: until the handler returns; copy what is needed for longer.
class HttpRequest {
 public:
  HttpRequest(const RequestHead& head, const PathParameters& parameters,
              const InetAddress& peer, std::string_view body,
              const HttpTrailers& trailers)
      : head_(head),
        parameters_(parameters),
        peer_(peer),
        body_(body),
        trailers_(trailers) {}
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  std::string_view method() const { return head_.method; }
  // As they came: see parameter() and QueryParameters.
  std::string_view path() const { return head_.target.path; }
  std::string_view query() const { return head_.target.query; }
  std::string_view host() const { return head_.host; }
  int minor_version() const { return head_.minor_version; }

  const std::vector<HttpField>& fields() const { return head_.fields; }
  // The value of the first field of that name, in any case.
  std::optional<std::string_view> Find(std::string_view name) const {
    return head_.Find(name);
  }

  // What stands for {name} in the route's pattern, decoded.
  std::optional<std::string_view> parameter(std::string_view name) const {
    return parameters_.Find(name);
  }

  // All of it, and what came behind it, unless the route streams it: then both
  // come to a BodyReader.
  std::string_view body() const { return body_; }
  const HttpTrailers& trailers() const { return trailers_; }

  const InetAddress& peer_address() const { return peer_; }

  // For who copies it.
  const RequestHead& head() const { return head_; }
  const PathParameters& parameters() const { return parameters_; }

 private:
  const RequestHead& head_;
  const PathParameters& parameters_;
  const InetAddress& peer_;
  const std::string_view body_;
  const HttpTrailers& trailers_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_REQUEST_H_
