// What requests cost in memory, once the first ones have been answered.
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/config.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

constexpr int kWarmUp = 100;
constexpr int kRounds = 200;

// A clock that stands still, as each second begins with a new Date. It is a
// base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class HttpAllocationTest : private HasClock, public HttpServerFixture {
 protected:
  // What a client says, until it waits for an answer, and hears.
  struct Line {
    std::string says;
    std::string hears;
    size_t dates = 1;
  };
  using Talk = std::vector<Line>;

  HttpAllocationTest()
      : HttpServerFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {}
  ~HttpAllocationTest() override { Stop(); }

  void SetUp() override {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
    GTEST_SKIP() << "sanitizers have an operator new of their own";
#endif
  }

  // The allocations of the server's thread in kRounds of `talk`.
  size_t AllocationsOf(const Talk& talk) {
    Start();
    LoopbackClient client = Connect();
    AwaitTurns();  // else it may be this thread that counts
    const size_t at_first = Count();
    for (int i = 0; i < kWarmUp; ++i) Say(talk, client);
    const size_t before = Count();
    EXPECT_GT(before, at_first);  // it counts
    for (int i = 0; i < kRounds; ++i) Say(talk, client);
    return Count() - before;
  }

  // Those of a request that `make` makes with one more field. No two in a row
  // are the same, so that each is parsed and routed: one that comes again is
  // only compared.
  size_t AllocationsOfEach(
      absl::FunctionRef<std::string(const std::string& field)> make,
      std::string_view answer) {
    Talk talk;
    for (const size_t bytes : kValueBytes) {
      const std::string value(bytes, 'x');
      talk.push_back({make("X-Value: " + value + "\r\n"), std::string(answer)});
    }
    return AllocationsForEach(talk.size(), talk);
  }

  // Bodies that come when they are asked for.
  size_t AllocationsOfEachContinued(std::string_view target) {
    Talk talk;
    for (const size_t bytes : kValueBytes) {
      const std::string body(bytes, 'x');
      const std::string text = Post(target, body, "Expect: 100-continue\r\n");
      const size_t head_bytes = text.size() - bytes;
      talk.push_back({text.substr(0, head_bytes), std::string(kContinue), 0});
      talk.push_back({body, Ok(body)});
    }
    return AllocationsForEach(std::size(kValueBytes), talk);
  }

  static constexpr size_t kValueBytes[] = {20, 21, 22};

 private:
  // Of `requests` in a talk, exactly so many for each.
  size_t AllocationsForEach(size_t requests, const Talk& talk) {
    const size_t all = AllocationsOf(talk);
    const size_t count = kRounds * requests;
    EXPECT_EQ(all % count, 0u) << all;
    return all / count;
  }

  static void Say(const Talk& talk, LoopbackClient& client) {
    for (const auto& [says, hears, dates] : talk) {
      client.Send(says);
      const std::string received = client.Receive(hears.size() + 37 * dates);
      ASSERT_EQ(WithoutDates(received), hears);
    }
  }

  size_t Count() {
    size_t count = 0;
    loop()->RunAndWait([&] { count = AllocationsOfThisThread().count; });
    return count;
  }
};

// A browser's, so that none of it fits into a small string.
constexpr std::string_view kManyFields =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101\r\n"
    "Accept: "
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Cookie: a=1; b=2; session=0123456789abcdef0123456789abcdef\r\n"
    "Connection: keep-alive\r\n";

std::string GetWithManyFields(const std::string& field) {
  return Request("GET /", std::string(kManyFields) + field);
}

// --- What takes none. --------------------------------------------------------

TEST_F(HttpAllocationTest, ARequestTakesNone) {
  EXPECT_EQ(AllocationsOfEach(GetWithManyFields, Ok("hello")), 0u);
}

TEST_F(HttpAllocationTest, OneThatComesAgainTakesNone) {
  EXPECT_EQ(AllocationsOf({{GetWithManyFields(""), Ok("hello")}}), 0u);
}

// Each of these takes the place of the other.
TEST_F(HttpAllocationTest, OnesThatComeAgainInTurnTakeNone) {
  const Line one = {GetWithManyFields(""), Ok("hello")};
  const Line other = {GetWithManyFields("X: y\r\n"), Ok("hello")};
  EXPECT_EQ(AllocationsOf({one, one, one, other, other, other}), 0u);
}

TEST_F(HttpAllocationTest, PipelinedOnesTakeNone) {
  Line line = {"", "", 0};
  for (; line.dates < 15; ++line.dates) {
    const size_t bytes = kValueBytes[line.dates % 3];
    line.says += GetWithManyFields("X: " + std::string(bytes, 'x') + "\r\n");
    line.hears += Ok("hello");
  }
  EXPECT_EQ(AllocationsOf({line}), 0u);
}

TEST_F(HttpAllocationTest, ARouteWithParametersTakesNone) {
  On("GET", "/users/{id}/files/{path...}",
     [](const HttpRequest& request, ResponseWriter& writer) {
       writer.Send(*request.parameter("path"));
     });
  const std::string path = "a/rather/long/path/that/is/no/small";
  Talk talk;
  for (const std::string user : {"12345", "678", "90"}) {
    talk.push_back({Request("GET /users/" + user + "/files/" + path + user),
                    Ok(path + user)});
  }
  EXPECT_EQ(AllocationsOf(talk), 0u);
}

