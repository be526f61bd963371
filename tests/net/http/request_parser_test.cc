#include "net/http/request_parser.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

using Outcome = RequestParser::Outcome;

constexpr std::string_view kGood =
    "POST /good?x=1 HTTP/1.1\r\nHost: good\r\nContent-Length: 0\r\n"
    "Connection: keep-alive\r\nExpect: 100-continue\r\n\r\n";

// Expectations and heads as text, to compare and to print.
template <typename Head>
void PrintRest(const Head& head, std::ostream& out) {
  out << " host=" << head.host << " version=1." << head.minor_version
      << " framing=" << static_cast<int>(head.framing)
      << " length=" << head.content_length << " keep=" << head.keep_alive
      << " expects=" << head.expects_continue;
}

std::string Describe(const RequestCase& c) {
  std::ostringstream out;
  if (c.refused != HttpStatus::kOk) {
    out << "refused " << static_cast<int>(c.refused);
    return out.str();
  }
  const ExpectedHead& head = c.head;
  out << head.method << " form=" << static_cast<int>(head.form)
      << " path=" << head.path << " query=" << head.query;
  PrintRest(head, out);
  out << " bytes=" << c.input.size();
  for (const auto& [name, value] : head.fields) {
    out << "\n" << name << ": " << value << "|";
  }
  return out.str();
}

std::string Describe(Outcome outcome, const RequestParser& parser,
                     const RequestHead& head) {
  std::ostringstream out;
  if (outcome == Outcome::kIncomplete) return "incomplete";
  if (outcome == Outcome::kRefused) {
    out << "refused " << static_cast<int>(parser.error().status);
    return out.str();
  }
  out << head.method << " form=" << static_cast<int>(head.target.form)
      << " path=" << head.target.path << " query=" << head.target.query;
  PrintRest(head, out);
  out << " bytes=" << head.bytes;
  for (const HttpField& field : head.fields) {
    out << "\n" << field.name << ": " << field.value << "|";
  }
  return out.str();
}

// A connection's end: what comes is parsed from the start of what is left.
class Reader {
 public:
  // The bytes up to `end` of the input are there now. They lie in memory of
  // their own, so that a sanitizer sees who reads further.
  Outcome Read(std::string_view input, size_t end) {
    const std::string_view there = input.substr(taken_, end - taken_);
    copy_ = std::make_unique<char[]>(there.size());
    there.copy(copy_.get(), there.size());
    const Outcome outcome =
        parser_.Parse({copy_.get(), there.size()}, limits_, head_);
    said_ = Describe(outcome, parser_, head_);
    reason_ = outcome == Outcome::kRefused ? parser_.error().reason : "";
    return outcome;
  }

  void TakeHead() { taken_ += head_.bytes; }

  size_t taken() const { return taken_; }
  const std::string& said() const { return said_; }
  const std::string& reason() const { return reason_; }

 private:
  const HttpLimits limits_;
  RequestParser parser_;
  RequestHead head_;
  std::unique_ptr<char[]> copy_;
  size_t taken_ = 0;
  std::string said_;
  std::string reason_;
};

class RequestParserCaseTest : public ::testing::TestWithParam<RequestCase> {
 protected:
  std::string_view input() const { return GetParam().input; }
};

TEST_P(RequestParserCaseTest, IsReadWhole) {
  Reader reader;
  reader.Read(input(), input().size());
  EXPECT_EQ(reader.said(), Describe(GetParam()));
  EXPECT_EQ(reader.reason().empty(), GetParam().refused == HttpStatus::kOk);
}

TEST_P(RequestParserCaseTest, IsReadWithMoreBehindIt) {
  Reader reader;
  const std::string more = std::string(input()) + "\r\n\r\n : GET";
  reader.Read(more, more.size());
  EXPECT_EQ(reader.said(), Describe(GetParam()));
}

TEST_P(RequestParserCaseTest, IsTheSameInTwoPieces) {
  Reader whole;
  whole.Read(input(), input().size());
  for (size_t split = 0; split <= input().size(); ++split) {
    Reader reader;
    if (reader.Read(input(), split) == Outcome::kIncomplete) {
      reader.Read(input(), input().size());
    }
    ASSERT_EQ(reader.said(), Describe(GetParam())) << "split at " << split;
    ASSERT_EQ(reader.reason(), whole.reason()) << "split at " << split;
  }
}

TEST_P(RequestParserCaseTest, IsTheSameByteByByte) {
  Reader whole;
  whole.Read(input(), input().size());
  Reader reader;
  size_t end = 0;
  while (reader.Read(input(), end) == Outcome::kIncomplete &&
         end < input().size()) {
    ++end;
  }
  EXPECT_EQ(reader.said(), Describe(GetParam()));
  EXPECT_EQ(reader.reason(), whole.reason());
  if (GetParam().refused == HttpStatus::kOk) {
    EXPECT_EQ(end, input().size());
  }
}

TEST_P(RequestParserCaseTest, IsTheSameBehindAGoodRequest) {
  const std::string both = std::string(kGood) + std::string(input());
  for (size_t split = 0; split <= both.size(); ++split) {
    Reader reader;
    for (const size_t end : {split, both.size()}) {
      Outcome outcome = reader.Read(both, end);
      if (outcome == Outcome::kComplete && reader.taken() == 0) {
        reader.TakeHead();
        ASSERT_EQ(reader.taken(), kGood.size());
        outcome = reader.Read(both, end);
      }
      if (outcome != Outcome::kIncomplete) break;
    }
    ASSERT_EQ(reader.taken(), kGood.size());
    ASSERT_EQ(reader.said(), Describe(GetParam())) << "split at " << split;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RequestParserCaseTest,
                         ::testing::ValuesIn(RequestCases()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace rondo
