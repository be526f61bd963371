#include "net/http/response_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/http/response_head.h"
#include "net/tcp/buffer.h"

namespace rondo {
namespace {

using Connection = ResponseHead::Connection;

std::string HeadText(const ResponseHead& head) {
  Buffer text;
  head.AppendTo(text);
  return std::string(text.view());
}

const ResponseHead kUsual = {.date = "Sun, 06 Nov 1994 08:49:37 GMT",
                             .content_type = "text/plain",
                             .content_length = 2};

// Heads that differ from kUsual in one thing each.
const ResponseHead kOthers[] = {
    {.status = HttpStatus::kNotFound,
     .date = kUsual.date,
     .content_type = kUsual.content_type,
     .content_length = 2},
    {.date = "Sun, 06 Nov 1994 08:49:38 GMT",
     .content_type = kUsual.content_type,
     .content_length = 2},
    {.date = kUsual.date, .content_type = "text/plaim", .content_length = 2},
    {.date = kUsual.date,
     .content_type = kUsual.content_type,
     .field_lines = "X: y\r\n",
     .content_length = 2},
    {.date = kUsual.date,
     .content_type = kUsual.content_type,
     .content_length = 3},
    {.date = kUsual.date, .content_type = kUsual.content_type},
    {.date = kUsual.date, .content_type = kUsual.content_type, .chunked = true},
    {.date = kUsual.date,
     .content_type = kUsual.content_type,
     .content_length = 2,
     .connection = Connection::kClose},
};

TEST(ResponseTextTest, HasTheBodyBehindTheHead) {
  ResponseText text;
  EXPECT_EQ(text.Make(kUsual, "hi"), HeadText(kUsual) + "hi");
}

TEST(ResponseTextTest, TheSameHeadHasAnotherBody) {
  ResponseText text;
  for (const std::string_view body : {"one", "", "another", "two"}) {
    EXPECT_EQ(text.Make(kUsual, body), HeadText(kUsual) + std::string(body));
  }
}

TEST(ResponseTextTest, EachHeadIsItsOwn) {
  ResponseText text;
  for (const ResponseHead& other : kOthers) {
    for (const ResponseHead* head : {&kUsual, &other, &other, &kUsual}) {
      EXPECT_EQ(text.Make(*head, "hi"), HeadText(*head) + "hi");
    }
  }
}

// As that of a DateCache does.
TEST(ResponseTextTest, WhatAHeadRefersToMayChangeInItsPlace) {
  ResponseText text;
  std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  std::string type = "text/html";
  for (int i = 0; i < 3; ++i) {
    const ResponseHead head = {
        .date = date, .content_type = type, .content_length = 0};
    EXPECT_EQ(text.Make(head, ""), HeadText(head));
    EXPECT_EQ(text.Make(head, ""), HeadText(head));
    ++date[i];
    ++type[i];
  }
}

}  // namespace
}  // namespace rondo
