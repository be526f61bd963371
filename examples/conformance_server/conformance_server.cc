// Conformance server: answers so that a client can tell what has arrived.
//
//   bazel run -c opt //examples/conformance_server -- --port=8080
//   curl -d 'some text' http://127.0.0.1:8080/any/path     prints some text
//   curl http://127.0.0.1:8080/                            prints OK
//   curl http://127.0.0.1:8080/echo        prints the request's header lines
//   curl -b 'a=1; b=2' http://127.0.0.1:8080/cookie        prints a=1, then b=2
//
// For programs that probe servers: they send what is right, and every kind of
// wrong, and look at status, answer and connection. Any method will do, and the
// answer leaves in one write, head and body.
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/init.h"
#include "examples/http_main.h"
#include "net/http/http_request.h"
#include "net/http/response_writer.h"
#include "net/http/router.h"

namespace {

using rondo::HttpRequest;
using rondo::ResponseWriter;
using rondo::Router;

void SendBody(const HttpRequest& request, ResponseWriter& writer) {
  writer.Send(request.body().empty() ? "OK" : request.body());
}

void SendHeader(const HttpRequest& request, ResponseWriter& writer) {
  std::string lines;
  for (const auto& [name, value] : request.fields()) {
    lines.append(name).append(": ").append(value).append("\n");
  }
  writer.Send(lines);
}

// RFC 6265 §4.2.1: pairs, with a semicolon between them.
void SendCookies(const HttpRequest& request, ResponseWriter& writer) {
  std::string lines;
  for (const auto& [name, value] : request.fields()) {
    if (!absl::EqualsIgnoreCase({name.data(), name.size()}, "Cookie")) continue;
    const absl::string_view cookies(value.data(), value.size());
    for (absl::string_view cookie : absl::StrSplit(cookies, ';')) {
      if (!absl::StrContains(cookie, '=')) continue;
      absl::StrAppend(&lines, absl::StripAsciiWhitespace(cookie), "\n");
    }
  }
  writer.Send(lines);
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "conformance_server: answers HTTP with what has come.");
  Router router;
  router.Add(Router::kAnyMethod, "/{path...}", SendBody);
  router.Add(Router::kAnyMethod, "/echo", SendHeader);
  router.Add(Router::kAnyMethod, "/cookie", SendCookies);
  return rondo::examples::ServeHttpUntilSignal("conformance_server",
                                               std::move(router));
}
