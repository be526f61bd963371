// Answers that other threads give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

class HttpDeferredTest : public HttpServerFixture {
 protected:
  ~HttpDeferredTest() override { Stop(); }

  const std::unique_ptr<ThreadPool> pool_ =
      NewPool({.threads = 3, .max_queued_tasks = 100'000});
};

TEST_F(HttpDeferredTest, APoolAnswers) {
  On("GET", "/n/{n}",
     [this](const HttpRequest& request, ResponseWriter& writer) {
       auto task = [later = writer.Defer(),
                    n = std::string(*request.parameter("n"))] {
         later.Send({.body = n});
       };
       EXPECT_EQ(pool_->Submit(std::move(task)),
                 ThreadPool::SubmitResult::kAccepted);
     })
      .Start();
  std::vector<LoopbackClient> clients;
  std::string requests;
  std::string answers;
  for (int i = 0; i < 200; ++i) {
    requests += Request("GET /n/" + std::to_string(i));
    answers += Ok(std::to_string(i));
  }
  for (int i = 0; i < 4; ++i) {
    clients.push_back(Connect());
    clients.back().Send(requests + LastRequest());
  }
  for (LoopbackClient& client : clients) {
    EXPECT_EQ(WithoutDates(client.ReceiveAll()), answers + LastOk("hello"));
  }
}

TEST_F(HttpDeferredTest, ABodyIsThereForThePool) {
  On("POST", "/size",
     [this](const HttpRequest& request, ResponseWriter& writer) {
       auto task = [later = writer.Defer(),
                    body = std::string(request.body())] {
         later.Send({.status = HttpStatus::kCreated,
                     .body = std::to_string(body.size())});
       };
       EXPECT_EQ(pool_->Submit(std::move(task)),
                 ThreadPool::SubmitResult::kAccepted);
     })
      .Start();
  const std::string body(300'000, 'x');
  EXPECT_EQ(
      Ask(Post("/size", body) + Post("/size", "", kClose)),
      Answer("201 Created", "300000") + Answer("201 Created", "0", kClose));
}

TEST_F(HttpDeferredTest, AStreamIsWrittenFromAnotherThread) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(LastRequest("GET /later"));
  held_.Await(1);
  Thread writer = NewThread("writer", [this] {
    held_.Run(0, [](ResponseWriter* w) {
      w->AddField("X", "1");
      w->Begin(HttpStatus::kOk, "text/html");
    });
    for (int i = 0; i < 100; ++i) {
      held_.Run(0,
                [i](ResponseWriter* w) { w->Write(std::to_string(i % 10)); });
    }
    held_.Run(0, [](ResponseWriter* w) { w->End(); });
  });
  std::string expected =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
      "Transfer-Encoding: chunked\r\nX: 1\r\nConnection: close\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    expected += "1\r\n" + std::to_string(i % 10) + "\r\n";
  }
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), expected + "0\r\n\r\n");
}

TEST_F(HttpDeferredTest, TheFirstAnswerCounts) {
  std::optional<DeferredResponse> later;
  On("GET", "/later", [&](const HttpRequest&, ResponseWriter& writer) {
    later = writer.Defer();
    events_.Add();
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + LastRequest());
  events_.Await(1);
  const DeferredResponse copy = *later;
  EXPECT_TRUE(later->Send({.body = "first"}));
  EXPECT_FALSE(copy.Send({.body = "second"}));
  later.reset();
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("first") + LastOk("hello"));
  bool gone = false;
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  EXPECT_TRUE(copy.Run([&](ResponseWriter* w) {
    gone = w == nullptr;
    events_.Add();
  }));
  events_.Await(2);
  EXPECT_TRUE(gone);
  Stop();
}

TEST_F(HttpDeferredTest, TheHandlerItselfMayGiveIt) {
  On("GET", "/now", [](const HttpRequest&, ResponseWriter& writer) {
    EXPECT_TRUE(writer.Defer().Send({.body = "now"}));
  }).Start();
  EXPECT_EQ(Ask(Request("GET /now") + LastRequest("GET /now")),
            Ok("now") + LastOk("now"));
}

TEST_F(HttpDeferredTest, ALargeAnswerIsWhole) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("HEAD /later") + LastRequest());
  held_.Await(2);
  const std::string body(3'000'000, 'x');
  held_.Give(1, body);
  held_.Give(0, body);
  EXPECT_TRUE(Receive(client) == Ok(body));
  EXPECT_EQ(Receive(client, true), Ok(body).substr(0, Ok(body).find('x', 60)));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

TEST_F(HttpDeferredTest, NobodyHearsAnAnswerToWhoHasGone) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /later"));
  held_.Await(2);
  client.Reset();
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  EXPECT_FALSE(held_.Give(0, "too late"));
  held_.Drop(1);
  EXPECT_EQ(Ask(LastRequest()), LastOk("hello"));
}

}  // namespace
}  // namespace rondo
