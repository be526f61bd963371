#include "net/http/access_log.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/async_file_writer.h"
#include "net/http/access_log_formatter.h"
#include "net/http/http_status.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

std::unique_ptr<AsyncFileWriter> NewWriter(const std::string& path) {
  auto writer = AsyncFileWriter::Create({.path = path});
  CHECK(writer.ok()) << writer.status();
  return *std::move(writer);
}

TEST(AccessLogTest, WritesALineForEachRequest) {
  const TempDirectory folder;
  {
    const auto writer = NewWriter(folder / "log");
    AccessLog combined(AccessLogFormat::kCombined, writer.get());
    AccessLog json(AccessLogFormat::kJson, writer.get());
    combined.Log({.method = "GET", .target = "/a"});
    combined.Log({.status = HttpStatus::kBadRequest});
    json.Log({.status = HttpStatus::kBadRequest});
  }
  EXPECT_EQ(
      Contents(folder / "log"),
      "- - - [01/Jan/1970:00:00:00 +0000] \"GET /a HTTP/1.1\" 200 - \"-\" "
      "\"-\"\n"
      "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 - \"-\" \"-\"\n"
      "{\"time\":\"1970-01-01T00:00:00.000Z\",\"status\":400,\"body_bytes\":0,"
      "\"latency_us\":0}\n");
}

TEST(AccessLogTest, LoopsShareAFile) {
  constexpr int kLoops = 3;
  constexpr int kRequests = 2'000;
  const TempDirectory folder;
  {
    const auto writer = NewWriter(folder / "log");
    std::vector<Thread> loops;
    for (int i = 0; i < kLoops; ++i) {
      loops.push_back(NewThread("loop", [&writer, i] {
        AccessLog log(AccessLogFormat::kCombined, writer.get());
        const std::string target = "/" + std::to_string(i);
        for (int n = 0; n < kRequests; ++n) {
          log.Log({.method = "GET", .target = target});
        }
      }));
    }
  }
  std::istringstream lines(Contents(folder / "log"));
  std::vector<int> counts(kLoops);
  for (std::string line; std::getline(lines, line);) {
    const size_t loop = static_cast<size_t>(line[41] - '0');
    ASSERT_LT(loop, counts.size()) << line;
    ASSERT_EQ(line, "- - - [01/Jan/1970:00:00:00 +0000] \"GET /" +
                        std::to_string(loop) + " HTTP/1.1\" 200 - \"-\" \"-\"");
    ++counts[loop];
  }
  EXPECT_EQ(counts, std::vector<int>(kLoops, kRequests));
}

}  // namespace
}  // namespace rondo
