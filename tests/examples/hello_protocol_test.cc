#include "examples/hello_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rondo::examples {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Takes lines of which the last is empty.
HelloHead Read(const std::vector<std::string_view>& lines) {
  HelloHead head;
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(head.AddLine(lines[i]), i + 1 == lines.size()) << lines[i];
  }
  return head;
}

TEST(HelloHeadTest, EndsWithABlankLineWhateverEndsItsLines) {
  Read({"GET / HTTP/1.1\r\n", "Host: a\r\n", "\r\n"});
  Read({"GET / HTTP/1.1\n", "Host: a\n", "\n"});
  Read({"GET / HTTP/1.1", "Host: a", ""});
}

TEST(HelloHeadTest, DoesNotBeginWithABlankLine) {
  HelloHead head;
  EXPECT_FALSE(head.AddLine("\r\n"));
  EXPECT_FALSE(head.AddLine("\n"));
  EXPECT_FALSE(head.AddLine("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(head.AddLine("\r\n"));
}

TEST(HelloHeadTest, KeepsTheConnectionByVersionAndField) {
  constexpr std::string_view k11 = "GET / HTTP/1.1";
  constexpr std::string_view k10 = "GET / HTTP/1.0";
  EXPECT_TRUE(Read({k11, ""}).keep());
  EXPECT_FALSE(Read({k10, ""}).keep());
  EXPECT_FALSE(Read({k11, "Connection: close", ""}).keep());
  EXPECT_TRUE(Read({k10, "Connection: keep-alive", ""}).keep());
  EXPECT_TRUE(Read({k10, "connection: Keep-Alive", ""}).keep());
  EXPECT_TRUE(Read({k11, "X-Connection: close", ""}).keep());
}

TEST(HelloHeadTest, SaysHelloWithALength) {
  const HelloHead head = Read({"GET / HTTP/1.1", ""});
  EXPECT_EQ(head.Answer(true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Content-Length: 12\r\n\r\nhello world\n");
  EXPECT_EQ(head.Answer(false),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n"
            "Content-Type: text/plain\r\nContent-Length: 12\r\n\r\n"
            "hello world\n");
}

TEST(HelloHeadTest, TellsHttp10ThatItIsKept) {
  const HelloHead head = Read({"GET / HTTP/1.0", ""});
  EXPECT_THAT(std::string(head.Answer(true)),
              HasSubstr("\r\nConnection: keep-alive\r\n"));
}

TEST(HelloHeadTest, AnswersHeadWithoutTheBody) {
  const std::string answer(Read({"HEAD / HTTP/1.1", ""}).Answer(true));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("Content-Length: 12\r\n\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("hello")));
}

}  // namespace
}  // namespace rondo::examples
