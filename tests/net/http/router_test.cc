#include "net/http/router.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "net/http/path_parameters.h"
#include "net/http/route_pattern.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

using std::string_literals::operator""s;

void Ignore(const HttpRequest&, ResponseWriter&) {}

// Each as "GET /pattern"; a pattern alone is for any method.
Router RouterOf(const std::vector<std::string_view>& routes) {
  Router router;
  for (const std::string_view route : routes) {
    const size_t slash = route.find('/');
    const std::string_view method =
        slash == 0 ? Router::kAnyMethod : route.substr(0, slash - 1);
    router.Add(method, route.substr(slash), Ignore);
  }
  return router;
}

// What is found: "GET /{a} a=1", "404", or "405 GET, HEAD".
std::string Find(const Router& router, std::string_view method,
                 std::string_view path) {
  PathParameters parameters;
  const Router::Match match = router.Find(method, path, parameters);
  if (match.route == nullptr) {
    EXPECT_EQ(parameters.size(), 0u) << path;
    if (match.allowed == 0) return "404";
    return "405 " + router.Allow(match.allowed);
  }
  std::string text = match.route->method;
  if (!text.empty()) text += " ";
  text += match.route->pattern;
  EXPECT_EQ(parameters.size(), match.route->parameter_names.size()) << path;
  for (const std::string& name : match.route->parameter_names) {
    text += " " + name + "=";
    text += parameters.Find(name).value_or("(none)");
  }
  return text;
}

struct PathCase {
  std::string_view path;
  std::string expected;
};

void ExpectAll(const Router& router, const std::vector<PathCase>& cases) {
  for (const auto& [path, expected] : cases) {
    EXPECT_EQ(Find(router, "GET", path), expected) << path;
  }
}

struct MethodCase {
  std::string_view method;
  std::string_view path;
  std::string expected;
};

void ExpectMethods(const Router& router, const std::vector<MethodCase>& cases) {
  for (const auto& [method, path, expected] : cases) {
    EXPECT_EQ(Find(router, method, path), expected) << method << " " << path;
  }
}

TEST(RouterTest, FindsLiterals) {
  const Router router = RouterOf({"GET /", "GET /a", "GET /a/b", "GET /c/"});
  ExpectAll(router, {{"/", "GET /"},
                     {"/a", "GET /a"},
                     {"/a/b", "GET /a/b"},
                     {"/c/", "GET /c/"},
                     {"/c", "404"},
                     {"/a/", "404"},
                     {"/A", "404"},
                     {"/a/b/c", "404"},
                     {"/ab", "404"},
                     {"//", "404"},
                     {"//a", "404"},
                     {"/a//b", "404"},
                     {"/a/../a", "404"}});
}

TEST(RouterTest, AParameterIsOneSegment) {
  const Router router =
      RouterOf({"GET /u/{id}", "GET /u/{id}/p/{post}", "GET /{a}/x/{b}/"});
  ExpectAll(router, {{"/u/1", "GET /u/{id} id=1"},
                     {"/u/..", "GET /u/{id} id=.."},
                     {"/u/a;b", "GET /u/{id} id=a;b"},
                     {"/u/", "404"},
                     {"/u/1/", "404"},
                     {"/u/1/p/2", "GET /u/{id}/p/{post} id=1 post=2"},
                     {"/u//p/2", "404"},
                     {"/1/x/2/", "GET /{a}/x/{b}/ a=1 b=2"},
                     {"/1/x/2", "404"}});
}

TEST(RouterTest, TheRestMayBeEmptyAndHasSlashes) {
  const Router router = RouterOf({"GET /f/{path...}", "GET /{a}/g/{path...}"});
  ExpectAll(router, {{"/f/", "GET /f/{path...} path="},
                     {"/f/a", "GET /f/{path...} path=a"},
                     {"/f/a/b//c/", "GET /f/{path...} path=a/b//c/"},
                     {"/f//", "GET /f/{path...} path=/"},
                     {"/f/../x", "GET /f/{path...} path=../x"},
                     {"/f/a%2Fb/%2561", "GET /f/{path...} path=a/b/%61"},
                     {"/f", "404"},
                     {"/1/g/a/b", "GET /{a}/g/{path...} a=1 path=a/b"}});
  const Router all = RouterOf({"GET /{path...}"});
  ExpectAll(all, {{"/", "GET /{path...} path="},
                  {"/a/b", "GET /{path...} path=a/b"},
                  {"a", "404"}});
}

