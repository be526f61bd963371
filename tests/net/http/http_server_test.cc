// What an HttpServer answers to one request.
#include "net/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "net/http/http_date.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class HttpServerTest : public HttpServerFixture {};

std::string LastText(std::string_view status, std::string_view body) {
  return Answer(status, body, kClose);
}

// --- Who answers. ------------------------------------------------------------

TEST_F(HttpServerTest, AHandlerSeesWhatIsAsked) {
  const auto tell = [](const HttpRequest& request, ResponseWriter& writer) {
    std::string text(request.method());
    for (const std::string_view part :
         {request.path(), request.query(), request.host(),
          request.parameter("name").value_or("-"),
          request.Find("x-colour").value_or("-"), request.body()}) {
      text.append(" ").append(part);
    }
    writer.Send(text);
  };
  On("PUT", "/u/{name}", tell).Start();
  EXPECT_EQ(Ask("PUT /u/a%20b?q=1%202 HTTP/1.1\r\nhost: me:80\r\n"
                "X-COLOUR: red \r\nContent-Length: 4\r\n"
                "Connection: close\r\n\r\nbody"),
            LastOk("PUT /u/a%20b q=1%202 me:80 a b red body"));
}

TEST_F(HttpServerTest, AnAbsoluteTargetNamesTheHostRfc9112_3_2_2) {
  const auto tell = [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Send(std::string(request.host()) + " " +
                std::string(request.path()));
  };
  On("GET", "/x", tell).Start();
  EXPECT_EQ(Ask(LastRequest("GET http://there/x")), LastOk("there /x"));
}

TEST_F(HttpServerTest, AnUnknownPathIs404) {
  Start();
  EXPECT_EQ(Ask(LastRequest("GET /none")),
            LastText("404 Not Found",
                     "404 Not Found: there is nothing by that name\n"));
}

TEST_F(HttpServerTest, AnotherMethodIs405WithAllowRfc9110_15_5_6) {
  On("GET", "/x", Says("x")).On("PUT", "/x", Says("y")).Start();
  EXPECT_THAT(Ask(LastRequest("DELETE /x")),
              AllOf(StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"),
                    HasSubstr("\r\nAllow: GET, HEAD, PUT\r\n")));
}

TEST_F(HttpServerTest, OptionsOfTheServerRfc9110_9_3_7) {
  On("GET", "/x", Says("x")).Start();
  EXPECT_EQ(Ask(LastRequest("OPTIONS *")),
            "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, POST\r\n"
            "Connection: close\r\n\r\n");
}

TEST_F(HttpServerTest, ConnectIs501) {
  Start();
  EXPECT_THAT(Ask("CONNECT there:443 HTTP/1.1\r\nHost: there:443\r\n"
                  "Connection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 501 Not Implemented\r\n"));
}

TEST_F(HttpServerTest, AMalformedRequestIs400AndTheEnd) {
  Start();
  EXPECT_THAT(StatusLines(Ask("GET / HTTP/1.1\r\n\r\n" + Request("GET /"))),
              ElementsAre("400 Bad Request"));
}

TEST_F(HttpServerTest, OtherVersionsAre505) {
  Start();
  EXPECT_THAT(Ask("GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
              StartsWith("HTTP/1.1 505 "));
}

TEST_F(HttpServerTest, AnUnknownTransferCodingIs501) {
  Start();
  EXPECT_THAT(
      Ask(Request("POST /echo", "Transfer-Encoding: gzip, chunked\r\n")),
      StartsWith("HTTP/1.1 501 "));
}

// --- HEAD. -------------------------------------------------------------------

TEST_F(HttpServerTest, HeadHasTheHeadOfGetRfc9110_9_3_2) {
  Start();
  const std::string get = Ok("hello");
  EXPECT_EQ(Ask(Request("HEAD /") + LastRequest()),
            get.substr(0, get.size() - 5) + LastOk("hello"));
}

TEST_F(HttpServerTest, HeadOfAnErrorHasNoBody) {
  Start();
  EXPECT_THAT(Ask(LastRequest("HEAD /none")),
              AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\n"),
                    HasSubstr("\r\nContent-Length: 45\r\n")));
}

TEST_F(HttpServerTest, HeadOfAStreamHasNoneOfIt) {
  const auto stream = [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Begin(
        HttpStatus::kOk, kTextType,
        request.query().empty() ? std::nullopt : std::optional<uint64_t>(5));
    writer.Write("hello");
    writer.End();
  };
  On("GET", "/s", stream).Start();
  LoopbackClient client = Connect();
  for (const char* target : {"HEAD /s", "HEAD /s?5"}) {
    client.Send(Request(target));
    EXPECT_THAT(Receive(client, true), StartsWith("HTTP/1.1 200 OK\r\n"));
    client.Send(Request("GET /"));
    EXPECT_EQ(Receive(client), Ok("hello")) << target;
  }
}

// --- What may have no body. --------------------------------------------------

