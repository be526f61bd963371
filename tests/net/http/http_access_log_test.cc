// What a server's access log says of answers, and of those that were none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/async_file_writer.h"
#include "net/http/access_log_formatter.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpAccessLogTest : public HttpServerFixture {
 protected:
  ~HttpAccessLogTest() override { Stop(); }

  void StartLogging(AccessLogFormat format) {
    options_.access_log = *AsyncFileWriter::Create({.path = folder_ / "log"});
    options_.access_log_format = format;
    Start();
  }

  // After the server's end.
  std::vector<std::string> Lines() {
    Stop();
    options_.access_log = nullptr;
    return absl::StrSplit(Contents(folder_ / "log"), '\n', absl::SkipEmpty());
  }

  const TempDirectory folder_;
};

TEST_F(HttpAccessLogTest, HasALineForEachRequestInTheirOrder) {
  On("GET", "/later", held_.Handler());
  StartLogging(AccessLogFormat::kCombined);
  LoopbackClient client = Connect();
  client.Send(Request("GET /later?a", "Referer: r\r\nUser-Agent: u\r\n") +
              Post("/echo", "body") + Request("HEAD /none") + "bad\r\n\r\n");
  held_.Await(1);
  held_.Give(0, "first");
  client.ReceiveAll();
  EXPECT_THAT(
      Lines(),
      ElementsAre(HasSubstr("\"GET /later?a HTTP/1.1\" 200 5 \"r\" \"u\""),
                  HasSubstr("\"POST /echo HTTP/1.1\" 200 4 \"-\" \"-\""),
                  HasSubstr("\"HEAD /none HTTP/1.1\" 404 - \"-\" \"-\""),
                  AllOf(HasSubstr(" 400 "), Not(HasSubstr("/none")))));
}

TEST_F(HttpAccessLogTest, HasTheUserThatTheHandlerKnows) {
  On("GET", "/user/{name}",
     [](const HttpRequest& request, ResponseWriter& writer) {
       writer.LogUser("somebody");
       writer.LogUser(*request.parameter("name"));
       writer.Send("hello");
     });
  StartLogging(AccessLogFormat::kCombined);
  Ask(Request("GET /user/ann", "User-Agent: u\r\n") + LastRequest());
  EXPECT_THAT(Lines(), ElementsAre(AllOf(HasSubstr(" - ann ["),
                                         EndsWith("200 5 \"-\" \"u\"")),
                                   HasSubstr(" - - [")));
}

TEST_F(HttpAccessLogTest, SaysWhoLeftBeforeTheAnswer) {
  On("GET", "/later", held_.Handler());
  StartLogging(AccessLogFormat::kJson);
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  client.Reset();
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  EXPECT_THAT(Lines(),
              ElementsAre(HasSubstr(
                  "\"status\":499,\"body_bytes\":0,\"aborted\":true")));
}

TEST_F(HttpAccessLogTest, SaysThatAnAnswerWasCutOff) {
  On("GET", "/part", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 5);
    writer.Write("par");
    writer.End();  // which is too early
  });
  StartLogging(AccessLogFormat::kJson);
  Ask(Request("GET /") + Request("GET /part"));
  EXPECT_THAT(Lines(), ElementsAre(Not(HasSubstr("aborted")),
                                   HasSubstr("\"status\":200,\"body_bytes\":3,"
                                             "\"aborted\":true")));
}

}  // namespace
}  // namespace rondo
