#include "tests/net/http/peers/smuggling_cases.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace rondo {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kSmuggled =
    "GET /echo/smuggled HTTP/1.1\r\nHost: rondo\r\n\r\n";

std::string Request(std::string_view line, std::string_view fields,
                    std::string_view body) {
  std::string request;
  for (const std::string_view part :
       {line, "\r\nHost: rondo\r\n"sv, fields, "\r\n"sv, body}) {
    request += part;
  }
  return request;
}

std::string Post(std::string_view fields, std::string_view body) {
  return Request("POST /echo/outer HTTP/1.1", fields, body);
}

std::string Length(size_t bytes) {
  return absl::StrCat("Content-Length: ", bytes, "\r\n");
}

// One that is over after its first chunk, with the smuggled one behind it, and
// has all of that as its length.
SmugglingCase LongerThanItsChunks(std::string name, std::string_view coding) {
  const std::string body = std::string("0\r\n\r\n").append(kSmuggled);
  return {std::move(name),
          Post(Length(body.size()) + std::string(coding), body)};
}

// One whose length ends where the smuggled one, which is its chunk, begins.
SmugglingCase ShorterThanItsChunks(std::string name, std::string_view coding) {
  const std::string size = absl::StrCat(absl::Hex(kSmuggled.size()), "\r\n");
  return {std::move(name),
          Post(Length(size.size()) + std::string(coding),
               std::string(size).append(kSmuggled).append("\r\n0\r\n\r\n"))};
}

// The smuggled one as a body of a length that is told by `fields`, in which N
// stands for it.
SmugglingCase OfLength(std::string name, std::string_view fields,
                       std::string_view line = "POST /echo/outer HTTP/1.1") {
  const std::string n = absl::StrCat(kSmuggled.size());
  std::string told(fields);
  for (size_t at; (at = told.find('N')) != std::string::npos;) {
    told.replace(at, 1, n);
  }
  return {std::move(name), Request(line, told, kSmuggled)};
}

// In chunks, with S for the smuggled one.
SmugglingCase InChunks(std::string name, std::string_view chunks) {
  std::string body(chunks);
  for (size_t at; (at = body.find('S')) != std::string::npos;) {
    body.replace(at, 1, kSmuggled);
    break;
  }
  return {std::move(name), Post("Transfer-Encoding: chunked\r\n", body)};
}

void AddTwoFramings(std::vector<SmugglingCase>& cases) {
  constexpr std::pair<const char*, std::string_view> kCodings[] = {
      {"Chunked", "Transfer-Encoding: chunked\r\n"},
      {"Tab", "Transfer-Encoding:\tchunked\r\n"},
      {"VerticalTab", "Transfer-Encoding: \vchunked\r\n"},
      {"NoBreakSpace",
       "Transfer-Encoding: \xa0"
       "chunked\r\n"},
      {"SpaceBeforeColon", "Transfer-Encoding : chunked\r\n"},
      {"SpaceBeforeName", " Transfer-Encoding: chunked\r\n"},
      {"Folded", "Transfer-Encoding:\r\n chunked\r\n"},
      {"FoldedAway", "X: y\r\n Transfer-Encoding: chunked\r\n"},
      {"BehindBareLf", "X: y\nTransfer-Encoding: chunked\r\n"},
      {"BehindBareCr", "X: y\rTransfer-Encoding: chunked\r\n"},
      {"BehindNul", "X: y\0\r\nTransfer-Encoding: chunked\r\n"sv},
      {"NulInTheValue", "Transfer-Encoding: chunked\0\r\n"sv},
      {"Prefixed", "Transfer-Encoding: xchunked\r\n"},
      {"Quoted", "Transfer-Encoding: \"chunked\"\r\n"},
      {"Parameter", "Transfer-Encoding: chunked;a=b\r\n"},
      {"IdentityLast", "Transfer-Encoding: chunked, identity\r\n"},
      {"IdentityFirst", "Transfer-Encoding: identity, chunked\r\n"},
      {"TwoLines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"},
      {"TwoLinesOtherFirst",
       "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n"},
      {"Underscore", "Transfer_Encoding: chunked\r\n"},
      {"HopByHop",
       "Connection: Content-Length\r\n"
       "Transfer-Encoding: chunked\r\n"},
      {"HopByHopCoding",
       "Connection: Transfer-Encoding\r\n"
       "Transfer-Encoding: chunked\r\n"},
  };
  for (const auto& [name, coding] : kCodings) {
    cases.push_back(
        LongerThanItsChunks(absl::StrCat("LongerThanChunks", name), coding));
    cases.push_back(
        ShorterThanItsChunks(absl::StrCat("ShorterThanChunks", name), coding));
  }
}

