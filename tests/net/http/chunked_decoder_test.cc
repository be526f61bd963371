#include "net/http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/net/http/chunked_cases.h"

namespace rondo {
namespace {

using Outcome = ChunkedDecoder::Outcome;

// All that a decoder says of a body that comes in pieces.
class Body {
 public:
  explicit Body(const HttpLimits& limits = {})
      : limits_(limits), decoder_(limits_) {}

  // The bytes up to `end` of the input are there now. They lie in memory of
  // their own, so that a sanitizer sees who reads further.
  Outcome Take(std::string_view input, size_t end) {
    while (true) {
      const std::string_view there = input.substr(taken_, end - taken_);
      const auto copy = std::make_unique<char[]>(there.size());
      there.copy(copy.get(), there.size());
      const ChunkedDecoder::Step step =
          decoder_.Next({copy.get(), there.size()});
      data_ += step.data;
      EXPECT_LE(step.consumed, there.size());
      EXPECT_EQ(step.data.empty(), step.outcome != Outcome::kData);
      taken_ += step.consumed;
      outcome_ = step.outcome;
      if (outcome_ != Outcome::kData) return outcome_;
    }
  }

  // Without where it was refused: a decoder may see that early.
  ChunkedResult result() const {
    const bool refused = outcome_ == Outcome::kRefused;
    ChunkedResult result = {.data = data_, .consumed = taken_};
    if (refused) {
      result.consumed = 0;
      result.refused = decoder_.error().status;
    } else if (outcome_ == Outcome::kComplete) {
      result.trailers = decoder_.trailers();
    } else {
      result.data += " (incomplete)";
    }
    return result;
  }

  std::string reason() const { return decoder_.error().reason; }

