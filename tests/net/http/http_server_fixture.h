#ifndef RONDO_TESTS_NET_HTTP_HTTP_SERVER_FIXTURE_H_
#define RONDO_TESTS_NET_HTTP_HTTP_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"
#include "net/http/http_handler.h"
#include "net/http/http_options.h"
#include "net/http/http_request.h"
#include "net/http/http_server.h"
#include "net/http/response_writer.h"
#include "net/http/router.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/tcp_server_options.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/loopback_client.h"

namespace rondo {

// --- What clients say. -------------------------------------------------------

// A request of HTTP/1.1 with Host: `line` is method and target, `fields` more
// lines, each with its end.
std::string Request(std::string_view line, std::string_view fields = "");
// One with a body of that length.
std::string Post(std::string_view target, std::string_view body,
                 std::string_view fields = "");
// The last one: the answer ends the connection.
inline std::string LastRequest(std::string_view line = "GET /") {
  return Request(line, "Connection: close\r\n");
}

// --- What servers say, without Date. -----------------------------------------

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
inline constexpr std::string_view kClose = "Connection: close\r\n";

// `status` with its reason; `fields` are lines after the length.
std::string Answer(std::string_view status, std::string_view body,
                   std::string_view fields = "");
inline std::string Ok(std::string_view body, std::string_view fields = "") {
  return Answer("200 OK", body, fields);
}
inline std::string LastOk(std::string_view body) { return Ok(body, kClose); }

// `bytes` without the line of Date in each head.
std::string WithoutDates(std::string bytes);
// The status lines in `bytes`.
std::vector<std::string> StatusLines(std::string_view bytes);

// --- What handlers do. -------------------------------------------------------

HttpHandler Says(std::string text);
void EchoBody(const HttpRequest& request, ResponseWriter& writer);

// Answers that wait to be given by the test's thread.
//
// Threading: all methods are Thread-safe.
class HeldAnswers {
 public:
  HttpHandler Handler();
  // Returns when so many have been asked for.
  void Await(int count) { asked_.Await(count); }
  int count() const { return asked_.count(); }

  // In any order, each once.
  bool Give(size_t index, std::string_view body);
  // See DeferredResponse::Run(); it may be given still.
  bool Run(size_t index, absl::AnyInvocable<void(ResponseWriter*)> f);
  // As if nobody knew it.
  void Drop(size_t index);

 private:
  DeferredResponse Take(size_t index);

  EventCount asked_;
  Mutex mu_;
  std::vector<std::unique_ptr<DeferredResponse>> held_ ABSL_GUARDED_BY(mu_);
};

// An HttpServer on a loop that has a thread of its own, and its clients.
class HttpServerFixture : public ::testing::Test {
 public:
  // Adds a route; returns itself, to be followed by Start().
  HttpServerFixture& On(std::string_view method, std::string_view pattern,
                        HttpHandler handler, RouteOptions options = {});
  // One of POST that streams the body.
  HttpServerFixture& OnStream(std::string_view pattern, HttpHandler handler);

  // Makes and starts server_ with these and the options, or CHECKs. GET / says
  // "hello" and POST /echo the body, if nothing else was said of them.
  void Start();

 protected:
  explicit HttpServerFixture(EventLoopOptions loop = {});
  ~HttpServerFixture() override { Stop(); }

  // For the destructor of who has what handlers use.
  void Stop();

  LoopbackClient Connect();
  // All that a client gets that says `bytes`.
  std::string Ask(std::string_view bytes);
  // The next answer: a head, and what belongs to it.
  std::string Receive(LoopbackClient& client, bool is_head = false);
  // Whether nothing is there to be received now.
  static bool HasNothing(const LoopbackClient& client);

  // Returns when the server has read all that the client has sent, unless it
  // does not want to.
  void AwaitRead(const LoopbackClient& client);
  void AwaitTurns();
  EventLoop* loop() const { return thread_->loop(); }

  HttpOptions options_;
  TcpServerOptions tcp_options_;
  HeldAnswers held_;   // these outlive the server
  EventCount events_;  // of whatever a test counts
  std::unique_ptr<EventLoopThread> thread_;
  std::unique_ptr<HttpServer> server_;

 private:
  Router router_;
  bool has_root_ = false;
  bool has_echo_ = false;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_HTTP_SERVER_FIXTURE_H_
