// Answers that begin while a large body comes.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>

#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

class HttpAnswerFirstTest : public HttpServerFixture {
 protected:
  ~HttpAnswerFirstTest() override { Stop(); }

  static constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";

  static BodyReader Counting(std::atomic<size_t>* bytes) {
    return {.on_data =
                [bytes](ResponseWriter& w, std::string_view data) {
                  *bytes += data.size();
                  if (data.ends_with('!')) w.End();
                },
            .on_end = [](ResponseWriter& w, const HttpTrailers&) { w.End(); }};
  }

  std::atomic<size_t> read_{0};
};

TEST_F(HttpAnswerFirstTest, KeepsTheConnectionOfABodyThatIsRead) {
  OnStream("/s", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(Counting(&read_));
    writer.Begin(HttpStatus::kOk, kTextType, 0);
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /s", kChunked));
  EXPECT_EQ(Receive(client), Ok(""));
  client.Send("3\r\nabc\r\n0\r\n\r\n" + LastRequest());
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
  EXPECT_EQ(read_, 3u);
}

TEST_F(HttpAnswerFirstTest, EndsItIfTheAnswerDoesNotWaitForTheBodysEnd) {
  OnStream("/s", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(Counting(&read_));
    writer.Begin(HttpStatus::kOk, kTextType, 0);
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /s", kChunked) + "4\r\nabc!\r\n" + "20\r\n" +
              Request("GET /"));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok(""));
  EXPECT_EQ(client.AwaitEnd(), End::kFin);
}

TEST_F(HttpAnswerFirstTest, SaysThatItEndsToWhoseBodyIsNotAskedFor) {
  OnStream("/s", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 0);
    writer.ReadBody(Counting(&read_));
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /s", kChunked));
  EXPECT_EQ(Receive(client), LastOk(""));
  client.Send("3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.AwaitEnd(), End::kFin);
  EXPECT_EQ(read_, 3u);
}

}  // namespace
}  // namespace rondo