TEST(RouterTest, WhatIsMoreExactGoesFirst) {
  const Router router = RouterOf({"GET /{rest...}", "GET /{a}", "GET /b",
                                  "GET /{a}/c", "GET /b/{d}", "GET /b/c/e"});
  ExpectAll(router, {{"/b", "GET /b"},
                     {"/x", "GET /{a} a=x"},
                     {"/", "GET /{rest...} rest="},
                     {"/b/c", "GET /b/{d} d=c"},  // what differs first decides
                     {"/x/c", "GET /{a}/c a=x"},
                     {"/x/y", "GET /{rest...} rest=x/y"},
                     {"/b/c/e", "GET /b/c/e"},
                     {"/b/c/f", "GET /{rest...} rest=b/c/f"}});
}

TEST(RouterTest, GoesBackWhereAPathLeadsNowhere) {
  const Router router = RouterOf(
      {"GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e", "GET /{z}/{x}/{rest...}"});
  ExpectAll(router, {{"/a/b/c", "GET /a/b/c"},
                     {"/a/b/d", "GET /a/{x}/d x=b"},
                     {"/a/b/e", "GET /{y}/b/e y=a"},
                     {"/a/b/f", "GET /{z}/{x}/{rest...} z=a x=b rest=f"},
                     {"/a/b", "404"},
                     {"/a//e", "404"}});
}

TEST(RouterTest, ParametersAreNamedByTheRoute) {
  const Router router =
      RouterOf({"GET /{id}", "PUT /{name}", "GET /{user}/posts"});
  ExpectMethods(router, {{"GET", "/1", "GET /{id} id=1"},
                         {"PUT", "/1", "PUT /{name} name=1"},
                         {"GET", "/1/posts", "GET /{user}/posts user=1"}});
}

TEST(RouterTest, Rfc3986_2_DecodesOnceSegmentBySegment) {
  const Router router =
      RouterOf({"GET /a b/c", "GET /%7Bx%7D", "GET /u/{id}", "GET /u/me",
                "GET /100%25", "GET /s%2Ft", "GET /\xc3\xa9"});
  ExpectAll(router, {{"/a%20b/c", "GET /a b/c"},
                     {"/%61%20b/%63", "GET /a b/c"},
                     {"/a%20b%2Fc", "404"},  // one segment with a slash
                     {"/%7Bx%7d", "GET /%7Bx%7D"},
                     {"/u/%6De", "GET /u/me"},
                     {"/%75/me", "GET /u/me"},
                     {"/u%2Fme", "404"},
                     {"/u/a%2Fb", "GET /u/{id} id=a/b"},
                     {"/u/%2541", "GET /u/{id} id=%41"},
                     {"/u/a+b", "GET /u/{id} id=a+b"},
                     {"/u/%2E%2e", "GET /u/{id} id=.."},
                     {"/u/%00", "GET /u/{id} id=\0"s},
                     {"/100%25", "GET /100%25"},
                     {"/100%2525", "404"},
                     {"/s%2Ft", "GET /s%2Ft"},
                     {"/s/t", "404"},
                     {"/%C3%a9", "GET /\xc3\xa9"},
                     {"/u/%", "404"},
                     {"/u/%4", "404"},
                     {"/u/%4x", "404"},
                     {"/%/me", "404"}});
}

TEST(RouterTest, Rfc9110_9_1_MethodsDifferInCase) {
  const Router router = RouterOf({"GET /a", "PUT /a", "get /a"});
  ExpectMethods(router, {{"GET", "/a", "GET /a"},
                         {"PUT", "/a", "PUT /a"},
                         {"get", "/a", "get /a"},
                         {"put", "/a", "405 GET, HEAD, PUT, get"}});
}

TEST(RouterTest, Rfc9110_9_3_2_HeadGoesToGet) {
  const Router router = RouterOf({"GET /a", "GET /b", "HEAD /b", "PUT /c",
                                  "GET /{x}/d", "/e", "GET /e", "/f"});
  ExpectMethods(router, {{"HEAD", "/a", "GET /a"},
                         {"HEAD", "/b", "HEAD /b"},
                         {"HEAD", "/c", "405 PUT"},
                         {"HEAD", "/1/d", "GET /{x}/d x=1"},
                         {"HEAD", "/e", "GET /e"},
                         {"HEAD", "/f", "/f"},
                         {"head", "/a", "405 GET, HEAD"}});
}

