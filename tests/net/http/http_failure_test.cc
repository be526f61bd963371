// Handlers that fail, each in its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using End = LoopbackClient::End;

constexpr std::string_view kFailed = "500 Internal Server Error";

[[noreturn]] void Throw() {
  throw std::runtime_error("a secret of the server");
}

class HttpFailureTest : public HttpServerFixture {
 protected:
  // GET /f is answered 500, the next request as if nothing had been.
  void ExpectFails(const std::string& request = Request("GET /f")) {
    const std::string answers = Ask(request + LastRequest());
    EXPECT_THAT(StatusLines(answers), ElementsAre(kFailed, "200 OK"));
    EXPECT_THAT(answers, Not(HasSubstr("secret")));
    EXPECT_THAT(answers, EndsWith(LastOk("hello")));
  }
  // What has come ends, and not as a whole answer does.
  static void ExpectCutOff(LoopbackClient& client) {
    const std::string rest = client.ReceiveAll();
    EXPECT_THAT(rest, Not(EndsWith("0\r\n\r\n")));
  }
  void ExpectCutOff(std::string_view request) {
    LoopbackClient client = Connect();
    client.Send(request);
    ExpectCutOff(client);
  }
};

// --- Before the answer. ------------------------------------------------------

TEST_F(HttpFailureTest, AnExceptionIs500) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter&) { Throw(); });
  Start();
  ExpectFails();
}

TEST_F(HttpFailureTest, SoIsOneThatIsNoStdException) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter&) { throw 42; });
  Start();
  ExpectFails();
}

TEST_F(HttpFailureTest, FieldsOfTheAnswerThatFailedAreNotSent) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.AddField("X-Cache", "secret");
    Throw();
  });
  Start();
  ExpectFails();
}

TEST_F(HttpFailureTest, ItIsJsonForWhoWantsThat) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter&) { Throw(); });
  Start();
  EXPECT_THAT(Ask(Request("GET /f",
                          "Accept: application/json\r\n"
                          "Connection: close\r\n")),
              HasSubstr("\r\n\r\n{\"status\":500,"));
}

TEST_F(HttpFailureTest, AfterHavingDeferredItIs500Once) {
  On("GET", "/f",
     [hold = held_.Handler()](const HttpRequest& request,
                              ResponseWriter& writer) {
       hold(request, writer);
       Throw();
     });
  Start();
  ExpectFails();
  EXPECT_EQ(held_.count(), 1);
  held_.Give(0, "too late");
}

TEST_F(HttpFailureTest, NoAnswerIs500) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter&) {});
  Start();
  ExpectFails();
}

TEST_F(HttpFailureTest, AnAnswerThatNobodyGivesIs500) {
  On("GET", "/f",
     [](const HttpRequest&, ResponseWriter& writer) { (void)writer.Defer(); });
  On("GET", "/later", held_.Handler()).Start();
  ExpectFails();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  held_.Drop(0);
  EXPECT_THAT(StatusLines(Receive(client)), ElementsAre(kFailed));
}

TEST_F(HttpFailureTest, AWriterThatSaysNothingHoldsItOpen) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  held_.Run(0, [](ResponseWriter* writer) { EXPECT_NE(writer, nullptr); });
  AwaitTurns();
  EXPECT_TRUE(HasNothing(client));
  held_.Run(0, [](ResponseWriter*) { Throw(); });
  EXPECT_THAT(StatusLines(Receive(client)), ElementsAre(kFailed));
}

TEST_F(HttpFailureTest, AReaderThatThrowsIs500) {
  OnStream("/data", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data = [](ResponseWriter&, std::string_view) { Throw(); }});
  });
  OnStream("/end", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_end = [](ResponseWriter&, const HttpTrailers&) { Throw(); }});
  });
  OnStream("/nothing", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody({.on_end = [](ResponseWriter&, const HttpTrailers&) {}});
  });
  OnStream("/abort", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data = [](ResponseWriter& w, std::string_view) { w.Send("ok"); },
         .on_abort = [] { Throw(); }});
  });
  Start();
  ExpectFails(Post("/data", "body"));
  ExpectFails(Post("/end", "body"));
  ExpectFails(Post("/nothing", "body"));
  EXPECT_EQ(Ask(Post("/abort", "body") + LastRequest()),
            Ok("ok") + LastOk("hello"));
}

// --- After it. ---------------------------------------------------------------

TEST_F(HttpFailureTest, AnAnswerThatHasBeenGivenStands) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Send("given");
    Throw();
  });
  On("GET", "/twice", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Send("given");
    writer.Send("again");
    writer.SendError(HttpStatus::kConflict, "again");
    writer.Begin(HttpStatus::kOk);
    writer.Write("again");
    writer.End();
  }).Start();
  EXPECT_EQ(Ask(Request("GET /twice") + LastRequest("GET /f")),
            Ok("given") + LastOk("given"));
}

TEST_F(HttpFailureTest, APieceBeforeTheBeginningIsNotSent) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    EXPECT_FALSE(writer.Write("too early"));
    writer.End();
    writer.Send("whole");
  }).Start();
  EXPECT_EQ(Ask(LastRequest("GET /f")), LastOk("whole"));
}

// --- In the middle of it: no client may take that for the whole. -------------

TEST_F(HttpFailureTest, AStreamThatThrowsIsCutOff) {
  const auto stream = [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("half of it");
    Throw();
  };
  On("GET", "/f", stream).Start();
  ExpectCutOff(Request("GET /f"));
  ExpectCutOff(LastRequest("GET /f"));
  // Here the end of the connection would be the end of the body.
  ExpectCutOff("GET /f HTTP/1.0\r\n\r\n");
}

TEST_F(HttpFailureTest, SoIsOneThatThrowsWhereThereIsRoom) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.OnRoom([](ResponseWriter& w) {
      w.Write("half of it");
      Throw();
    });
  }).Start();
  ExpectCutOff(Request("GET /f"));
}

TEST_F(HttpFailureTest, SoIsOneThatIsNotEnded) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("half of it");
  }).Start();
  ExpectCutOff(Request("GET /f"));
}

TEST_F(HttpFailureTest, SoIsOneThatIsGivenUp) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  held_.Run(0, [](ResponseWriter* w) {
    w->Begin(HttpStatus::kOk);
    w->Write("half of it");
  });
  EXPECT_THAT(Receive(client, true), StartsWith("HTTP/1.1 200 OK\r\n"));
  held_.Drop(0);
  ExpectCutOff(client);
}

TEST_F(HttpFailureTest, BehindOthersItFailsInItsTurn) {
  On("GET", "/later", held_.Handler());
  On("GET", "/f", [](const HttpRequest&, ResponseWriter&) { Throw(); });
  On("GET", "/half", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("half of it");
    Throw();
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /f") + Request("GET /half") +
              Request("GET /"));
  held_.Await(1);
  AwaitRead(client);
  EXPECT_TRUE(HasNothing(client));
  held_.Give(0, "first");
  const std::string answers = client.ReceiveAll();
  EXPECT_THAT(StatusLines(answers), ElementsAre("200 OK", kFailed, "200 OK"));
  EXPECT_THAT(answers, EndsWith("half of it\r\n"));
}

// Where only the connection's end ends it, that must not look like one.
TEST_F(HttpFailureTest, WithoutFramingItIsAReset) {
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("half of it");
    Throw();
  }).Start();
  LoopbackClient client = Connect();
  client.Send("GET /f HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.AwaitEnd(), End::kReset);
}

}  // namespace
}  // namespace rondo
