#include "net/http/access_log_formatter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/config.h"
#include "absl/time/time.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

const absl::Time kTime =
    absl::FromCivil(absl::CivilSecond(2026, 11, 22, 8, 38, 32),
                    absl::UTCTimeZone()) +
    absl::Milliseconds(123);

AccessRecord FullRecord() {
  return {.peer = "192.0.2.1",
          .user = "ann",
          .time = kTime,
          .method = "GET",
          .target = "/a?b=c",
          .minor_version = 1,
          .status = HttpStatus::kOk,
          .body_bytes = 2'326,
          .host = "a.example",
          .referer = "http://from.example/start",
          .user_agent = "Mozilla/5.0 (X11; Linux x86_64)",
          .latency = absl::Microseconds(417)};
}

std::string Line(AccessLogFormat format, const AccessRecord& record) {
  std::string line = ">";
  AccessLogFormatter(format).AppendTo(line, record);
  return line.substr(1);
}

std::string Combined(const AccessRecord& record) {
  return Line(AccessLogFormat::kCombined, record);
}

std::string Json(const AccessRecord& record) {
  return Line(AccessLogFormat::kJson, record);
}

TEST(AccessLogFormatterTest, CombinedHasAllColumns) {
  EXPECT_EQ(Combined(FullRecord()),
            "192.0.2.1 - ann [22/Nov/2026:08:38:32 +0000] "
            "\"GET /a?b=c HTTP/1.1\" 200 2326 "
            "\"http://from.example/start\" "
            "\"Mozilla/5.0 (X11; Linux x86_64)\"\n");
}

TEST(AccessLogFormatterTest, CombinedHasAHyphenForWhatIsAbsent) {
  EXPECT_EQ(Combined({.time = kTime, .status = HttpStatus::kBadRequest}),
            "- - - [22/Nov/2026:08:38:32 +0000] \"-\" 400 - \"-\" \"-\"\n");
}

TEST(AccessLogFormatterTest, JsonHasAllMembers) {
  EXPECT_EQ(Json(FullRecord()),
            R"({"time":"2026-11-22T08:38:32.123Z","peer":"192.0.2.1",)"
            R"("user":"ann","host":"a.example","method":"GET",)"
            R"("target":"/a?b=c","protocol":"HTTP/1.1","status":200,)"
            R"("body_bytes":2326,"referer":"http://from.example/start",)"
            R"j("user_agent":"Mozilla/5.0 (X11; Linux x86_64)",)j"
            R"("latency_us":417})"
            "\n");
}

TEST(AccessLogFormatterTest, JsonLeavesOutWhatIsAbsent) {
  EXPECT_EQ(Json({.time = kTime, .status = HttpStatus::kBadRequest}),
            R"({"time":"2026-11-22T08:38:32.123Z","status":400,)"
            R"("body_bytes":0,"latency_us":0})"
            "\n");
}

TEST(AccessLogFormatterTest, SaysTheMinorVersion) {
  AccessRecord record = FullRecord();
  record.minor_version = 0;
  EXPECT_NE(Combined(record).find(" HTTP/1.0\""), std::string::npos);
  EXPECT_NE(Json(record).find("\"HTTP/1.0\""), std::string::npos);
}