TEST(RouterTest, AnyMethodIsForThoseWithoutARoute) {
  const Router router = RouterOf({"/a", "PUT /a", "GET /{x}", "/{x}/b"});
  ExpectMethods(router, {{"PUT", "/a", "PUT /a"},
                         {"GET", "/a", "/a"},  // the literal goes first
                         {"BREW", "/a", "/a"},
                         {"BREW", "/1/b", "/{x}/b x=1"},
                         {"BREW", "/1", "405 GET, HEAD"}});
}

TEST(RouterTest, GoesBackWhereTheMethodIsMissing) {
  const Router router = RouterOf(
      {"GET /u/me", "DELETE /u/{id}", "PUT /u/{rest...}", "/{rest...}"});
  ExpectMethods(router, {{"GET", "/u/me", "GET /u/me"},
                         {"DELETE", "/u/me", "DELETE /u/{id} id=me"},
                         {"PUT", "/u/me", "PUT /u/{rest...} rest=me"},
                         {"BREW", "/u/me", "/{rest...} rest=u/me"}});
}

TEST(RouterTest, Rfc9110_15_5_6_AllowsWhatThePathHas) {
  const Router router =
      RouterOf({"PUT /a", "GET /a", "POST /b", "HEAD /c", "GET /c", "GET /u/me",
                "DELETE /u/{id}", "PATCH /u/{rest...}", "POST /%75/me"});
  ExpectMethods(router, {{"POST", "/a", "405 PUT, GET, HEAD"},
                         {"GET", "/b", "405 POST"},
                         {"POST", "/c", "405 GET, HEAD"},
                         {"POST", "/%63", "405 GET, HEAD"},
                         // All that it would find, each once.
                         {"PUT", "/u/me", "405 GET, HEAD, POST, DELETE, PATCH"},
                         {"PUT", "/u/1", "405 DELETE, PATCH"},
                         {"PUT", "/u/", "405 PATCH"},
                         {"PUT", "/u", "404"},
                         {"PUT", "/", "404"}});
  EXPECT_EQ(router.Allow(router.all_methods()),
            "PUT, GET, HEAD, POST, DELETE, PATCH");
}

TEST(RouterTest, AllowIsEmptyWithoutMethods) {
  EXPECT_EQ(Router().Allow(Router().all_methods()), "");
  const Router any = RouterOf({"/a"});
  EXPECT_EQ(any.Allow(any.all_methods()), "");
}

TEST(RouterTest, HasAsManyMethodsAsItSays) {
  Router router;
  std::string list;
  for (size_t i = 0; i < Router::kMaxMethods; ++i) {
    const std::string method = "M" + std::to_string(i);
    router.Add(method, "/" + method, Ignore);
    EXPECT_EQ(Find(router, "X", "/" + method), "405 " + method);
    list += (list.empty() ? "" : ", ") + method;
  }
  EXPECT_EQ(router.Allow(router.all_methods()), list);
}

TEST(RouterTest, WhatIsNoPathIsNotThere) {
  const Router router = RouterOf({"/", "/{rest...}"});
  ExpectMethods(router, {{"OPTIONS", "*", "404"},
                         {"CONNECT", "", "404"},
                         {"GET", "a", "404"},
                         {"GET", "%2F", "404"}});
  EXPECT_EQ(Find(Router(), "GET", "/"), "404");
}

