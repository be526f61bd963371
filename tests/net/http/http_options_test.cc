#include "net/http/http_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_service.h"
#include "net/http/router.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

TEST(HttpOptionsTest, TheirDefaultsAreGood) {
  EXPECT_TRUE(HttpOptions().Check().ok());
}

TEST(HttpOptionsTest, WhatMakesNoSenseIsNamedWithItsValue) {
  constexpr size_t kHuge = SIZE_MAX;
  const struct {
    HttpOptions options;
    const char* message;
  } kCases[] = {
      {{.limits = {.max_request_line_bytes = 0}},
       "max_request_line_bytes of 0: must be at least 1"},
      {{.limits = {.max_request_line_bytes = kHuge}},
       "max_request_line_bytes of 18446744073709551615: must be at most"},
      {{.limits = {.max_header_bytes = 1}},
       "max_header_bytes of 1: must be at least 2"},
      {{.limits = {.max_header_bytes = kHuge}},
       "max_header_bytes of 18446744073709551615: must be at most"},
      {{.limits = {.max_fields = 0}}, "max_fields of 0: must be at least 1"},
      {{.limits = {.max_chunk_extension_bytes = kHuge}},
       "max_chunk_extension_bytes of 18446744073709551615: must be at most"},
      {{.limits = {.max_trailer_bytes = 0}},
       "max_trailer_bytes of 0: must be at least 2"},
      {{.limits = {.max_trailer_bytes = kHuge}},
       "max_trailer_bytes of 18446744073709551615: must be at most"},
      {{.max_pipelined_requests = 0},
       "max_pipelined_requests of 0: must be at least 1"},
      {{.header_timeout = absl::ZeroDuration()},
       "header_timeout of 0: must be more than 0"},
      {{.body_timeout = -absl::Seconds(1)},
       "body_timeout of -1s: must be more than 0"},
      {{.min_body_bytes_per_second = 0},
       "min_body_bytes_per_second of 0: must be at least 1"},
      {{.keep_alive_timeout = absl::ZeroDuration()},
       "keep_alive_timeout of 0: must be more than 0"},
  };
  for (const auto& [options, message] : kCases) {
    const absl::Status status = options.Check();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
}

TEST(HttpOptionsTest, InfiniteTimesAreGood) {
  const absl::Duration never = absl::InfiniteDuration();
  EXPECT_TRUE(HttpOptions({.header_timeout = never,
                           .body_timeout = never,
                           .keep_alive_timeout = never})
                  .Check()
                  .ok());
}

TEST(HttpOptionsTest, AServerDoesNotStartWithWrongOnes) {
  const auto thread = EventLoopThread::Start({.name = "acceptor"});
  ASSERT_TRUE(thread.ok());
  HttpServer server((*thread)->loop(),
                    {.listen = {*InetAddress::Parse("127.0.0.1:0")}}, Router(),
                    {.max_pipelined_requests = 0});
  const absl::Status status = server.Start();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("max_pipelined_requests of 0"));
}

TEST(HttpOptionsDeathTest, CallbacksAreNotMadeForWrongOnes) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(HttpCallbacks(std::make_shared<const HttpService>(
                   Router(), HttpOptions{.max_pipelined_requests = 0})),
               "max_pipelined_requests of 0");
}

}  // namespace
}  // namespace rondo
