#include "net/http/request_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/http/http_request.h"
#include "net/http/response_writer.h"

namespace rondo {
namespace {

using Outcome = RequestReader::Outcome;

constexpr std::string_view kHead = "GET /users/7 HTTP/1.1\r\nHost: a\r\n\r\n";

class RequestReaderTest : public ::testing::Test {
 protected:
  RequestReaderTest() {
    router_.Add("GET", "/users/{id}",
                [](const HttpRequest&, ResponseWriter&) {});
  }

  // What `bytes` are, in memory that is overwritten afterwards.
  std::string Read(std::string bytes) {
    const Outcome outcome = reader_.Read(parser_, bytes);
    if (outcome == Outcome::kIncomplete) return "incomplete";
    if (outcome == Outcome::kRefused) return "refused";
    const RoutedHead& request = reader_.request();
    std::string text(request.head.method);
    text.append(" ").append(request.head.target.path);
    text.append(" of ").append(request.head.host);
    if (request.match.route == nullptr) return text + " has no route";
    text.append(" is ").append(*request.parameters.Find("id"));
    return text + ", " + std::to_string(request.head.bytes) + " bytes";
  }

  // Whether it is compared, not parsed.
  bool IsKnown(const std::string& head) { return IsKnown(head, reader_); }
  bool IsKnown(const std::string& head, RequestReader& reader) {
    EXPECT_EQ(reader.Read(parser_, head), Outcome::kComplete);
    const std::string_view path = reader.request().head.target.path;
    return path.data() < head.data() ||
           path.data() >= head.data() + head.size();
  }

  Router router_;
  HttpLimits limits_;
  RequestParser parser_;
  RequestReader reader_{&router_, &limits_};
};

TEST_F(RequestReaderTest, WhatComesAgainMeansTheSame) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Read(std::string(kHead)), "GET /users/7 of a is 7, 34 bytes");
  }
}

TEST_F(RequestReaderTest, WhatIsKeptOutlivesItsInput) {
  for (int i = 0; i < 3; ++i) Read(std::string(kHead));
  EXPECT_TRUE(IsKnown(std::string(kHead)));
}

// They have one signature, which does not look at everything.
TEST_F(RequestReaderTest, WhatOnlySeemsToComeAgainIsKeptEverMoreRarely) {
  const auto head = [](int number) {
    return "GET /users/7 HTTP/1.1\r\nHost: a\r\nX: " + std::string(80, 'x') +
           std::to_string(1'000 + number) + std::string(20, 'x') + "\r\n\r\n";
  };
  std::vector<int> kept;
  for (int heads = 1; heads <= 20; ++heads) {
    RequestReader reader(&router_, &limits_);
    for (int i = 1; i <= heads; ++i) {
      const std::string input = head(i);
      reader.Read(parser_, input);
    }
    if (IsKnown(head(heads), reader)) kept.push_back(heads);
  }
  EXPECT_EQ(kept, std::vector<int>({2, 3, 5, 9, 17}));
}

TEST_F(RequestReaderTest, OtherHeadsBetweenAreThemselves) {
  for (int i = 0; i < 3; ++i) Read(std::string(kHead));
  std::string other(kHead);
  other[11] = '8';
  EXPECT_EQ(Read(other), "GET /users/8 of a is 8, 34 bytes");
  EXPECT_EQ(Read(std::string(kHead)), "GET /users/7 of a is 7, 34 bytes");
  EXPECT_EQ(Read("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "GET / of a has no route");
  EXPECT_EQ(Read("GET /\r\n"), "refused");
  EXPECT_EQ(Read(std::string(kHead)), "GET /users/7 of a is 7, 34 bytes");
}

// The size, and those words of it that are looked at, are the same.
TEST_F(RequestReaderTest, HeadsThatLookTheSameAreThemselves) {
  const auto head = [](char last) {
    return "GET /users/7 HTTP/1.1\r\nHost: a\r\nX: " + std::string(100, 'x') +
           last + "\r\n\r\n";
  };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Read(head('x')), "GET /users/7 of a is 7, 140 bytes");
    EXPECT_EQ(Read(head('\t')), "GET /users/7 of a is 7, 140 bytes");
    EXPECT_EQ(Read(head('\0')), "refused");
  }
}

TEST_F(RequestReaderTest, WhatHasBegunOtherwiseGoesOn) {
  for (int i = 0; i < 3; ++i) Read(std::string(kHead));
  for (size_t cut = 1; cut < kHead.size(); ++cut) {
    EXPECT_EQ(Read(std::string(kHead.substr(0, cut))), "incomplete");
    EXPECT_EQ(Read(std::string(kHead)), "GET /users/7 of a is 7, 34 bytes");
    EXPECT_EQ(Read(std::string(kHead)), "GET /users/7 of a is 7, 34 bytes");
  }
}

TEST_F(RequestReaderTest, WhatComesBehindIsNotPartOfIt) {
  for (int i = 0; i < 3; ++i) Read(std::string(kHead));
  EXPECT_EQ(Read(std::string(kHead) + "garbage"),
            "GET /users/7 of a is 7, 34 bytes");
}

}  // namespace
}  // namespace rondo
