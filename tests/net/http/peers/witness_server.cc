#include "tests/net/http/peers/witness_server.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/http/http_response.h"
#include "net/http/response_writer.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

constexpr char kTag[] = "\"rondo\"";

std::string TokenOf(const HttpRequest& request) {
  return std::string(request.parameter("token").value_or(""));
}

std::string EchoOf(const HttpRequest& request) {
  return WitnessServer::Echo(request.method(), TokenOf(request),
                             request.body());
}

void Tell(HttpStatus status, const HttpRequest& request,
          ResponseWriter& writer) {
  writer.AddField("X-Token", TokenOf(request));
  writer.Send(status, EchoOf(request));
}

void EchoLater(ThreadPool& pool, const HttpRequest& request,
               ResponseWriter& writer) {
  HttpResponse response = {.body = EchoOf(request)};
  CHECK(response.fields.Add("X-Token", TokenOf(request)));
  const auto submitted = pool.Submit(
      [later = writer.Defer(), response = std::move(response)]() mutable {
        later.Send(std::move(response));
      });
  CHECK(submitted == ThreadPool::SubmitResult::kAccepted);
}

// The answer begins with the body's first piece: after 100 Continue, and not
// together with it, which haproxy 2.6 takes for all of the answer.
void EchoStreamed(const HttpRequest& request, ResponseWriter& writer) {
  struct State {
    bool begun = false;
    std::string token;
    std::string method;
  };
  const auto state = std::make_shared<State>();
  state->token = TokenOf(request);
  state->method = request.method();
  const auto write = [state](ResponseWriter& w, std::string_view piece) {
    if (!std::exchange(state->begun, true)) {
      w.AddField("X-Token", state->token);
      w.Begin(HttpStatus::kOk);
      w.Write(WitnessServer::Echo(state->method, state->token, ""));
    }
    w.Write(piece);
  };
  writer.ReadBody({.on_data = write,
                   .on_end = [write](ResponseWriter& w, const HttpTrailers&) {
                     write(w, "");
                     w.End();
                   }});
}

void TellTagged(const HttpRequest& request, ResponseWriter& writer) {
  writer.AddField("ETag", kTag);
  const bool has_it = request.Find("If-None-Match") == kTag;
  Tell(has_it ? HttpStatus::kNotModified : HttpStatus::kOk, request, writer);
}

void TellVast(const HttpRequest& request, ResponseWriter& writer) {
  writer.AddField("X-Token", TokenOf(request));
  writer.Begin(HttpStatus::kOk, kTextType, WitnessServer::kVastBytes);
  writer.OnRoom([left = WitnessServer::kVastBytes](ResponseWriter& w) mutable {
    static const std::string kPiece(64 * 1'024, 'x');
    while (left > 0 && !w.is_sated()) {
      const size_t bytes = std::min<uint64_t>(left, kPiece.size());
      left -= bytes;
      if (!w.Write({kPiece.data(), bytes})) return;
    }
    if (left == 0) w.End();
  });
}

}  // namespace

WitnessServer::WitnessServer(HttpOptions options, ConnectionLimits limits)
    : pool_(NewPool({.threads = 2})) {
  auto thread = EventLoopThread::Start();
  CHECK(thread.ok()) << thread.status();
  thread_ = *std::move(thread);
  TcpServerOptions tcp = {.listen = {*InetAddress::Parse("127.0.0.1:0")},
                          .threads = 2,
                          .limits = limits,
                          .max_connections = SIZE_MAX,
                          .max_connections_per_address = SIZE_MAX};
  server_ = std::make_unique<HttpServer>(thread_->loop(), std::move(tcp),
                                         MakeRouter(), options);
  const absl::Status status = server_->Start();
  CHECK(status.ok()) << status;
}

WitnessServer::~WitnessServer() {
  server_.reset();
  thread_.reset();
}

std::vector<WitnessServer::Request> WitnessServer::requests() const {
  std::lock_guard lock(mu_);
  return requests_;
}

void WitnessServer::ForgetRequests() {
  std::lock_guard lock(mu_);
  requests_.clear();
}

std::string WitnessServer::Echo(std::string_view method, std::string_view token,
                                std::string_view body) {
  std::string text;
  for (const std::string_view part : {method, token, body}) {
    text.append(part).append("\n");
  }
  text.pop_back();
  return text;
}

Router WitnessServer::MakeRouter() {
  Router router;
  const auto add = [&](std::string_view pattern, auto handler,
                       RouteOptions options = {}) {
    router.Add(
        Router::kAnyMethod, pattern,
        [this, handler](const HttpRequest& request, ResponseWriter& writer) {
          Remember(request);
          handler(request, writer);
        },
        options);
  };
  const auto tell = [](HttpStatus status) {
    return [status](const HttpRequest& request, ResponseWriter& writer) {
      Tell(status, request, writer);
    };
  };
  add("/echo/{token}", tell(HttpStatus::kOk));
  add("/later/{token}",
      [this](const HttpRequest& request, ResponseWriter& writer) {
        EchoLater(*pool_, request, writer);
      });
  add("/streamed/{token}", EchoStreamed, {.stream_body = true});
  add("/unread/{token}", tell(HttpStatus::kOk), {.stream_body = true});
  add("/missing/{token}", tell(HttpStatus::kNotFound));
  add("/tagged/{token}", TellTagged);
  add("/vast/{token}", TellVast);
  add("/{any...}", [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Send(request.body().empty() ? "OK" : request.body());
  });
  return router;
}

void WitnessServer::Remember(const HttpRequest& request) {
  std::lock_guard lock(mu_);
  requests_.push_back({.connection = request.peer_address().port(),
                       .method = std::string(request.method()),
                       .path = std::string(request.path()),
                       .token = TokenOf(request),
                       .passed_on = request.Find("X-Passed-On") == "yes"});
}

}  // namespace rondo
