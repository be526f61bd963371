// Field lines: RFC 9112 §5, RFC 9110 §5.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/net/http/request_parser_cases.h"

namespace rondo {
namespace {

std::string Hex(int c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[c / 16], kDigits[c % 16]};
}

// Each byte that no value has; CR and LF are elsewhere.
void AddControlBytes(std::vector<RequestCase>& cases) {
  for (int c = 0; c <= 0x7f; ++c) {
    if ((c >= ' ' && c != 0x7f) || c == '\t' || c == '\n' || c == '\r') {
      continue;
    }
    const std::string byte(1, static_cast<char>(c));
    cases.push_back(RefusedLines("Rfc9110_5_5_ValueWithByte" + Hex(c),
                                 "X: a" + byte + "b\r\n"));
  }
}

// Each visible byte that no name has, and some of the others.
void AddBadNames(std::vector<RequestCase>& cases) {
  std::string bad = "\"(),/;<=>?@[\\]{}";
  bad += {'\0', '\x01', '\x0b', '\x1f', '\x7f', '\x80', '\xff'};
  for (const char c : bad) {
    const std::string hex = Hex(static_cast<unsigned char>(c));
    cases.push_back(RefusedLines("Rfc9110_5_1_NameWithByte" + hex,
                                 std::string("X") + c + "Y: b\r\n"));
  }
}

std::vector<RequestCase> CompleteFields() {
  return {
      CompleteLines("Rfc9112_5_Field", "X: b\r\n", {{"X", "b"}}),
      CompleteLines("Rfc9112_5_1_NoSpaceAfterTheColon", "X:b\r\n",
                    {{"X", "b"}}),
      CompleteLines("Rfc9112_5_1_WhitespaceAroundTheValue", "X: \t b\t \r\n",
                    {{"X", "b"}}),
      CompleteLines("Rfc9110_5_5_EmptyValue", "X:\r\n", {{"X", ""}}),
      CompleteLines("Rfc9110_5_5_ValueOfWhitespace", "X: \t \r\n", {{"X", ""}}),
      CompleteLines("Rfc9110_5_5_WhitespaceInTheValueStays", "X: b \t  c\r\n",
                    {{"X", "b \t  c"}}),
      CompleteLines("Rfc9110_5_5_ColonsInTheValue", "X:: b:c:\r\n",
                    {{"X", ": b:c:"}}),
      CompleteLines("Rfc9110_5_5_VisibleBytes",
                    "X: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\r\n",
                    {{"X", "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"}}),
      CompleteLines("Rfc9110_5_5_BytesBeyondAscii", "X: \x80\xc3\xa9\xff\r\n",
                    {{"X", "\x80\xc3\xa9\xff"}}),
      CompleteLines("Rfc9110_5_1_EveryByteOfAName",
                    "!#$%&'*+-.^_`|~09azAZ: b\r\n",
                    {{"!#$%&'*+-.^_`|~09azAZ", "b"}}),
      CompleteLines("Rfc9110_5_3_TwoOfOneName", "X: b\r\nY: c\r\nx: d\r\n",
                    {{"X", "b"}, {"Y", "c"}, {"x", "d"}}),
      CompleteLines(
          "Rfc9110_5_1_UnknownNames",
          "Content_Length: 5\r\nHosts: b\r\nTransfer: chunked\r\n",
          {{"Content_Length", "5"}, {"Hosts", "b"}, {"Transfer", "chunked"}}),
      {"Rfc9112_5_NoFields",
       "GET / HTTP/1.0\r\n\r\n",
       HttpStatus::kOk,
       {.host = "", .minor_version = 0, .keep_alive = false, .fields = {}}},
  };
}

std::vector<RequestCase> RefusedFields() {
  return {
      RefusedLines("Rfc9112_5_1_SpaceBeforeTheColon", "X : b\r\n"),
      RefusedLines("Rfc9112_5_1_TabBeforeTheColon", "X\t: b\r\n"),
      RefusedLines("Rfc9112_5_1_SpaceBeforeContentLengthsColon",
                   "Content-Length : 5\r\n"),
      RefusedLines("Rfc9112_5_1_SpaceBeforeTransferEncodingsColon",
                   "Transfer-Encoding : chunked\r\n"),
      RefusedLines("Rfc9112_5_2_FoldedBySpace", "X: b\r\n c\r\n"),
      RefusedLines("Rfc9112_5_2_FoldedByTab", "X: b\r\n\tc\r\n"),
      RefusedLines("Rfc9112_5_2_FoldedBeforeTheValue", "X:\r\n b\r\n"),
      RefusedLines("Rfc9112_5_2_FoldOfWhitespaceOnly", "X: b\r\n \r\n"),
      RefusedLines("Rfc9112_5_2_FoldThatLooksLikeAField", "X: b\r\n Y: c\r\n"),
      RefusedLines("Rfc9112_5_2_FoldedHost", " b\r\n"),
      RefusedLines("Rfc9112_5_2_FoldedTransferEncoding",
                   "Transfer-Encoding:\r\n chunked\r\n"),
      RefusedLines("Rfc9112_5_NoColon", "X\r\n"),
      RefusedLines("Rfc9112_5_NoColonButASpace", "X b\r\n"),
      RefusedLines("Rfc9112_5_NoColonButAnEquals", "X=b\r\n"),
      RefusedLines("Rfc9110_5_1_NoName", ": b\r\n"),
      RefusedLines("Rfc9110_5_1_ColonOnly", ":\r\n"),
      RefusedLines("Rfc9110_5_1_SpaceInTheName", "X Y: b\r\n"),
      RefusedLines("Rfc9110_5_5_CrInTheValue", "X: b\rY: c\r\n"),
      RefusedLines("Rfc9110_5_5_CrBeforeTheValue", "X:\rb\r\n"),
      RefusedLines("Rfc9110_5_5_CrAfterTheValue", "X: b\r \r\n"),
      RefusedLines("Rfc9110_5_5_LfInTheValue", "X: b\nY: c\r\n"),
      RefusedLines("Rfc9110_5_6_3_VerticalTabIsNoWhitespace", "X:\vb\r\n"),
      RefusedLines("Rfc9110_5_6_3_FormFeedIsNoWhitespace", "X: b\f\r\n"),
      RefusedLines("Rfc9110_5_5_NulOnly", std::string_view("X: \0\r\n", 6)),
      RefusedLines("Rfc9112_5_SecondFieldWithoutColon", "X: b\r\nY\r\n"),
      RefusedLines("Rfc9112_5_AnotherRequestLine", "GET / HTTP/1.1\r\n"),
      {"Rfc9112_5_1_FieldLineWithSpaceFirst",
       "GET / HTTP/1.1\r\n X: b\r\nHost: a\r\n\r\n", HttpStatus::kBadRequest},
  };
}

}  // namespace

std::vector<RequestCase> FieldCases() {
  std::vector<RequestCase> cases = CompleteFields();
  std::vector<RequestCase> refused = RefusedFields();
  for (RequestCase& c : refused) cases.push_back(std::move(c));
  AddControlBytes(cases);
  AddBadNames(cases);
  return cases;
}

}  // namespace rondo