TEST_F(HttpServerTest, NoBodyGoesWith204And304Rfc9110_6_4_1) {
  const auto send = [](HttpStatus status) {
    return [status](const HttpRequest&, ResponseWriter& writer) {
      writer.Send(status, "a body");
    };
  };
  const auto stream = [](HttpStatus status) {
    return [status](const HttpRequest&, ResponseWriter& writer) {
      writer.Begin(status);
      writer.Write("a body");
      writer.End();
    };
  };
  const auto value = [](HttpStatus status) {
    return [status](const HttpRequest&, ResponseWriter& writer) {
      writer.Send({.status = status, .body = std::string(10'000, 'x')});
    };
  };
  constexpr auto k204 = HttpStatus::kNoContent;
  constexpr auto k304 = HttpStatus::kNotModified;
  On("GET", "/send/204", send(k204)).On("GET", "/send/304", send(k304));
  On("GET", "/stream/204", stream(k204)).On("GET", "/stream/304", stream(k304));
  On("GET", "/value/204", value(k204)).On("GET", "/value/304", value(k304));
  Start();
  LoopbackClient client = Connect();
  for (const std::string how : {"send", "stream", "value"}) {
    client.Send(Request("GET /" + how + "/204") +
                Request("GET /" + how + "/304") + Request("GET /"));
    EXPECT_EQ(Receive(client), "HTTP/1.1 204 No Content\r\n\r\n") << how;
    EXPECT_EQ(Receive(client), "HTTP/1.1 304 Not Modified\r\n\r\n") << how;
    EXPECT_EQ(Receive(client), Ok("hello")) << how;
  }
}

TEST_F(HttpServerTest, AStatusThatIsNoneIs500) {
  On("GET", "/send/{status}",
     [](const HttpRequest& request, ResponseWriter& writer) {
       writer.Send(
           HttpStatus(std::stoi(std::string(*request.parameter("status")))),
           "x");
     });
  On("GET", "/begin", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kContinue);
  }).Start();
  for (const std::string path :
       {"/send/100", "/send/0", "/send/1000", "/begin"}) {
    EXPECT_THAT(Ask(LastRequest("GET " + path)), StartsWith("HTTP/1.1 500 "));
  }
}

TEST_F(HttpServerTest, ContentLengthIsAutomaticForAnyLength) {
  const auto send = [](const HttpRequest& request, ResponseWriter& writer) {
    const std::string body(std::stoul(std::string(request.query())), 'x');
    if (request.path() == "/view") {
      writer.Send(body);
    } else {
      writer.Send({.body = body});
    }
  };
  On("GET", "/view", send).On("GET", "/value", send).Start();
  for (const std::string path : {"/view", "/value"}) {
    for (const size_t bytes : {0, 1, 4'096, 4'097, 3'000'000}) {
      EXPECT_TRUE(
          Ask(LastRequest("GET " + path + "?" + std::to_string(bytes))) ==
          LastOk(std::string(bytes, 'x')))
          << path << " " << bytes;
    }
  }
}

// --- Fields. -----------------------------------------------------------------

TEST_F(HttpServerTest, DateIsPresentAndNowRfc9110_6_6_1) {
  Start();
  LoopbackClient client = Connect();
  const absl::Time before = absl::Now();
  for (const std::string line : {"GET /", "GET /none", "OPTIONS *", "bad"}) {
    client.Send(line == "bad" ? "bad\r\n\r\n" : Request(line));
  }
  const std::string answers = client.ReceiveAll();
  int dates = 0;
  constexpr std::string_view kName = "\r\nDate: ";
  for (size_t at = 0; (at = answers.find(kName, at)) != answers.npos; ++dates) {
    at += kName.size();
    const auto date = ParseHttpDate(answers.substr(at, 29), absl::Now());
    ASSERT_TRUE(date.has_value()) << answers;
    EXPECT_GE(*date, absl::FromUnixSeconds(absl::ToUnixSeconds(before)));
    EXPECT_LE(*date, absl::Now());
  }
  EXPECT_EQ(dates, 4);
}

TEST_F(HttpServerTest, FieldsAreThoseOfTheAnswer) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    HttpResponse response = {.body = "b", .content_type = "text/html"};
    EXPECT_TRUE(response.fields.Add("X-Two", "2"));
    EXPECT_TRUE(writer.AddField("X-One", "1"));
    writer.Send(std::move(response));
  }).Start();
  EXPECT_EQ(Ask(LastRequest("GET /f")),
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
            "Content-Length: 1\r\nX-One: 1\r\nX-Two: 2\r\n"
            "Connection: close\r\n\r\nb");
}

TEST_F(HttpServerTest, NothingCanBeSmuggledIntoFieldsRfc9112_11_1) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    for (const std::string_view value :
         {std::string_view("a\r\nSet-Cookie: x"), std::string_view("a\nb"),
          std::string_view("a\rb"), std::string_view("a\0b", 3)}) {
      EXPECT_FALSE(writer.AddField("X", value)) << value;
    }
    for (const std::string_view name :
         {"", "X Y", "X:", "X\r\nY", "\xc3\xa4"}) {
      EXPECT_FALSE(writer.AddField(name, "v")) << name;
    }
    for (const std::string_view name :
         {"Content-Length", "transfer-encoding", "CONNECTION", "Date"}) {
      EXPECT_FALSE(writer.AddField(name, "1")) << name;
    }
    writer.Send("b");
  }).Start();
  EXPECT_EQ(Ask(LastRequest("GET /f")), LastOk("b"));
}

