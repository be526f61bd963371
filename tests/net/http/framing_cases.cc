// How a body ends: RFC 9112 §6 and §7, RFC 9110 §8.6.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

constexpr HttpStatus k400 = HttpStatus::kBadRequest;
constexpr HttpStatus k501 = HttpStatus::kNotImplemented;

RequestCase Length(std::string name, std::string_view value, uint64_t length) {
  const BodyFraming framing =
      length > 0 ? BodyFraming::kLength : BodyFraming::kNone;
  return CompleteLines(std::move(name),
                       "Content-Length:" + std::string(value) + "\r\n",
                       {{"Content-Length", value}},
                       {.framing = framing, .content_length = length});
}

RequestCase BadLength(std::string name, std::string_view value) {
  return RefusedLines(std::move(name),
                      "Content-Length: " + std::string(value) + "\r\n");
}

RequestCase Chunked(std::string name, std::string_view value) {
  return CompleteLines(
      std::move(name), "Transfer-Encoding: " + std::string(value) + "\r\n",
      {{"Transfer-Encoding", value}}, {.framing = BodyFraming::kChunked});
}

RequestCase BadCoding(std::string name, std::string_view value,
                      HttpStatus status = k400) {
  return RefusedLines(std::move(name),
                      "Transfer-Encoding: " + std::string(value) + "\r\n",
                      status);
}

}  // namespace

std::vector<RequestCase> ContentLengthCases() {
  using std::string_view_literals::operator""sv;
  return {
      Length("Rfc9110_8_6_Number", "5", 5),
      Length("Rfc9110_8_6_Zero", "0", 0),
      Length("Rfc9110_8_6_ManyZeros", "000", 0),
      Length("Rfc9110_8_6_LeadingZeros", "0000000000000000000000000000010", 10),
      Length("Rfc9110_8_6_Largest63Bits", "9223372036854775807",
             9'223'372'036'854'775'807u),
      Length("Rfc9110_8_6_Largest64Bits", "18446744073709551615",
             18'446'744'073'709'551'615u),
      Length("Rfc9112_6_3_ListOfEqualNumbers", "5, 5", 5),
      Length("Rfc9112_6_3_ListOfThreeEqualNumbers", "5,5 ,\t5", 5),
      CompleteLines("Rfc9112_6_3_TwoEqualLengths",
                    "Content-Length: 5\r\ncontent-length: 5\r\n",
                    {{"Content-Length", "5"}, {"content-length", "5"}},
                    {.framing = BodyFraming::kLength, .content_length = 5}),
      CompleteLines("Rfc9110_5_5_WhitespaceAroundTheNumber",
                    "Content-Length: \t5 \t\r\n", {{"Content-Length", "5"}},
                    {.framing = BodyFraming::kLength, .content_length = 5}),
      {"Rfc9112_6_3_LengthInVersion10",
       "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
       HttpStatus::kOk,
       {.method = "POST",
        .host = "",
        .minor_version = 0,
        .framing = BodyFraming::kLength,
        .content_length = 5,
        .keep_alive = false,
        .fields = {{"Content-Length", "5"}}}},
      RefusedLines("Rfc9112_6_3_TwoLengths",
                   "Content-Length: 5\r\nContent-Length: 6\r\n"),
      RefusedLines("Rfc9112_6_3_TwoLengthsApartInOtherCase",
                   "Content-Length: 0\r\nX: b\r\nCONTENT-LENGTH: 6\r\n"),
      RefusedLines("Rfc9112_6_3_ThirdLengthDiffers",
                   "Content-Length: 5\r\nContent-Length: 5, 6\r\n"),
      RefusedLines("Rfc9112_6_3_SecondLengthIsBad",
                   "Content-Length: 5\r\nContent-Length: x\r\n"),
      RefusedLines("Rfc9112_6_3_SecondLengthIsEmpty",
                   "Content-Length: 5\r\nContent-Length:\r\n"),
      BadLength("Rfc9112_6_3_ListOfTwoNumbers", "5, 6"),
      BadLength("Rfc9112_6_3_ListWithZero", "0,5"),
      BadLength("Rfc9112_6_3_ListWithABadMember", "5, 5x"),
      BadLength("Rfc9112_6_3_LengthOfCommaOnly", ","),
      BadLength("Rfc9110_8_6_Empty", ""),
      BadLength("Rfc9110_8_6_Plus", "+5"),
      BadLength("Rfc9110_8_6_Minus", "-5"),
      BadLength("Rfc9110_8_6_MinusZero", "-0"),
      BadLength("Rfc9110_8_6_SpaceInTheNumber", "1 5"),
      BadLength("Rfc9110_8_6_TabInTheNumber", "1\t5"),
      BadLength("Rfc9110_8_6_HexPrefix", "0x5"),
      BadLength("Rfc9110_8_6_HexDigit", "1a"),
      BadLength("Rfc9110_8_6_Fraction", "5.0"),
      BadLength("Rfc9110_8_6_Exponent", "1e3"),
      BadLength("Rfc9110_8_6_Underscore", "1_000"),
      BadLength("Rfc9110_8_6_Quotes", "\"5\""),
      BadLength("Rfc9110_8_6_Semicolon", "5;"),
      BadLength("Rfc9110_8_6_Word", "chunked"),
      BadLength("Rfc9110_8_6_NulBehindTheNumber", "5\0"sv),
      BadLength("Rfc9110_8_6_FullWidthDigit", "\xef\xbc\x95"),
      BadLength("Rfc9110_8_6_OneTooManyFor64Bits", "18446744073709551616"),
      BadLength("Rfc9110_8_6_TenTimesTooManyFor64Bits",
                "184467440737095516150"),
      BadLength("Rfc9110_8_6_FiveModulo64Bits", "18446744073709551621"),
      BadLength("Rfc9110_8_6_FortyDigits",
                "9999999999999999999999999999999999999999"),
  };
}

