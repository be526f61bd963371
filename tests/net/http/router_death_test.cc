#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "net/http/http_handler.h"
#include "net/http/router.h"

namespace rondo {
namespace {

using testing::HasSubstr;

class RouterDeathTest : public ::testing::Test {
 public:
  RouterDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

 protected:
  void Add(std::string method, std::string pattern) {
    router_.Add(method, pattern, [](const HttpRequest&, ResponseWriter&) {});
  }

  Router router_;
};

TEST_F(RouterDeathTest, OneThatComesTwiceIsABug) {
  Add("GET", "/");
  Add("GET", "/a/{id}");
  Add("GET", "/a/b");
  Add("PUT", "/f/{rest...}");
  Add(std::string(Router::kAnyMethod), "/any");
  const auto already = [](std::string pattern) {
    return HasSubstr(" is there already, as " + pattern);
  };
  EXPECT_DEATH(Add("GET", "/"), already("/"));
  EXPECT_DEATH(Add("GET", "/%61/b"), HasSubstr("route GET /%61/b is there"));
  EXPECT_DEATH(Add("GET", "/a/{name}"), already("/a/{id}"));
  EXPECT_DEATH(Add("PUT", "/f/{all...}"), already("/f/{rest...}"));
  EXPECT_DEATH(Add("", "/any"), already("/any"));
  // None of these does.
  Add("POST", "/");
  Add("HEAD", "/");
  Add("", "/");
  Add("GET", "/f/{rest...}");
  Add("GET", "/any");
}

TEST_F(RouterDeathTest, WhatIsNoMethodIsABug) {
  EXPECT_DEATH(Add(" GET", "/"), HasSubstr("route /:  GET is no method"));
  EXPECT_DEATH(Add("GET,PUT", "/a"), HasSubstr("route /a: GET,PUT is no"));
}

TEST_F(RouterDeathTest, WhatIsNoPatternIsABug) {
  EXPECT_DEATH(Add("GET", "a"), HasSubstr("route a: it must begin"));
  EXPECT_DEATH(Add("GET", "/{a"), HasSubstr("route /{a: "));
}

TEST_F(RouterDeathTest, NoHandlerIsABug) {
  EXPECT_DEATH(router_.Add("GET", "/a", HttpHandler()),
               HasSubstr("route GET /a has no handler"));
}

TEST_F(RouterDeathTest, TooManyMethodsAreABug) {
  for (size_t i = 0; i < Router::kMaxMethods; ++i) {
    Add("M" + std::to_string(i), "/");
  }
  EXPECT_DEATH(Add("ONE-MORE", "/"),
               HasSubstr("method ONE-MORE is one more than 64"));
}

}  // namespace
}  // namespace rondo
