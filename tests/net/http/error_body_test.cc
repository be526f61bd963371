#include "net/http/error_body.h"

#include <gtest/gtest.h>

#include <string_view>

namespace rondo {
namespace {

TEST(ErrorBodyTest, Rfc9110_12_5_1_WhoPrefersJson) {
  for (const std::string_view accept :
       {"application/json", "APPLICATION/JSON",
        "text/html;q=0.8, application/*", "*/*;q=0.1, application/json;q=0.2",
        "application/json, text/*;q=0.9", "application/json ; q=0.5",
        ",application/json,", "application/json;charset=utf-8"}) {
    EXPECT_TRUE(PrefersJson(accept)) << accept;
  }
}

TEST(ErrorBodyTest, Rfc9110_12_5_1_WhoDoesNot) {
  for (const std::string_view accept :
       {"", "*/*", "text/plain;q=0, */*", "text/plain",
        "text/html, application/json", "text/*, application/json",
        "application/json;q=0", "application/json;q=0.5, text/plain",
        "application/xml", "application/json;q=2", "application/json;q=x",
        "application/jso",
        "application/*;q=0.9, application/json;q=0.1, text/plain;q=0.2"}) {
    EXPECT_FALSE(PrefersJson(accept)) << accept;
  }
}

TEST(ErrorBodyTest, AskedByTheHead) {
  RequestHead head;
  EXPECT_FALSE(WantsJson(head));
  head.fields.push_back({"accept", "application/json"});
  EXPECT_TRUE(WantsJson(head));
}

TEST(ErrorBodyTest, SaysWhatIsWrong) {
  const HttpError error = {HttpStatus::kNotFound, "no \"x\" here"};
  EXPECT_EQ(ErrorBody(error, false), "404 Not Found: no \"x\" here\n");
  EXPECT_EQ(ErrorBody(error, true),
            "{\"status\":404,\"title\":\"Not Found\","
            "\"detail\":\"no \\\"x\\\" here\"}\n");
}

}  // namespace
}  // namespace rondo