TEST_F(HttpServerTest, NothingCanBeSmuggledIntoAContentType) {
  static constexpr std::string_view kBad = "text/html\r\nSet-Cookie: x";
  On("GET", "/send", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Send(HttpStatus::kOk, "b", kBad);
  });
  On("GET", "/begin", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kBad, 1);
    writer.Write("b");
    writer.End();
  });
  On("GET", "/value", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Send({.body = "b", .content_type = std::string(kBad)});
  });
  Start();
  for (const std::string path : {"/send", "/begin", "/value"}) {
    EXPECT_THAT(
        Ask(LastRequest("GET " + path)),
        AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("Set-Cookie"))))
        << path;
  }
}

// --- Errors. -----------------------------------------------------------------

TEST_F(HttpServerTest, ErrorsAreTextOrJsonByAccept) {
  On("GET", "/e", [](const HttpRequest&, ResponseWriter& writer) {
    writer.SendError(HttpStatus::kConflict, "it is there");
  }).Start();
  const std::string text = "409 Conflict: it is there\n";
  const std::string json =
      "{\"status\":409,\"title\":\"Conflict\",\"detail\":\"it is there\"}\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", text},
      {"Accept: */*\r\n", text},
      {"Accept: application/json\r\n", json},
      {"Accept: text/html, application/json;q=0.9, */*;q=0.8\r\n", text},
      {"Accept: application/json, text/plain;q=0.5\r\n", json},
      {"Accept: application/*\r\n", json},
      {"Accept: application/json;q=0\r\n", text},
  };
  for (const auto& [accept, body] : cases) {
    const std::string answer =
        Ask(Request("GET /e", accept + std::string(kClose)));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n" + body)) << accept;
    EXPECT_THAT(answer,
                HasSubstr(body == json ? "Content-Type: application/json\r\n"
                                       : "Content-Type: text/plain; "))
        << accept;
  }
}

TEST_F(HttpServerTest, ItsOwnErrorsAreJsonForWhoWantsThat) {
  Start();
  for (const std::string line : {"GET /none", "POST /"}) {
    EXPECT_THAT(Ask(Request(line,
                            "Accept: application/json\r\n"
                            "Connection: close\r\n")),
                HasSubstr("\r\n\r\n{\"status\":40"))
        << line;
  }
}

// --- Set-up. -----------------------------------------------------------------

TEST_F(HttpServerTest, BadOptionsAreNamedWithTheirValue) {
  const auto start = [this](HttpOptions options, TcpServerOptions tcp) {
    HttpServer server(loop(), std::move(tcp), Router(), options);
    return server.Start();
  };
  const absl::Status no_pipeline =
      start({.max_pipelined_requests = 0}, tcp_options_);
  EXPECT_EQ(no_pipeline.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(no_pipeline.message(), HasSubstr("max_pipelined_requests of 0"));
  const absl::Status no_time =
      start({.header_timeout = -absl::Seconds(1)}, tcp_options_);
  EXPECT_EQ(no_time.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(no_time.message(), HasSubstr("header_timeout of -1s"));
  tcp_options_.threads = -1;
  const absl::Status tcp = start({}, tcp_options_);
  EXPECT_EQ(tcp.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(tcp.message(), HasSubstr("-1"));
}

TEST_F(HttpServerTest, TwoServersOnOneLoopAnswerEachTheirOwn) {
  Start();
  Router router;
  router.Add("GET", "/", Says("the other"));
  HttpServer other(loop(), tcp_options_, std::move(router));
  ASSERT_TRUE(other.Start().ok());
  LoopbackClient client(other.tcp().addresses().front());
  for (int i = 0; i < 3; ++i) {
    client.Send(Request("GET /"));
    EXPECT_EQ(Receive(client), Ok("the other"));
    EXPECT_EQ(Ask(LastRequest()), LastOk("hello"));
  }
}

TEST_F(HttpServerTest, OneOfTwoServersOnALoopMayGo) {
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /"));
  Receive(client);
  {
    Router router;
    router.Add("GET", "/", Says("the other"));
    HttpServer other(loop(), tcp_options_, std::move(router));
    ASSERT_TRUE(other.Start().ok());
    LoopbackClient its(other.tcp().addresses().front());
    its.Send(Request("GET /"));
    EXPECT_EQ(Receive(its), Ok("the other"));
  }
  client.Send(Request("GET /"));
  EXPECT_EQ(Receive(client), Ok("hello"));
}

TEST_F(HttpServerTest, SeveralLoopsAnswer) {
  tcp_options_.threads = 3;
  Start();
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(Connect());
  for (int round = 0; round < 3; ++round) {
    for (LoopbackClient& client : clients) client.Send(Request("GET /"));
    for (LoopbackClient& client : clients) {
      EXPECT_EQ(Receive(client), Ok("hello"));
    }
  }
}

}  // namespace
}  // namespace rondo
