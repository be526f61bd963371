// Random pipelines in random pieces, against a model that knows no pieces.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/thread_pool.h"
#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/testing/seed.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

constexpr int kPipelines = 1'000;
constexpr int kMaxRequests = 40;

// What one client says, and what it should hear.
struct Talk {
  std::string requests;
  std::string answers;  // without Date
};

class HttpPipelinesModelTest : public HttpServerFixture {
 protected:
  ~HttpPipelinesModelTest() override { Stop(); }

  void StartAll() {
    const auto value = [](const HttpRequest& request) {
      return std::string(*request.parameter("v"));
    };
    On("GET", "/now/{v}",
       [value](const HttpRequest& request, ResponseWriter& writer) {
         writer.Send(value(request));
       });
    On("GET", "/later/{v}",
       [this, value](const HttpRequest& request, ResponseWriter& writer) {
         auto task = [later = writer.Defer(), v = value(request)] {
           later.Send({.body = v});
         };
         EXPECT_EQ(pool_->Submit(std::move(task)),
                   ThreadPool::SubmitResult::kAccepted);
       });
    On("GET", "/chunks/{v}",
       [value](const HttpRequest& request, ResponseWriter& writer) {
         writer.Begin(HttpStatus::kOk);
         for (const char c : value(request)) writer.Write({&c, 1});
         writer.AddField("X-End", "yes");
         writer.End();
       });
    OnStream("/stream", [](const HttpRequest&, ResponseWriter& writer) {
      auto all = std::make_shared<std::string>();
      writer.ReadBody(
          {.on_data = [all](ResponseWriter&,
                            std::string_view data) { all->append(data); },
           .on_end = [all](ResponseWriter& w,
                           const HttpTrailers&) { w.Send(*all); }});
    });
    OnStream("/ignore", Says("ignored"));
    Start();
  }

  // One more request, and its answer; `last` ends the connection.
  void Add(Talk& talk, bool last) {
    const std::string_view fields = last ? kClose : "";
    const std::string value = Text(1 + Below(30));
    const std::string body = Text(Below(4) == 0 ? Below(9'000) : Below(40));
    switch (Below(9)) {
      case 0:
        talk.requests += Request("GET /now/" + value, fields);
        talk.answers += Ok(value, fields);
        return;
      case 1:
        talk.requests += Request("GET /later/" + value, fields);
        talk.answers += Ok(value, fields);
        return;
      case 2:
        talk.requests += Request("HEAD /now/" + value, fields);
        talk.answers += Ok(value, fields);
        talk.answers.resize(talk.answers.size() - value.size());
        return;
      case 3:
        talk.requests += Request("GET /chunks/" + value, fields);
        talk.answers += Chunks(value, fields);
        return;
      case 4:
        talk.requests += Post("/echo", body, fields);
        talk.answers += Ok(body, fields);
        return;
      case 5:
        talk.requests += Post("/stream", body, fields);
        talk.answers += Ok(body, fields);
        return;
      case 6:
        talk.requests +=
            InChunks(Below(2) == 0 ? "/echo" : "/stream", body, fields);
        talk.answers += Ok(body, fields);
        return;
      case 7:
        talk.requests += Post("/ignore", body, fields);
        talk.answers += Ok("ignored", fields);
        return;
      default:
        talk.requests += Request("GET /none/" + value, fields);
        talk.answers +=
            Answer("404 Not Found",
                   "404 Not Found: there is nothing by that name\n", fields);
        return;
    }
  }

  static std::string Chunks(std::string_view value, std::string_view fields) {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Transfer-Encoding: chunked\r\n" +
        std::string(fields) + "\r\n";
    for (const char c : value) text += std::string("1\r\n") + c + "\r\n";
    return text + "0\r\nX-End: yes\r\n\r\n";
  }

  std::string InChunks(std::string_view target, std::string_view body,
                       std::string_view fields) {
    std::string text =
        Request("POST " + std::string(target),
                "Transfer-Encoding: chunked\r\n" + std::string(fields));
    while (!body.empty()) {
      const size_t bytes = 1 + Below(body.size());
      text += absl::StrCat(absl::Hex(bytes), "\r\n") +
              std::string(body.substr(0, bytes)) + "\r\n";
      body.remove_prefix(bytes);
    }
    return text + (Below(2) == 0 ? "0\r\n\r\n" : "0\r\nX: y\r\n\r\n");
  }

  std::string Text(size_t bytes) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>('a' + Below(26));
    return text;
  }

  // At least one byte each, and most of them few.
  void SendInPieces(LoopbackClient& client, std::string_view text) {
    const int on = 1;
    setsockopt(client.fd().get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const size_t most = Below(2) == 0 ? 8'000 : 1 + Below(300);
    while (!text.empty()) {
      const size_t bytes = std::min(1 + Below(most), text.size());
      client.Send(text.substr(0, bytes));
      text.remove_prefix(bytes);
      if (Below(4) == 0) loop()->RunAndWait([] {});
    }
  }

  size_t Below(size_t limit) { return random_() % limit; }

  std::mt19937 random_;
  const std::unique_ptr<ThreadPool> pool_ =
      NewPool({.threads = 2, .max_queued_tasks = 100'000});
};

TEST_F(HttpPipelinesModelTest, AnswersAreTheModels) {
  StartAll();
  ForEachSeed(1, [this](uint32_t seed) {
    random_.seed(seed);
    for (int i = 0; i < kPipelines; ++i) {
      Talk talk;
      const size_t requests = 1 + Below(kMaxRequests);
      for (size_t n = 1; n <= requests; ++n) Add(talk, n == requests);
      LoopbackClient client = Connect();
      SendInPieces(client, talk.requests);
      ASSERT_EQ(WithoutDates(client.ReceiveAll()), talk.answers)
          << "pipeline " << i << " was\n"
          << talk.requests;
    }
  });
}

}  // namespace
}  // namespace rondo