 private:
  const HttpLimits limits_;
  ChunkedDecoder decoder_;
  size_t taken_ = 0;
  std::string data_;
  Outcome outcome_ = Outcome::kIncomplete;
};

class ChunkedDecoderCaseTest : public ::testing::TestWithParam<ChunkedCase> {
 protected:
  std::string_view input() const { return GetParam().input; }
  const ChunkedResult& expected() const { return GetParam().expected; }
};

TEST_P(ChunkedDecoderCaseTest, IsReadWhole) {
  Body body;
  body.Take(input(), input().size());
  EXPECT_EQ(body.result(), expected());
  EXPECT_EQ(body.reason().empty(), expected().refused == HttpStatus::kOk);
}

TEST_P(ChunkedDecoderCaseTest, IsReadWithMoreBehindIt) {
  Body body;
  const std::string more = std::string(input()) + "\r\n0\r\n\r\nGET";
  body.Take(more, more.size());
  EXPECT_EQ(body.result(), expected());
}

TEST_P(ChunkedDecoderCaseTest, IsTheSameInTwoPieces) {
  Body whole;
  whole.Take(input(), input().size());
  for (size_t split = 0; split <= input().size(); ++split) {
    Body body;
    if (body.Take(input(), split) == Outcome::kIncomplete) {
      body.Take(input(), input().size());
    }
    ASSERT_EQ(body.result(), expected()) << "split at " << split;
    ASSERT_EQ(body.reason(), whole.reason()) << "split at " << split;
  }
}

TEST_P(ChunkedDecoderCaseTest, IsTheSameByteByByte) {
  Body whole;
  whole.Take(input(), input().size());
  Body body;
  size_t end = 0;
  while (body.Take(input(), end) == Outcome::kIncomplete &&
         end < input().size()) {
    ++end;
  }
  EXPECT_EQ(body.result(), expected());
  EXPECT_EQ(body.reason(), whole.reason());
}

INSTANTIATE_TEST_SUITE_P(All, ChunkedDecoderCaseTest,
                         ::testing::ValuesIn(ChunkedCases()),
                         [](const auto& param) { return param.param.name; });

// The status it is refused with, 200 if it is complete, 0 if it is neither; -1
// if that depends on the pieces.
int StatusOf(std::string_view input, const HttpLimits& limits) {
  const auto status = [](const Body& body, Outcome outcome) {
    if (outcome == Outcome::kIncomplete) return 0;
    if (outcome == Outcome::kComplete) return 200;
    return static_cast<int>(body.result().refused);
  };
  Body whole(limits);
  const int expected = status(whole, whole.Take(input, input.size()));
  for (size_t split = 0; split <= input.size(); ++split) {
    Body body(limits);
    Outcome outcome = body.Take(input, split);
    if (outcome == Outcome::kIncomplete) {
      outcome = body.Take(input, input.size());
    }
    if (status(body, outcome) != expected) return -1;
  }
  Body body(limits);
  Outcome outcome = Outcome::kIncomplete;
  for (size_t end = 0; end <= input.size() && outcome == Outcome::kIncomplete;
       ++end) {
    outcome = body.Take(input, end);
  }
  return status(body, outcome) == expected ? expected : -1;
}

TEST(ChunkedDecoderTest, TakesExtensionsUpToTheirLimit) {
  const HttpLimits limits = {.max_chunk_extension_bytes = 10};
  EXPECT_EQ(StatusOf("0;aaaaaaaaa\r\n\r\n", limits), 200);
  EXPECT_EQ(StatusOf("0;aaaaaaaaaa\r\n\r\n", limits), 400);
  EXPECT_EQ(StatusOf("0;" + std::string(100, 'a') + "\r\n\r\n", limits), 400);
}

TEST(ChunkedDecoderTest, CountsTheExtensionsOfAllChunks) {
  const HttpLimits limits = {.max_chunk_extension_bytes = 10};
  EXPECT_EQ(StatusOf("1;aaaa\r\nx\r\n1\r\ny\r\n0;aaaa\r\n\r\n", limits), 200);
  EXPECT_EQ(StatusOf("1;aaaa\r\nx\r\n1\r\ny\r\n0;aaaaa\r\n\r\n", limits), 400);
  std::string many;
  for (int i = 0; i < 11; ++i) many += "1;a\r\nx\r\n";
  EXPECT_EQ(StatusOf(many, limits), 400);
}

TEST(ChunkedDecoderTest, RefusesASizeLineThatHasNoEnd) {
  const HttpLimits limits = {.max_chunk_extension_bytes = 10};
  EXPECT_EQ(StatusOf("0;" + std::string(1'000, 'a'), limits), 400);
  EXPECT_EQ(StatusOf(std::string(1'000, '0'), limits), 400);
  Body body;
  const std::string endless = "0;a=\"" + std::string(100'000, 'b');
  EXPECT_EQ(body.Take(endless, endless.size()), Outcome::kRefused);
}

TEST(ChunkedDecoderTest, TakesATrailerUpToItsLimit) {
  // With the blank line, as of a header.
  const HttpLimits limits = {.max_trailer_bytes = 20};
  EXPECT_EQ(StatusOf("0\r\nX: bbb\r\nY: ccccc\r\n\r\n", limits), 200);
  EXPECT_EQ(StatusOf("0\r\nX: bbb\r\nY: cccccc\r\n\r\n", limits), 431);
  EXPECT_EQ(StatusOf("0\r\nX: bbb\r\nY: cccccccccccc\r\n\r\n", limits), 431);
}

TEST(ChunkedDecoderTest, CountsDroppedTrailers) {
  const HttpLimits limits = {.max_trailer_bytes = 20};
  EXPECT_EQ(StatusOf("0\r\nHost: a\r\nHost: a\r\nHost: a\r\n\r\n", limits),
            431);
}

TEST(ChunkedDecoderTest, RefusesATrailerThatHasNoEnd) {
  const HttpLimits limits = {.max_trailer_bytes = 20};
  EXPECT_EQ(StatusOf("0\r\nX: " + std::string(1'000, 'b'), limits), 431);
  Body body;
  const std::string endless = "0\r\nX: " + std::string(100'000, 'b');
  EXPECT_EQ(body.Take(endless, endless.size()), Outcome::kRefused);
  EXPECT_EQ(body.result().refused, HttpStatus::kRequestHeaderFieldsTooLarge);
}

TEST(ChunkedDecoderTest, TakesAsManyTrailersAsItsLimit) {
  const HttpLimits limits = {.max_fields = 3};
  EXPECT_EQ(StatusOf("0\r\nX:\r\nX:\r\nX:\r\n\r\n", limits), 200);
  EXPECT_EQ(StatusOf("0\r\nX:\r\nX:\r\nX:\r\nX:\r\n\r\n", limits), 431);
  EXPECT_EQ(StatusOf("0\r\nHost:\r\nTE:\r\nX:\r\nX:\r\n\r\n", limits), 431);
}

TEST(ChunkedDecoderTest, TakesTheLargestSize) {
  Body body;
  const std::string_view input = "ffffffffffffffff\r\nabc";
  EXPECT_EQ(body.Take(input, input.size()), Outcome::kIncomplete);
  EXPECT_EQ(body.result().data, "abc (incomplete)");
  EXPECT_EQ(body.result().consumed, input.size());
}

TEST(ChunkedDecoderTest, PassesDataOnAsItLiesInTheInput) {
  const HttpLimits limits;
  ChunkedDecoder decoder(limits);
  const std::string_view input = "5\r\nhello\r\n0\r\n\r\n";
  const ChunkedDecoder::Step step = decoder.Next(input);
  EXPECT_EQ(step.outcome, Outcome::kData);
  EXPECT_EQ(step.consumed, 8u);
  EXPECT_EQ(step.data.data(), input.data() + 3);
  EXPECT_EQ(step.data.size(), 5u);
}

TEST(ChunkedDecoderTest, PassesOnAPartOfAChunk) {
  const HttpLimits limits;
  ChunkedDecoder decoder(limits);
  EXPECT_EQ(decoder.Next("5\r\nhe").data, "he");
  EXPECT_EQ(decoder.Next("").outcome, Outcome::kIncomplete);
  EXPECT_EQ(decoder.Next("llo").data, "llo");
  EXPECT_EQ(decoder.Next("\r\n0\r\n\r\nGET").consumed, 7u);
}

}  // namespace
}  // namespace rondo