std::vector<RequestCase> TransferEncodingCases() {
  using std::string_view_literals::operator""sv;
  return {
      Chunked("Rfc9112_6_1_Chunked", "chunked"),
      Chunked("Rfc9112_7_ChunkedInAnyCase", "cHuNKeD"),
      Chunked("Rfc9110_5_6_1_2_EmptyMemberBeforeChunked", ", chunked"),
      Chunked("Rfc9110_5_6_1_2_EmptyMemberBehindChunked", "chunked ,"),
      CompleteLines("Rfc9110_5_1_NameInAnyCase",
                    "transfer-ENCODING:chunked \r\n",
                    {{"transfer-ENCODING", "chunked"}},
                    {.framing = BodyFraming::kChunked}),
      CompleteLines("Rfc9110_5_5_TabBehindChunked",
                    "Transfer-Encoding: chunked\t\r\n",
                    {{"Transfer-Encoding", "chunked"}},
                    {.framing = BodyFraming::kChunked}),
      CompleteLines(
          "Rfc9110_5_1_NameThatBeginsWithTransferEncoding",
          "Transfer-Encodings: chunked\r\nContent-Length: 5\r\n",
          {{"Transfer-Encodings", "chunked"}, {"Content-Length", "5"}},
          {.framing = BodyFraming::kLength, .content_length = 5}),
      CompleteLines("Rfc9110_10_1_4_TeIsNoTransferEncoding",
                    "TE: chunked, trailers\r\n", {{"TE", "chunked, trailers"}}),
      BadCoding("Rfc9112_6_1_GzipThenChunked", "gzip, chunked", k501),
      BadCoding("Rfc9112_6_1_UnknownThenChunked", "x-what, chunked", k501),
      BadCoding("Rfc9112_6_1_TwoUnknownThenChunked", "gzip,br,chunked", k501),
      BadCoding("Rfc9112_6_1_IdentityThenChunked", "identity, chunked", k501),
      BadCoding("Rfc9112_7_ParameterThenChunked", "gzip;a=\"b\", chunked",
                k501),
      RefusedLines("Rfc9112_6_1_UnknownAndChunkedInTwoLines",
                   "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                   k501),
      RefusedLines("Rfc9112_6_3_ChunkedAndUnknownInTwoLines",
                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"),
      RefusedLines(
          "Rfc9112_6_1_ChunkedInTwoLines",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      BadCoding("Rfc9112_6_1_ChunkedTwice", "chunked, chunked"),
      BadCoding("Rfc9112_6_1_ChunkedTwiceAroundAnother",
                "chunked, gzip, chunked"),
      BadCoding("Rfc9112_6_3_ChunkedIsNotLast", "chunked, gzip"),
      BadCoding("Rfc9112_6_3_GzipOnly", "gzip"),
      BadCoding("Rfc9112_6_3_UnknownOnly", "x-what"),
      BadCoding("Rfc9112_6_3_IdentityOnly", "identity"),
      BadCoding("Rfc9112_6_3_Empty", ""),
      BadCoding("Rfc9112_6_3_CommaOnly", ","),
      BadCoding("Rfc9112_6_3_LettersBeforeChunked", "xchunked"),
      BadCoding("Rfc9112_6_3_LettersBehindChunked", "chunkedx"),
      BadCoding("Rfc9112_6_3_WordBehindChunked", "chunked x"),
      BadCoding("Rfc9112_6_3_ChunkedInQuotes", "\"chunked\""),
      BadCoding("Rfc9112_6_3_ChunkedWithinAQuotedParameter",
                "x;a=\"b, chunked\""),
      BadCoding("Rfc9112_7_1_ChunkedHasNoParameters", "chunked;a=b"),
      BadCoding("Rfc9112_7_1_ChunkedWithSemicolon", "chunked;"),
      BadCoding("Rfc9112_7_MalformedCodingBeforeChunked", "gz ip, chunked"),
      BadCoding("Rfc9112_7_UnclosedQuoteBeforeChunked", "x;a=\", chunked"),
      BadCoding("Rfc9112_7_CodingWithoutNameBeforeChunked", ";a=b, chunked"),
      BadCoding("Rfc9112_6_1_NulBehindChunked", "chunked\0"sv),
      BadCoding("Rfc9112_6_1_VerticalTabBeforeChunked", "\vchunked"),
      BadCoding("Rfc9112_6_1_FormFeedBehindChunked", "chunked\f"),
      BadCoding("Rfc9112_6_1_NoBreakSpaceBeforeChunked",
                "\xa0"
                "chunked"),
      RefusedLines("Rfc9112_6_3_LengthThenChunked",
                   "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
      RefusedLines("Rfc9112_6_3_ChunkedThenLength",
                   "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
      RefusedLines("Rfc9112_6_3_ChunkedAndLengthZero",
                   "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
      RefusedLines("Rfc9112_6_3_ChunkedAndBadLength",
                   "Transfer-Encoding: chunked\r\nContent-Length: x\r\n"),
      RefusedLines("Rfc9112_6_3_GzipAndLength",
                   "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
      {"Rfc9112_6_1_ChunkedInVersion10",
       "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", k400},
      {"Rfc9112_6_1_ChunkedAndLengthInVersion10",
       "POST / HTTP/1.0\r\nContent-Length: 5\r\n"
       "Transfer-Encoding: chunked\r\n\r\n",
       k400},
  };
}

}  // namespace rondo
