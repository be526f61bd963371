#ifndef RONDO_TESTS_NET_HTTP_CORO_COROUTINE_SERVER_FIXTURE_H_
#define RONDO_TESTS_NET_HTTP_CORO_COROUTINE_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/coro/async_event.h"
#include "net/http/coro/coroutine_handler.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_service.h"
#include "net/http/router.h"
#include "tests/net/reactor/warnings.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {

// What tasks, which must not capture, have in common in one test.
struct Shared {
  EventCount begun;    // frames
  EventCount gone;     // frames
  EventCount stopped;  // waits that a stop, or the connection's end, has ended
  EventCount resumed;  // what each test says
  AsyncEvent gate;     // of the only loop that has tasks
  std::atomic<TcpServer*> server = nullptr;
};

// An HTTP server of coroutines, and the Shared of its tasks.
class CoroutineServerFixture : public ServerFixture {
 public:
  static inline Shared* shared = nullptr;

  // Counts a frame.
  class Frame {
   public:
    Frame() { shared->begun.Add(); }
    Frame(const Frame&) = delete;
    ~Frame() { shared->gone.Add(); }
  };

 protected:
  CoroutineServerFixture() { shared = &shared_; }
  ~CoroutineServerFixture() override {
    server_.reset();  // its tasks use these
    EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
    shared = nullptr;
  }

  using Handler = Task<> (*)(AsyncRequest&, AsyncResponse&);

  // Any method on /: `handler`. On /stream/{name}: it streams.
  void Serve(Handler handler, int threads = 1, HttpOptions options = {}) {
    Router router;
    router.Add(Router::kAnyMethod, "/{path...}", CoroutineHandler(handler));
    router.Add(Router::kAnyMethod, "/stream/{name}", CoroutineHandler(handler),
               {.max_body_bytes = 1'000'000'000, .stream_body = true});
    TcpServerOptions tcp = LoopbackOptions(threads);
    tcp.limits.max_input_bytes = NeededInputBytes(router, options.limits);
    Start(tcp, HttpCallbacks(std::make_shared<const HttpService>(
                   std::move(router), options)));
    shared_.server = server_.get();
  }

  // On the loop of the only thread.
  void OpenGate() {
    server_->loops().front()->RunAndWait([this] { shared_.gate.Set(); });
  }

  static std::string Get(std::string_view path = "/") {
    return Request("GET", path, "");
  }
  static std::string Post(std::string_view path, std::string_view body) {
    const std::string length =
        "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return Request("POST", path, length) + std::string(body);
  }
  static std::string Request(std::string_view method, std::string_view path,
                             std::string_view fields) {
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\nHost: a\r\n");
    return text.append(fields).append("\r\n");
  }

  // All that comes for `requests`, without the Date lines.
  std::string Answers(std::string_view requests) {
    LoopbackClient client = Connect();
    client.Send(requests);
    client.ShutdownWrite();
    return WithoutDates(client.ReceiveAll());
  }
  static std::string WithoutDates(std::string text) {
    for (size_t at; (at = text.find("Date: ")) != std::string::npos;) {
      text.erase(at, text.find("\r\n", at) + 2 - at);
    }
    return text;
  }
  static std::string Ok(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
  // What has been logged, but for callbacks that a busy machine has made long.
  static std::vector<std::string> Complaints(Warnings& warnings) {
    std::vector<std::string> lines = warnings.Take();
    std::erase_if(lines, [](const std::string& line) {
      return line.find("held the loop") != std::string::npos;
    });
    return lines;
  }

  // The next head.
  static std::string ReceiveHead(LoopbackClient& client) {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = client.Receive(1);
      if (byte.empty()) break;
      head += byte;
    }
    return WithoutDates(head);
  }

  Shared shared_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_CORO_COROUTINE_SERVER_FIXTURE_H_