TEST(RouterTest, TellsItsRoutes) {
  Router router;
  router.Add("GET", "/{a}/{b...}", Ignore,
             {.max_body_bytes = 5, .stream_body = true});
  router.Add("", "/c", Ignore);
  ASSERT_EQ(router.routes().size(), 2u);
  const Route& first = *router.routes()[0];
  EXPECT_EQ(first.method, "GET");
  EXPECT_EQ(first.pattern, "/{a}/{b...}");
  EXPECT_EQ(first.options.max_body_bytes, 5u);
  EXPECT_TRUE(first.options.stream_body);
  EXPECT_EQ(first.parameter_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(first.index, 0u);
  EXPECT_EQ(router.routes()[1]->index, 1u);
  EXPECT_FALSE(router.routes()[1]->options.max_body_bytes.has_value());
}

TEST(RouterTest, MovesWithItsRoutes) {
  Router first = RouterOf({"GET /a", "GET /{b}"});
  Router second = std::move(first);
  EXPECT_EQ(Find(second, "GET", "/a"), "GET /a");
  second.Add("GET", "/c", Ignore);
  Router third;
  third = std::move(second);
  ExpectAll(third,
            {{"/a", "GET /a"}, {"/c", "GET /c"}, {"/x", "GET /{b} b=x"}});
}

// Values are of the last look-up.
TEST(RouterTest, ForgetsEarlierParameters) {
  const Router router = RouterOf({"GET /a/{x}", "GET /b", "GET /{y}/c"});
  PathParameters parameters;
  for (const std::string_view path : {"/b", "/c", "/", "*", "/%"}) {
    router.Find("GET", "/a/1", parameters);
    EXPECT_EQ(parameters.Find("x"), "1");
    router.Find("GET", path, parameters);
    EXPECT_EQ(parameters.size(), 0u) << path;
  }
}

TEST(RouterTest, APathOfManySegmentsGoesNoDeeperThanThePatterns) {
  std::string deepest;
  for (size_t i = 0; i < RoutePattern::kMaxSegments; ++i) {
    deepest += "/{p" + std::to_string(i) + "}";
  }
  Router router;
  router.Add("GET", deepest, Ignore);
  PathParameters parameters;
  const auto times = [](std::string_view text, size_t count) {
    std::string path;
    for (size_t i = 0; i < count; ++i) path += text;
    return path;
  };
  for (const std::string_view text : {"/a", "/%61"}) {
    const std::string whole = times(text, RoutePattern::kMaxSegments);
    EXPECT_NE(router.Find("GET", whole, parameters).route, nullptr);
    EXPECT_EQ(parameters.Find("p63"), "a");
    EXPECT_EQ(Find(router, "GET", whole + "/"), "404");
    EXPECT_EQ(Find(router, "GET", whole + "/a"), "404");
    EXPECT_EQ(Find(router, "GET", times(text, 4'000)), "404");
  }
  EXPECT_EQ(Find(router, "GET", times("/", 8'000)), "404");
  router.Add("GET", "/{rest...}", Ignore);
  const std::string path = times("/a", 4'000);
  router.Find("GET", path, parameters);
  EXPECT_EQ(parameters.Find("rest"), path.substr(1));
}

// Each pattern has its parameter at another place, so that at each place of a
// path of the same literals there are two ways on.
TEST(RouterTest, GoesToEachPlaceOnce) {
  constexpr size_t kSegments = 60;
  const auto all_but = [](size_t which, std::string_view other) {
    std::string path;
    for (size_t i = 0; i < kSegments; ++i) {
      path += i == which ? other : "/a";
    }
    return path;
  };
  Router router;
  for (size_t i = 0; i < kSegments; ++i) {
    router.Add("GET", all_but(i, "/{x}"), Ignore);
  }
  router.Add("PUT", "/{x}/{rest...}", Ignore);
  PathParameters parameters;
  for (size_t i = 0; i < kSegments; ++i) {
    const std::string path = all_but(i, "/b");
    router.Find("GET", path, parameters);
    EXPECT_EQ(parameters.Find("x"), "b") << i;
  }
  const std::string two = all_but(0, "/b/b").substr(0, 2 * kSegments);
  EXPECT_EQ(Find(router, "GET", two), "405 PUT");
  EXPECT_EQ(Find(router, "POST", all_but(kSegments, "")), "405 GET, HEAD, PUT");
}

TEST(RouterTest, AllocatesNothingForASecondLookUp) {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
  GTEST_SKIP() << "sanitizers have an operator new of their own";
#endif
  const Router router = RouterOf({"GET /", "GET /a/{x}/{y}", "GET /f/{r...}",
                                  "GET /a rather long literal segment"});
  const std::string longer(200, 'a');
  const std::vector<std::string> paths = {
      "/",
      "/a/" + longer + "/b",
      "/a/" + longer + "%20/%2F",
      "/f/a/%41/" + longer,
      "/a%20rather%20long%20literal%20segment",
      "/nowhere/" + longer};
  PathParameters parameters;
  const auto find_all = [&] {
    size_t found = 0;
    for (const std::string_view method : {"GET", "HEAD", "PUT"}) {
      for (const std::string& path : paths) {
        const Router::Match match = router.Find(method, path, parameters);
        if (match.route != nullptr) ++found;
      }
    }
    return found;
  };
  const size_t at_first = AllocationsOfThisThread().count;
  EXPECT_EQ(find_all(), 10u);
  const size_t before = AllocationsOfThisThread().count;
  const size_t found = find_all();
  EXPECT_EQ(AllocationsOfThisThread().count, before);
  EXPECT_EQ(found, 10u);
  EXPECT_GT(before, at_first);  // it counts
}

}  // namespace
}  // namespace rondo
