#include "net/http/coro/kept_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/http/http_limits.h"
#include "net/http/request_parser.h"
#include "net/http/router.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

// Keeps `text`, whose head is at its front, and then spoils it.
void Keep(std::string text, const Router& router, KeptRequest& kept) {
  RequestParser parser;
  RequestHead head;
  ASSERT_EQ(parser.Parse(text, HttpLimits(), head),
            RequestParser::Outcome::kComplete);
  PathParameters parameters;
  (void)router.Find(head.method, head.target.path, parameters);
  const HttpTrailers trailers = {{"a", "b"}};
  const std::string body = text.substr(head.bytes);
  const InetAddress peer = *InetAddress::Parse("127.0.0.1:80");
  kept.Keep(HttpRequest(head, parameters, peer, body, trailers));
  text.assign(text.size(), '!');
}

TEST(KeptRequestTest, KeepsWhatAHeadHas) {
  static const struct {
    const char* text;
    const char* target;
    const char* authority;
    const char* path;
    const char* query;
    const char* host;
    const char* value;
    const char* body;
  } kCases[] = {
      {"GET /a HTTP/1.1\r\nHost: h\r\nX: v\r\n\r\n", "/a", "", "/a", "", "h",
       "v", ""},
      {"\r\nGET /a?b HTTP/1.1\r\nX: v\r\nHost: h\r\n\r\nbody", "/a?b", "", "/a",
       "b", "h", "v", "body"},
      {"GET /? HTTP/1.0\r\nX: v\r\n\r\n", "/?", "", "/", "", "", "v", ""},
      {"GET / HTTP/1.0\r\nX:\r\n\r\nx", "/", "", "/", "", "", "", "x"},
      {"GET http://h:1/a?b HTTP/1.1\r\nHost: h:1\r\nX: v\r\n\r\n",
       "http://h:1/a?b", "h:1", "/a", "b", "h:1", "v", ""},
      // A path that is none of the bytes.
      {"GET http://h:1 HTTP/1.1\r\nHost: h:1\r\nX: v\r\n\r\n", "http://h:1",
       "h:1", "/", "", "h:1", "v", ""},
  };
  KeptRequest kept;  // again and again
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Keep(c.text, Router(), kept);
    const RequestHead& head = kept.head();
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.target.text, c.target);
    EXPECT_EQ(head.target.authority, c.authority);
    EXPECT_EQ(head.target.path, c.path);
    EXPECT_EQ(head.target.query, c.query);
    EXPECT_EQ(head.host, c.host);
    EXPECT_EQ(head.Find("x"), c.value);
    EXPECT_EQ(kept.body(), c.body);
    EXPECT_EQ(kept.trailers(), HttpTrailers({{"a", "b"}}));
    EXPECT_EQ(kept.peer_address().port(), 80);
  }
}

TEST(KeptRequestTest, KeepsAHeadWithoutFields) {
  KeptRequest kept;
  Keep("GET /path HTTP/1.0\r\n\r\n", Router(), kept);
  EXPECT_EQ(kept.head().target.text, "/path");
  EXPECT_EQ(kept.head().target.path, "/path");
  EXPECT_TRUE(kept.head().fields.empty());
}

TEST(KeptRequestTest, KeepsParametersWhetherOrNotTheyAreDecoded) {
  Router router;
  router.Add("GET", "/{a}/{b}", [](const HttpRequest&, ResponseWriter&) {});
  KeptRequest kept;
  for (const char* path : {"/one/two", "/%6fne/two", "/one/t%77o"}) {
    const std::string text =
        "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    Keep(text, router, kept);
    EXPECT_EQ(kept.parameters().Find("a"), "one") << path;
    EXPECT_EQ(kept.parameters().Find("b"), "two") << path;
    EXPECT_EQ(kept.parameters().size(), 2u);
  }
}

TEST(KeptRequestsTest, UsesOneAgainUnlessItIsLarge) {
  const auto loop = NewLoop();
  auto& all = loop->Local<KeptRequests>();
  RequestParser parser;
  RequestHead head;
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  (void)parser.Parse(text, HttpLimits(), head);
  const PathParameters parameters;
  const InetAddress peer;
  const auto keep = [&](std::string_view body) {
    return all.Keep(HttpRequest(head, parameters, peer, body, {}));
  };
  auto first = keep("");
  const KeptRequest* const address = first.get();
  first.reset();
  auto second = keep("");
  EXPECT_EQ(second.get(), address);
  auto third = keep("");
  EXPECT_NE(third.get(), address);
  second.reset();
  auto large = keep(std::string(5'000, 'x'));
  EXPECT_EQ(large.get(), address);
  EXPECT_EQ(large->body().size(), 5'000u);
  large.reset();
  EXPECT_LT(keep("")->capacity_bytes(), 4'096u);
}

}  // namespace
}  // namespace rondo
