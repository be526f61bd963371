// Trailers: RFC 9112 §7.1.2, RFC 9110 §6.5.
#include <array>

#include "tests/net/http/chunked_cases.h"

namespace rondo {
namespace {

// They come too late: RFC 9110 §6.5.1 names framing, routing, authentication,
// request modifiers, what controls an answer, and content format.
constexpr std::array<std::string_view, 16> kDropped = {
    "0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
    "0\r\nHost: a\r\n\r\n",
    "0\r\nAuthorization: Basic x\r\n\r\n",
    "0\r\nContent-Encoding: gzip\r\n\r\n",
    "0\r\nContent-Type: text/html\r\n\r\n",
    "0\r\nContent-Range: bytes 0-1/2\r\n\r\n",
    "0\r\nExpect: 100-continue\r\n\r\n",
    "0\r\nRange: bytes=0-1\r\n\r\n",
    "0\r\nIf-Match: \"a\"\r\n\r\n",
    "0\r\nIf-None-Match: \"a\"\r\n\r\n",
    "0\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
    "0\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
    "0\r\nIf-Range: \"a\"\r\n\r\n",
    "0\r\nset-cookie: a=b\r\n\r\n",
    "0\r\nLocation: /\r\n\r\n",
};

// Named for their field.
void AddDropped(std::vector<ChunkedCase>& cases) {
  for (const std::string_view input : kDropped) {
    std::string name = "Rfc9110_6_5_1_Drops_";
    for (const char c : input.substr(3, input.find(':') - 3)) {
      name += c == '-' ? '_' : c;
    }
    cases.push_back(CompleteChunks(name, input, ""));
  }
}

}  // namespace

std::vector<ChunkedCase> TrailerCases() {
  using std::string_view_literals::operator""sv;
  std::vector<ChunkedCase> cases = {
      CompleteChunks("Rfc9112_7_1_2_OneField", "0\r\nX: b\r\n\r\n", "",
                     {{"X", "b"}}),
      CompleteChunks("Rfc9112_7_1_2_FieldBehindData",
                     "3\r\nabc\r\n0\r\nX-Digest: 1f=\r\n\r\n", "abc",
                     {{"X-Digest", "1f="}}),
      CompleteChunks("Rfc9112_7_1_2_SeveralFields",
                     "0\r\nX: b\r\nY: c\r\nx: d\r\n\r\n", "",
                     {{"X", "b"}, {"Y", "c"}, {"x", "d"}}),
      CompleteChunks("Rfc9110_5_5_EmptyValue", "0\r\nX:\r\n\r\n", "",
                     {{"X", ""}}),
      CompleteChunks("Rfc9110_5_5_WhitespaceAroundTheValue",
                     "0\r\nX: \tb c \t\r\n\r\n", "", {{"X", "b c"}}),
      CompleteChunks("Rfc9110_5_5_ValueBeyondAscii", "0\r\nX: \xc3\xa9\r\n\r\n",
                     "", {{"X", "\xc3\xa9"}}),
      CompleteChunks("Rfc9110_6_5_1_DropsInAnyCase",
                     "0\r\ncONTENT-lENGTH: 5\r\n\r\n", ""),
      CompleteChunks("Rfc9110_6_5_1_KeepsWhatIsAroundTheDropped",
                     "0\r\nX: b\r\nTransfer-Encoding: chunked\r\nY: c\r\n\r\n",
                     "", {{"X", "b"}, {"Y", "c"}}),
      CompleteChunks("Rfc9110_6_5_1_KeepsLongerNames",
                     "0\r\nX-Host: b\r\nHosts: c\r\n\r\n", "",
                     {{"X-Host", "b"}, {"Hosts", "c"}}),
      RefusedChunks("Rfc9112_5_NoColon", "0\r\nX\r\n\r\n"),
      RefusedChunks("Rfc9110_5_1_NoName", "0\r\n: b\r\n\r\n"),
      RefusedChunks("Rfc9112_5_1_SpaceBeforeTheColon", "0\r\nX : b\r\n\r\n"),
      RefusedChunks("Rfc9112_5_1_TabBeforeTheColon", "0\r\nX\t: b\r\n\r\n"),
      RefusedChunks("Rfc9112_5_2_Folded", "0\r\nX: b\r\n c\r\n\r\n"),
      RefusedChunks("Rfc9112_5_2_SpaceBeforeTheFirst", "0\r\n X: b\r\n\r\n"),
      RefusedChunks("Rfc9112_5_2_LineOfWhitespace", "0\r\n \r\n\r\n"),
      RefusedChunks("Rfc9110_5_1_BadName", "0\r\nX(: b\r\n\r\n"),
      RefusedChunks("Rfc9110_5_5_NulInTheValue", "0\r\nX: b\0c\r\n\r\n"sv),
      RefusedChunks("Rfc9110_5_5_DelInTheValue", "0\r\nX: \x7f\r\n\r\n"),
      RefusedChunks("Rfc9110_5_5_CrInTheValue", "0\r\nX: b\rc\r\n\r\n"),
      RefusedChunks("Rfc9112_2_2_BareLfBehindAField", "0\r\nX: b\n\r\n"),
      RefusedChunks("Rfc9112_2_2_BareLfBehindTheTrailer", "0\r\nX: b\r\n\n"),
      RefusedChunks("Rfc9112_2_2_TwoCrsBehindAField", "0\r\nX: b\r\r\n\r\n"),
      RefusedChunks("Rfc9112_5_DroppedFieldWithBadValue",
                    "0\r\nHost: \x01\r\n\r\n"),
      RefusedChunks("Rfc9112_5_AnotherRequestBehindTheLastChunk",
                    "0\r\nGET / HTTP/1.1\r\n\r\n"),
  };
  AddDropped(cases);
  return cases;
}

}  // namespace rondo