TEST_F(HttpAllocationTest, APathWithEscapesTakesNone) {
  On("GET", "/{a}", [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Send(*request.parameter("a"));
  });
  EXPECT_EQ(AllocationsOf({{Request("GET /a%20rather%20long%20name%20for%20it"),
                            Ok("a rather long name for it")},
                           {Request("GET /another%20long%20name%20for%20it"),
                            Ok("another long name for it")},
                           {Request("GET /a%20third%20name%20that%20is%20long"),
                            Ok("a third name that is long")}}),
            0u);
}

TEST_F(HttpAllocationTest, FieldsOfTheAnswerTakeNone) {
  static constexpr std::string_view kLong =
      "max-age=31536000, immutable, public";
  On("GET", "/f", [](const HttpRequest&, ResponseWriter& writer) {
    writer.AddField("Cache-Control", kLong);
    writer.Send("x");
  });
  EXPECT_EQ(
      AllocationsOfEach(
          [](const std::string& field) { return Request("GET /f", field); },
          Ok("x", "Cache-Control: " + std::string(kLong) + "\r\n")),
      0u);
}

TEST_F(HttpAllocationTest, ABodyThatComesWithItsHeadTakesNone) {
  const std::string body(1'000, 'x');
  EXPECT_EQ(
      AllocationsOfEach(
          [&](const std::string& field) { return Post("/echo", body, field); },
          Ok(body)),
      0u);
}

TEST_F(HttpAllocationTest, HeadTakesNone) {
  const std::string answer = Ok("hello");
  EXPECT_EQ(
      AllocationsOfEach(
          [](const std::string& field) { return Request("HEAD /", field); },
          answer.substr(0, answer.size() - 5)),
      0u);
}

TEST_F(HttpAllocationTest, Http10KeptAliveTakesNone) {
  EXPECT_EQ(AllocationsOfEach(
                [](const std::string& field) {
                  return "GET / HTTP/1.0\r\nConnection: keep-alive\r\n" +
                         field + "\r\n";
                },
                Ok("hello", "Connection: keep-alive\r\n")),
            0u);
}

TEST_F(HttpAllocationTest, AnAnswerInPiecesTakesNone) {
  On("GET", "/pieces", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 8);
    writer.Write("some");
    writer.Write("more");
    writer.End();
  });
  EXPECT_EQ(AllocationsOfEach(
                [](const std::string& field) {
                  return Request("GET /pieces", field);
                },
                Ok("somemore")),
            0u);
}

// --- What takes some: not to grow unnoticed. ---------------------------------

// Their text, and what that is put together from.
TEST_F(HttpAllocationTest, NotFound) {
  EXPECT_EQ(
      AllocationsOfEach(
          [](const std::string& field) { return Request("GET /none", field); },
          Answer("404 Not Found",
                 "404 Not Found: there is nothing by that name\n")),
      1u);
}

TEST_F(HttpAllocationTest, MethodNotAllowed) {
  EXPECT_EQ(
      AllocationsOfEach(
          [](const std::string& field) { return Request("DELETE /", field); },
          Answer("405 Method Not Allowed",
                 "405 Method Not Allowed: what is there does not have "
                 "that method\n",
                 "Allow: GET, HEAD\r\n")),
      2u);
}

// What knows of the body until it has come.
TEST_F(HttpAllocationTest, ABufferedBodyOfChunks) {
  EXPECT_EQ(AllocationsOfEach(
                [](const std::string& field) {
                  return Request("POST /echo",
                                 "Transfer-Encoding: chunked\r\n" + field) +
                         "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
                },
                Ok("hello world")),
            1u);
}

// That, and where the head waits for it.
TEST_F(HttpAllocationTest, ABufferedBodyThatComesAfterItsHead) {
  EXPECT_EQ(AllocationsOfEachContinued("/echo"), 2u);
}

TEST_F(HttpAllocationTest, AStreamedBody) {
  OnStream("/stream", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data =
             [](ResponseWriter& w, std::string_view data) {
               w.Begin(HttpStatus::kOk, kTextType, data.size());
               w.Write(data);
             },
         .on_end = [](ResponseWriter& w, const HttpTrailers&) { w.End(); }});
  });
  EXPECT_EQ(AllocationsOfEach(
                [](const std::string& field) {
                  return Post("/stream", "body", field);
                },
                Ok("body")),
            1u);
}

// The debt, the message to the loop, and the connection's own queue, in which
// what is not sent by one of its callbacks waits to the end of the turn.
TEST_F(HttpAllocationTest, ADeferredAnswer) {
  On("GET", "/later", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Defer().Send({.body = "later"});
  });
  EXPECT_EQ(
      AllocationsOfEach(
          [](const std::string& field) { return Request("GET /later", field); },
          Ok("later")),
      6u);
}

}  // namespace
}  // namespace rondo
