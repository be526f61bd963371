// What examples/upload asks of the disk, by which thread, and what it says if
// that fails: by strace, see strace(1), "Tampering".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/curl.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/examples/strace.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class UploadDiskTest : public testing::Test {
 protected:
  // How many files there are, finished or not.
  int CountFiles() const {
    return static_cast<int>(std::distance(
        fs::directory_iterator(directory_.path()), fs::directory_iterator()));
  }

  // The only thread of the pool, once it has its name.
  pid_t Worker() {
    std::vector<pid_t> threads;
    EXPECT_TRUE(Eventually([&] {
      threads = ThreadsNamed(server_.process().pid(), "worker-");
      return !threads.empty();
    }));
    return threads.at(0);
  }

  std::string Put(const std::string& name) {
    return Curl({"-i", "-HExpect:", "-T-", server_.url() + name}, "abc").output;
  }

  TempDirectory directory_;
  ExampleServer server_{
      "upload",
      {"--worker_threads=1", "--directory=" + directory_.path().string()}};
};

// --- Who waits for it. -------------------------------------------------------

// A system call that names a part.
struct DiskCall {
  std::string name;
  pid_t thread;
};

// The next that there is.
DiskCall ReadCall(Strace& strace) {
  static const std::regex kCall(R"(\[pid +([0-9]+)\] (\w+)\(.*\.upload_.*)");
  std::smatch match;
  while (true) {
    const std::string line = strace.ReadLine();
    if (!strace.running()) return {"none: " + line, 0};
    if (!std::regex_match(line, match, kCall)) continue;
    return {match[2], std::stoi(match[1])};
  }
}

TEST_F(UploadDiskTest, TheLoopNeverWaits) {
  const pid_t worker = Worker();
  Strace strace(
      server_.process().pid(),
      {"-f", "-y", "-e", "trace=openat,write,fsync,close,/^rename,/^unlink"});
  SKIP_UNLESS_PERMITTED(strace);
  std::vector<std::string> calls;
  const auto read_until = [&](const std::string& last) {
    do {
      const DiskCall call = ReadCall(strace);
      EXPECT_EQ(call.thread, worker) << call.name;
      calls.push_back(call.name);
    } while (strace.running() && !calls.back().starts_with(last));
  };
  EXPECT_THAT(Put("abc"), StartsWith("HTTP/1.1 201 "));
  read_until("rename");
  EXPECT_THAT(calls,
              ElementsAre("openat", "write", "fsync", "close", "renameat2"));
  calls.clear();
  ClientSocket client(server_.port());
  ASSERT_TRUE(client.Send(
      "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nbegun"));
  read_until("write");
  client.Reset();
  read_until("unlink");
  EXPECT_THAT(calls, ElementsAre("openat", "write", StartsWith("unlink")));
  EXPECT_TRUE(Eventually([&] { return CountFiles() == 1; }));
  strace.Finish();
}

// --- What it refuses. --------------------------------------------------------

class UploadDiskFaultTest : public UploadDiskTest,
                            public testing::WithParamInterface<const char*> {};

TEST_P(UploadDiskFaultTest, IsSaidAndLeavesNothing) {
  const std::string call = GetParam();
  Strace strace(Worker(), {"-e", "trace=" + call, "-e",
                           "inject=" + call + ":error=EDQUOT:when=1"});
  SKIP_UNLESS_PERMITTED(strace);
  EXPECT_THAT(Put("abc"), StartsWith("HTTP/1.1 500 "));
  EXPECT_TRUE(Eventually([&] { return CountFiles() == 0; }));
  strace.Finish();
  EXPECT_THAT(Put("abc"), StartsWith("HTTP/1.1 201 "));
  EXPECT_THAT(server_.Stop().errors, HasSubstr("cannot write abc in "));
}

INSTANTIATE_TEST_SUITE_P(All, UploadDiskFaultTest,
                         testing::Values("openat", "write", "fsync", "close"),
                         [](const auto& info) { return info.param; });

TEST_F(UploadDiskTest, KnowsWhatItReplacesWithoutTheKernelsHelp) {
  Strace strace(Worker(), {"-e", "trace=renameat2", "-e",
                           "inject=renameat2:error=EINVAL:when=1..2"});
  SKIP_UNLESS_PERMITTED(strace);
  EXPECT_THAT(Put("abc"), StartsWith("HTTP/1.1 201 "));
  EXPECT_THAT(Put("abc"), StartsWith("HTTP/1.1 200 "));
  strace.Finish();
  EXPECT_EQ(CountFiles(), 1);
}

}  // namespace
}  // namespace rondo
