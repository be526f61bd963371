#include "tests/net/http/http_server_fixture.h"

#include <glog/logging.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace rondo {
namespace {

constexpr size_t kDateLineBytes = 37;

absl::string_view Abseil(std::string_view text) {
  return {text.data(), text.size()};
}

std::unique_ptr<EventLoopThread> StartThread(EventLoopOptions options) {
  auto thread =
      EventLoopThread::Start({.name = "http", .loop = std::move(options)});
  CHECK(thread.ok()) << thread.status();
  return *std::move(thread);
}

// Up to and with `end`.
std::string ReceiveUntil(LoopbackClient& client, std::string_view end) {
  std::string text;
  while (!text.ends_with(end)) {
    const std::string byte = client.Receive(1);
    if (byte.empty()) break;
    text += byte;
  }
  return text;
}

std::string ReceiveChunks(LoopbackClient& client) {
  std::string text;
  while (true) {
    const std::string line = ReceiveUntil(client, "\r\n");
    text += line;
    const size_t bytes = std::strtoull(line.c_str(), nullptr, 16);
    if (bytes == 0) break;
    text += client.Receive(bytes + 2);
  }
  while (true) {  // its trailer
    const std::string line = ReceiveUntil(client, "\r\n");
    text += line;
    if (line.size() <= 2) return text;
  }
}

}  // namespace

std::string Request(std::string_view line, std::string_view fields) {
  return absl::StrCat(Abseil(line), " HTTP/1.1\r\nHost: h\r\n", Abseil(fields),
                      "\r\n");
}

std::string Post(std::string_view target, std::string_view body,
                 std::string_view fields) {
  return Request(absl::StrCat("POST ", Abseil(target)),
                 absl::StrCat("Content-Length: ", body.size(), "\r\n",
                              Abseil(fields))) +
         std::string(body);
}

std::string Answer(std::string_view status, std::string_view body,
                   std::string_view fields) {
  return absl::StrCat("HTTP/1.1 ", Abseil(status),
                      "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Length: ",
                      body.size(), "\r\n", Abseil(fields), "\r\n",
                      Abseil(body));
}

std::string WithoutDates(std::string bytes) {
  constexpr std::string_view kLine = "\r\nDate: ";
  for (size_t at = 0; (at = bytes.find(kLine, at)) != std::string::npos;) {
    bytes.erase(at + 2, kDateLineBytes);
  }
  return bytes;
}

std::vector<std::string> StatusLines(std::string_view bytes) {
  std::vector<std::string> lines;
  constexpr std::string_view kBegin = "HTTP/1.1 ";
  for (size_t at = 0; (at = bytes.find(kBegin, at)) != bytes.npos;) {
    at += kBegin.size();
    lines.emplace_back(bytes.substr(at, bytes.find("\r\n", at) - at));
  }
  return lines;
}

HttpHandler Says(std::string text) {
  return [text = std::move(text)](const HttpRequest&, ResponseWriter& writer) {
    writer.Send(text);
  };
}

void EchoBody(const HttpRequest& request, ResponseWriter& writer) {
  writer.Send(request.body());
}

HttpHandler HeldAnswers::Handler() {
  return [this](const HttpRequest&, ResponseWriter& writer) {
    {
      MutexLock lock(&mu_);
      held_.push_back(std::make_unique<DeferredResponse>(writer.Defer()));
    }
    asked_.Add();
  };
}

DeferredResponse HeldAnswers::Take(size_t index) {
  MutexLock lock(&mu_);
  CHECK(held_.at(index) != nullptr) << "given already";
  return std::move(*std::exchange(held_[index], nullptr));
}

bool HeldAnswers::Give(size_t index, std::string_view body) {
  return Take(index).Send({.body = std::string(body)});
}

bool HeldAnswers::Run(size_t index,
                      absl::AnyInvocable<void(ResponseWriter*)> f) {
  MutexLock lock(&mu_);
  return held_.at(index)->Run(std::move(f));
}

void HeldAnswers::Drop(size_t index) { Take(index); }

HttpServerFixture::HttpServerFixture(EventLoopOptions loop)
    : thread_(StartThread(std::move(loop))) {
  tcp_options_.listen = {*InetAddress::Parse("127.0.0.1:0")};
}

void HttpServerFixture::Start() {
  if (!has_root_) On("GET", "/", Says("hello"));
  if (!has_echo_) On("POST", "/echo", EchoBody);
  server_ = std::make_unique<HttpServer>(loop(), tcp_options_,
                                         std::move(router_), options_);
  const absl::Status status = server_->Start();
  CHECK(status.ok()) << status;
}

void HttpServerFixture::Stop() {
  server_.reset();  // before its loop
  thread_.reset();
}

HttpServerFixture& HttpServerFixture::On(std::string_view method,
                                         std::string_view pattern,
                                         HttpHandler handler,
                                         RouteOptions options) {
  has_root_ = has_root_ || pattern == "/";
  has_echo_ = has_echo_ || pattern == "/echo";
  router_.Add(method, pattern, std::move(handler), std::move(options));
  return *this;
}

HttpServerFixture& HttpServerFixture::OnStream(std::string_view pattern,
                                               HttpHandler handler) {
  return On("POST", pattern, std::move(handler), {.stream_body = true});
}

LoopbackClient HttpServerFixture::Connect() {
  return LoopbackClient(server_->tcp().addresses().front());
}

std::string HttpServerFixture::Ask(std::string_view bytes) {
  LoopbackClient client = Connect();
  client.Send(bytes);
  return WithoutDates(client.ReceiveAll());
}

std::string HttpServerFixture::Receive(LoopbackClient& client, bool is_head) {
  std::string answer = WithoutDates(ReceiveUntil(client, "\r\n\r\n"));
  if (is_head) return answer;
  if (answer.find("\r\nTransfer-Encoding: chunked\r\n") != answer.npos) {
    return answer + ReceiveChunks(client);
  }
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const size_t at = answer.find(kLength);
  if (at == answer.npos) return answer;
  const size_t bytes = std::stoull(answer.substr(at + kLength.size()));
  return answer + client.Receive(bytes);
}

bool HttpServerFixture::HasNothing(const LoopbackClient& client) {
  char byte;
  return recv(client.fd().get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         errno == EAGAIN;
}

void HttpServerFixture::AwaitRead(const LoopbackClient& client) {
  AwaitTrue([&] {
    int unsent = 0;  // or not acknowledged
    PCHECK(ioctl(client.fd().get(), SIOCOUTQ, &unsent) == 0);
    return unsent == 0;
  });
  AwaitTurns();
}

void HttpServerFixture::AwaitTurns() {
  // The one that runs, one that accepts, one that reads, one that answers.
  // Tasks may all run in one turn, a timer runs in the next.
  for (int i = 0; i < 4; ++i) {
    const auto ran = std::make_shared<EventCount>();
    loop()->QueueInLoop([this, ran] {
      loop()->RunAfter(absl::ZeroDuration(), [ran] { ran->Add(); });
    });
    ran->Await(1);
  }
}

}  // namespace rondo