TEST(AccessLogFormatterTest, TakesTheLargestNumbers) {
  AccessRecord record = FullRecord();
  record.body_bytes = UINT64_MAX;
  record.latency = absl::InfiniteDuration();
  record.status = HttpStatus(65'535);
  EXPECT_NE(Combined(record).find(" 65535 18446744073709551615 "),
            std::string::npos);
  EXPECT_NE(Json(record).find("\"body_bytes\":18446744073709551615,"),
            std::string::npos);
  EXPECT_NE(Json(record).find("\"latency_us\":9223372036854775807}"),
            std::string::npos);
}

TEST(AccessLogFormatterTest, JsonSaysThatAnAnswerWasCutOff) {
  AccessRecord record = FullRecord();
  const std::string combined = Combined(record);
  EXPECT_EQ(Json(record).find("aborted"), std::string::npos);
  record.aborted = true;
  EXPECT_NE(Json(record).find(",\"body_bytes\":2326,\"aborted\":true,"),
            std::string::npos);
  EXPECT_EQ(Combined(record), combined);
}

TEST(AccessLogFormatterTest, SaysTheTimeOfEachRecord) {
  struct Case {
    absl::Time time;
    std::string_view combined;
    std::string_view json;
  };
  const Case kCases[] = {
      {kTime, "[22/Nov/2026:08:38:32 +0000]", "2026-11-22T08:38:32.123Z"},
      {kTime + absl::Milliseconds(876), "[22/Nov/2026:08:38:32 +0000]",
       "2026-11-22T08:38:32.999Z"},
      {kTime + absl::Milliseconds(877), "[22/Nov/2026:08:38:33 +0000]",
       "2026-11-22T08:38:33.000Z"},
      {kTime - absl::Nanoseconds(123'000'001), "[22/Nov/2026:08:38:31 +0000]",
       "2026-11-22T08:38:31.999Z"},  // clocks are set back
      {kTime + absl::Hours(24 * 500), "[05/Apr/2028:08:38:32 +0000]",
       "2028-04-05T08:38:32.123Z"},
      {absl::UnixEpoch(), "[01/Jan/1970:00:00:00 +0000]",
       "1970-01-01T00:00:00.000Z"},
      {absl::UnixEpoch() - absl::Milliseconds(1),
       "[31/Dec/1969:23:59:59 +0000]", "1969-12-31T23:59:59.999Z"},
  };
  AccessLogFormatter combined(AccessLogFormat::kCombined);
  AccessLogFormatter json(AccessLogFormat::kJson);
  for (const Case& c : kCases) {
    std::string line;
    combined.AppendTo(line, {.time = c.time});
    EXPECT_EQ(line.substr(6, 28), c.combined);
    line.clear();
    json.AppendTo(line, {.time = c.time});
    EXPECT_EQ(line.substr(9, 24), c.json);
  }
}

TEST(AccessLogFormatterTest, AppendsBehindWhatIsThere) {
  for (const auto format :
       {AccessLogFormat::kCombined, AccessLogFormat::kJson}) {
    AccessLogFormatter formatter(format);
    std::string lines;
    for (int i = 0; i < 2; ++i) formatter.AppendTo(lines, FullRecord());
    const std::string line = Line(format, FullRecord());
    EXPECT_EQ(lines, line + line);
  }
}

// A text that would be a line, a column or a member of its own, where a client
// can put it.
constexpr std::string_view kForged =
    "x\" 200 1 \"-\" \"-\"\r\n"
    "192.0.2.9 - - [x] \"GET /forged\\\",\"status\":200}\n\xc0\"\x80";

size_t Count(std::string_view text, char c) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

AccessRecord ForgedRecord() {
  AccessRecord record = FullRecord();
  for (std::string_view* const text :
       {&record.peer, &record.user, &record.method, &record.target,
        &record.host, &record.referer, &record.user_agent}) {
    *text = kForged;
  }
  return record;
}

TEST(AccessLogFormatterTest, NothingForgesALine) {
  for (const std::string& line :
       {Combined(ForgedRecord()), Json(ForgedRecord())}) {
    EXPECT_EQ(Count(line, '\n'), 1u);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(Count(line, '\r'), 0u);
  }
}

// The quotes that no backslash stands before: a reader's columns.
size_t BareQuotes(std::string_view line) {
  size_t count = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') ++count;
    if (line[i] == '\\') ++i;
  }
  return count;
}

TEST(AccessLogFormatterTest, NothingForgesAColumnOrAMember) {
  EXPECT_EQ(BareQuotes(Combined(ForgedRecord())), 6u);
  EXPECT_EQ(BareQuotes(Json(ForgedRecord())), BareQuotes(Json(FullRecord())));
}

TEST(AccessLogFormatterTest, AUserIsOneColumn) {
  AccessRecord record = FullRecord();
  record.user = " a  [b] ";
  EXPECT_EQ(Combined(record).substr(0, 40),
            "192.0.2.1 - \\x20a\\x20\\x20[b]\\x20 [22/Nov");
}

TEST(AccessLogFormatterTest, AsksForNoMemoryWithinASecond) {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  GTEST_SKIP() << "clang's AddressSanitizer has an operator new of its own";
#endif
  for (const auto format :
       {AccessLogFormat::kCombined, AccessLogFormat::kJson}) {
    AccessLogFormatter formatter(format);
    std::string line;
    formatter.AppendTo(line, ForgedRecord());
    const size_t before = AllocationsOfThisThread().count;
    line.clear();
    formatter.AppendTo(line, ForgedRecord());
    EXPECT_EQ(AllocationsOfThisThread().count, before);
  }
}

}  // namespace
}  // namespace rondo
