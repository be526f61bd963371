// What requests cost in memory, once the first ones have been answered.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

constexpr int kWarmUp = 100;
constexpr int kRounds = 500;

// A clock that stands still, as each second begins with a new Date. It is a
// base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class HttpAllocationTest : private HasClock, public HttpServerFixture {
 protected:
  HttpAllocationTest()
      : HttpServerFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {}
  ~HttpAllocationTest() override { Stop(); }

  // The allocations of the server's thread while a client says `requests` and
  // hears `answers`, again and again.
  size_t AllocationsOf(std::string_view requests, std::string_view answers,
                       size_t dates) {
    Start();
    LoopbackClient client = Connect();
    const size_t bytes = answers.size() + 37 * dates;
    const auto talk = [&](int rounds) {
      for (int i = 0; i < rounds; ++i) {
        client.Send(requests);
        const std::string received = client.Receive(bytes);
        ASSERT_EQ(WithoutDates(received), answers);
      }
    };
    talk(kWarmUp);
    const size_t before = Count();
    talk(kRounds);
    return Count() - before;
  }

  size_t Count() {
    size_t count = 0;
    loop()->RunAndWait([&] { count = AllocationsOfThisThread().count; });
    return count;
  }

  static std::string Repeat(int count, std::string_view text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
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

TEST_F(HttpAllocationTest, ARequestTakesNone) {
  EXPECT_EQ(AllocationsOf(Request("GET /", kManyFields), Ok("hello"), 1), 0u);
}

TEST_F(HttpAllocationTest, PipelinedOnesTakeNone) {
  EXPECT_EQ(AllocationsOf(Repeat(16, Request("GET /", kManyFields)),
                          Repeat(16, Ok("hello")), 16),
            0u);
}

TEST_F(HttpAllocationTest, ARouteWithParametersTakesNone) {
  On("GET", "/users/{id}/files/{path...}",
     [](const HttpRequest& request, ResponseWriter& writer) {
       writer.Send(*request.parameter("path"));
     });
  constexpr std::string_view kPath = "a/rather/long/path/that/is/no/small";
  EXPECT_EQ(
      AllocationsOf(Request("GET /users/12345/files/" + std::string(kPath)),
                    Ok(kPath), 1),
      0u);
}

TEST_F(HttpAllocationTest, APathWithEscapesTakesNone) {
  On("GET", "/{a}", [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Send(*request.parameter("a"));
  });
  EXPECT_EQ(AllocationsOf(Request("GET /a%20rather%20long%20name%20for%20it"),
                          Ok("a rather long name for it"), 1),
            0u);
}

TEST_F(HttpAllocationTest, FieldsOfTheAnswerTakeNone) {
  constexpr std::string_view kLong = "max-age=31536000, immutable, public";
  On("GET", "/f", [kLong](const HttpRequest&, ResponseWriter& writer) {
    writer.AddField("Cache-Control", kLong);
    writer.Send("x");
  });
  EXPECT_EQ(AllocationsOf(
                Request("GET /f"),
                Ok("x", "Cache-Control: " + std::string(kLong) + "\r\n"), 1),
            0u);
}

TEST_F(HttpAllocationTest, ABodyThatComesWithItsHeadTakesNone) {
  const std::string body(1'000, 'x');
  EXPECT_EQ(AllocationsOf(Post("/echo", body), Ok(body), 1), 0u);
}

TEST_F(HttpAllocationTest, HeadTakesNone) {
  const std::string answer = Ok("hello");
  EXPECT_EQ(
      AllocationsOf(Request("HEAD /"), answer.substr(0, answer.size() - 5), 1),
      0u);
}

TEST_F(HttpAllocationTest, Http10KeptAliveTakesNone) {
  EXPECT_EQ(AllocationsOf("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                          Ok("hello", "Connection: keep-alive\r\n"), 1),
            0u);
}

}  // namespace
}  // namespace rondo