void AddLengths(std::vector<SmugglingCase>& cases) {
  for (const SmugglingCase& c : {
           OfLength("TwoLengths", "Content-Length: 0\r\nContent-Length: N\r\n"),
           OfLength("TwoLengthsLargeFirst",
                    "Content-Length: N\r\nContent-Length: 0\r\n"),
           OfLength("LengthList", "Content-Length: 0, N\r\n"),
           OfLength("LengthOfPlus", "Content-Length: +N\r\n"),
           OfLength("LengthOfMinus", "Content-Length: -N\r\n"),
           OfLength("LengthOfHex", "Content-Length: 0xN\r\n"),
           OfLength("LengthOfTwoWords", "Content-Length: 0 N\r\n"),
           OfLength("LengthBeyond64Bits",
                    "Content-Length: 18446744073709551616\r\n"),
           OfLength("LengthFolded", "Content-Length:\r\n N\r\n"),
           OfLength("LengthBehindBareLf", "X: y\nContent-Length: N\r\n"),
           OfLength("LengthBeforeSpace", "Content-Length : N\r\n"),
           OfLength("LengthHopByHop",
                    "Connection: Content-Length\r\nContent-Length: N\r\n"),
           OfLength("LengthUnderscore", "Content_Length: N\r\n"),
           OfLength("LengthNobodyReads", "Content-Length: N\r\n",
                    "POST /unread/outer HTTP/1.1"),
           OfLength("LengthOfGet", "Content-Length: N\r\n",
                    "GET /echo/outer HTTP/1.1"),
           OfLength("LengthOfHead", "Content-Length: N\r\n",
                    "HEAD /echo/outer HTTP/1.1"),
           OfLength("LengthOfMissing", "Content-Length: N\r\n",
                    "POST /missing/outer HTTP/1.1"),
           OfLength("LengthInVersion10", "Content-Length: N\r\n",
                    "POST /echo/outer HTTP/1.0"),
           OfLength("NotAwaitingContinue",
                    "Content-Length: N\r\nExpect: 100-continue\r\n"),
           OfLength("NotAwaitingContinueUnread",
                    "Content-Length: N\r\nExpect: 100-continue\r\n",
                    "POST /unread/outer HTTP/1.1"),
           OfLength("OtherExpectation",
                    "Content-Length: N\r\nExpect: y 100-continue\r\n"),
           OfLength("FoldedExpectation",
                    "Content-Length: N\r\nExpect: \r\n 100-continue\r\n"),
           OfLength("Upgrade",
                    "Content-Length: N\r\nUpgrade: h2c\r\n"
                    "Connection: Upgrade\r\n"),
       }) {
    cases.push_back(c);
  }
}

void AddChunks(std::vector<SmugglingCase>& cases) {
  for (const SmugglingCase& c : {
           InChunks("ExtensionEndsInBareLf", "2;\nxx\r\n0\r\n\r\nS"),
           InChunks("ExtensionHasBareLf", "2;a\nb\r\nxx\r\n0\r\n\r\n"),
           InChunks("ExtensionHasBareCr", "2;a\rb\r\nxx\r\n0\r\n\r\n"),
           InChunks("SizeEndsInBareLf", "2\nxx\n0\n\nS"),
           InChunks("DataEndsInBareLf", "2\r\nxx\n0\r\n\r\nS"),
           InChunks("DataEndsInNothing", "2\r\nxx0\r\n\r\nS"),
           InChunks("DataEndsInOthers", "2\r\nxxyy0\r\n\r\nS"),
           InChunks("SizeOfHexPrefix", "0x2\r\nxx\r\n0\r\n\r\nS"),
           InChunks("SizeOfMinus", "-2\r\nxx\r\n0\r\n\r\nS"),
           InChunks("SizeOfPlus", "+2\r\nxx\r\n0\r\n\r\nS"),
           InChunks("SizeOfNothing", "\r\nxx\r\n0\r\n\r\nS"),
           InChunks("SizeBeyond64Bits",
                    "10000000000000002\r\nxx\r\n0\r\n\r\nS"),
           InChunks("SpaceBehindSize", "2 \r\nxx\r\n0\r\n\r\n"),
           InChunks("SpaceBeforeSize", " 2\r\nxx\r\n0\r\n\r\n"),
           InChunks("NulBehindSize", "2_\r\nxx\r\n0\r\n\r\n"),
           InChunks("LastChunkOfManyZeros", "2\r\nxx\r\n00000000\r\n\r\n"),
           InChunks("LastChunkEndsInBareLf", "2\r\nxx\r\n0\n\nS"),
           InChunks("TrailerEndsInBareLf", "2\r\nxx\r\n0\r\nX: y\n\nS"),
           InChunks("LengthInTheTrailer",
                    "2\r\nxx\r\n0\r\nContent-Length: 45\r\n\r\n"),
           InChunks("CodingInTheTrailer",
                    "2\r\nxx\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
       }) {
    cases.push_back(c);
  }
}

}  // namespace

std::vector<SmugglingCase> SmugglingCases() {
  std::vector<SmugglingCase> cases;
  AddTwoFramings(cases);
  AddLengths(cases);
  AddChunks(cases);
  for (SmugglingCase& c : cases) {
    c.is_two_requests =
        c.name == "ShorterThanChunksUnderscore" || c.name == "LengthUnderscore";
  }
  return cases;
}

}  // namespace rondo
