// How files are sent: small and large ones, to many and to slow clients.
#include "net/http/files/file_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "net/http/files/file_handler.h"
#include "net/tcp/socket_calls.h"
#include "tests/net/http/files/file_server_fixture.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/short_sendfile.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;
using ::testing::StartsWith;

constexpr std::string_view kBlankLine = "\r\n\r\n";
constexpr size_t kLargeBytes = 20 * 1'000 * 1'000;

class FileStreamTest : public FileServerFixture {
 protected:
  // Files that are different, also in their last bytes.
  std::string WriteFile(const std::string& name, size_t bytes) const {
    const std::string content = (name + Pattern(bytes)).substr(0, bytes);
    temp_.Write(name, content);
    return content;
  }

  void Truncate(const std::string& name, size_t bytes) const {
    std::filesystem::resize_file(temp_.Path(name), bytes);
  }

  // How many descriptors of this process are that file's.
  size_t CountOpen(const std::string& name) const {
    size_t count = 0;
    for (const auto& fd :
         std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code ignored;  // that of looking is gone
      count += std::filesystem::equivalent(fd, temp_.Path(name), ignored);
    }
    return count;
  }
};

TEST_F(FileStreamTest, FilesOfAllSizes) {
  Serve();
  constexpr size_t kRead = FileHandler::kMaxReadBytes;
  const size_t mark = limits_.high_water_mark_bytes;
  for (const size_t bytes :
       {size_t{0}, size_t{1}, size_t{4'096}, size_t{4'097}, kRead, kRead + 1,
        size_t{65'536}, mark, mark + 1, 5 * mark, kLargeBytes}) {
    const std::string content = WriteFile("file", bytes);
    const FileReply reply = Get("/file");
    EXPECT_EQ(reply.status, 200) << bytes;
    EXPECT_TRUE(reply.body == content) << bytes;
  }
}

TEST_F(FileStreamTest, Rfc9110_14_RangesOfALargeFile) {
  const std::string content = WriteFile("file", kLargeBytes);
  Serve();
  const FileReply one = Get("/file", {"Range: bytes=1000-15000000"});
  EXPECT_EQ(one.status, 206);
  EXPECT_TRUE(one.body == content.substr(1'000, 14'999'001));

  const FileReply two = Get("/file", {"Range: bytes=1-9000000,-9000001"});
  EXPECT_EQ(two.status, 206);
  constexpr size_t kFirst = 9'000'000;
  constexpr size_t kSecond = 9'000'001;
  const size_t first = two.body.find(kBlankLine) + kBlankLine.size();
  ASSERT_LT(first + kFirst + kSecond, two.body.size());
  EXPECT_TRUE(two.body.substr(first, kFirst) == content.substr(1, kFirst));
  const size_t second =
      two.body.find(kBlankLine, first + kFirst) + kBlankLine.size();
  ASSERT_LT(second + kSecond, two.body.size());
  EXPECT_TRUE(two.body.substr(second, kSecond) ==
              content.substr(kLargeBytes - kSecond));
  EXPECT_THAT(two.body.substr(second + kSecond), StartsWith("\r\n--"));
}

TEST_F(FileStreamTest, Rfc9112_9_3_2_PipelinedRequests) {
  Serve();
  std::string requests;
  std::vector<std::string> contents;
  // More than are answered at the same time, and each large one has small ones
  // behind it.
  for (int i = 0; i < 40; ++i) {
    const std::string name = "file" + std::to_string(i);
    contents.push_back(WriteFile(name, i % 4 == 0 ? 500'000 : 1'000 * i));
    requests += FileRequest("GET", "/" + name);
    requests += FileRequest("GET", "/nothing");
    requests += FileRequest("HEAD", "/" + name);
  }
  LoopbackClient client = Connect();
  ASSERT_TRUE(client.Send(requests));
  for (size_t i = 0; i < contents.size(); ++i) {
    const FileReply reply = ReadReply(client);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == contents[i]) << i;
    EXPECT_EQ(ReadReply(client).status, 404);
    EXPECT_EQ(ReadReply(client, false).Field("Content-Length"),
              std::to_string(contents[i].size()));
  }
}

TEST_F(FileStreamTest, ManyClientsAtOnce) {
  constexpr int kClients = 50;
  std::vector<std::string> contents;
  for (int i = 0; i < 5; ++i) {
    contents.push_back(WriteFile("file" + std::to_string(i), 1'000'000 + i));
  }
  Serve({}, "", 2);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(Connect());
    const std::string path = "/file" + std::to_string(i % 5);
    ASSERT_TRUE(clients.back().Send(FileRequest("GET", path)));
  }
  for (int i = 0; i < kClients; ++i) {
    EXPECT_TRUE(ReadReply(clients[i]).body == contents[i % 5]) << i;
    ASSERT_TRUE(clients[i].Send(FileRequest("GET", "/file0")));
  }
  for (LoopbackClient& client : clients) {
    EXPECT_TRUE(ReadReply(client).body == contents[0]);
  }
}

TEST_F(FileStreamTest, ASlowReaderDelaysNobody) {
  const std::string content = WriteFile("file", kLargeBytes);
  Serve();  // one loop
  LoopbackClient slow = Connect();
  ASSERT_TRUE(slow.Send(FileRequest("GET", "/file")));
  EXPECT_EQ(slow.Receive(1), "H");
  EXPECT_TRUE(Get("/file").body == content);
  std::string rest = "H";
  for (int i = 0; i < 3; ++i) {
    rest += slow.Receive(1'000'000);
    EXPECT_EQ(Get("/file", {"Range: bytes=0-0"}).body, content.substr(0, 1));
  }
  slow.ShutdownWrite();
  rest += slow.ReceiveAll();
  EXPECT_TRUE(rest.ends_with(content));
}

TEST_F(FileStreamTest, AFileThatIsReplacedIsSentAsItWas) {
  const std::string content = WriteFile("file", kLargeBytes);
  Serve();
  LoopbackClient client = Connect();
  ASSERT_TRUE(client.Send(FileRequest("GET", "/file")));
  EXPECT_EQ(client.Receive(1), "H");
  WriteFile("other", kLargeBytes - 1);
  std::filesystem::rename(temp_.Path("other"), temp_.Path("file"));
  client.ShutdownWrite();
  EXPECT_TRUE(client.ReceiveAll().ends_with(content));
}

TEST_F(FileStreamTest, AFileThatGetsShorterEndsInAReset) {
  WriteFile("file", kLargeBytes);
  Serve();
  LoopbackClient client = Connect();
  ASSERT_TRUE(client.Send(FileRequest("GET", "/file")));
  EXPECT_EQ(client.Receive(1), "H");
  Truncate("file", 100'000);
  EXPECT_EQ(client.AwaitEnd(), End::kReset);
  // Others are served on.
  EXPECT_EQ(Get("/file").body.size(), 100'000u);
}

TEST_F(FileStreamTest, AClientThatGoesAwayLeavesNothing) {
  WriteFile("file", kLargeBytes);
  Serve();
  for (int i = 0; i < 20; ++i) {
    LoopbackClient client = Connect();
    std::string requests;
    for (int n = 0; n < 10; ++n) requests += FileRequest("GET", "/file");
    ASSERT_TRUE(client.Send(requests));
    EXPECT_EQ(client.Receive(1), "H");
    if (i % 2 == 0) client.Reset();
  }
  EXPECT_EQ(Get("/file", {"Range: bytes=-1"}).status, 206);
}

TEST_F(FileStreamTest, AServerThatEndsLeavesNothing) {
  WriteFile("file", kLargeBytes);
  Serve({}, "", 2);
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().Send(FileRequest("GET", "/file")));
    EXPECT_EQ(clients.back().Receive(1), "H");
  }
  server_.reset();
}

TEST_F(FileStreamTest, TheOutputLimitsAreKept) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "the system's calls are fixed";
  ShortSendfile calls;
  const ScopedSocketCalls scoped(&calls);
  limits_.low_water_mark_bytes = 16'384;
  limits_.high_water_mark_bytes = 65'536;
  limits_.max_output_bytes = 131'072;
  const std::string content = WriteFile("file", 500'000);
  Serve();
  EXPECT_TRUE(Get("/file").body == content);
  const FileReply two = Get("/file", {"Range: bytes=0-199999,300000-499999"});
  EXPECT_GT(two.body.size(), 400'000u);
  server_.reset();
}

// Counts what the answers cost.
class CountedCalls final : public SocketCalls {
 public:
  ssize_t Send(int fd, const void* from, size_t bytes, int flags) override {
    ++sends;
    return SocketCalls::Send(fd, from, bytes, flags);
  }
  ssize_t Sendmsg(int fd, const msghdr* message, int flags) override {
    ++sends;
    return SocketCalls::Sendmsg(fd, message, flags);
  }
  ssize_t Sendfile(int fd, int file, off_t* offset, size_t bytes) override {
    ++sendfiles;
    return SocketCalls::Sendfile(fd, file, offset, bytes);
  }

  std::atomic<int> sends = 0;
  std::atomic<int> sendfiles = 0;
};

TEST_F(FileStreamTest, SmallAnswersLeaveInOneGo) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "the system's calls are fixed";
  WriteFile("small", FileHandler::kMaxReadBytes);
  WriteFile("large", FileHandler::kMaxReadBytes + 1);
  CountedCalls calls;
  const ScopedSocketCalls scoped(&calls);
  Serve();
  LoopbackClient client = Connect();
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(client.Send(FileRequest("GET", "/small")));
    EXPECT_EQ(ReadReply(client).status, 200);
    EXPECT_EQ(calls.sends, i);
  }
  EXPECT_EQ(calls.sendfiles, 0);
  ASSERT_TRUE(client.Send(FileRequest("GET", "/large")));
  EXPECT_EQ(ReadReply(client).status, 200);
  EXPECT_EQ(calls.sends, 4) << "the head";
  EXPECT_EQ(calls.sendfiles, 1);
  server_.reset();
}

// A system that sends nothing of files until it is told to.
class StalledSendfile final : public SocketCalls {
 public:
  ssize_t Sendfile(int fd, int file, off_t* offset, size_t bytes) override {
    if (!stalled) return SocketCalls::Sendfile(fd, file, offset, bytes);
    errno = EAGAIN;
    return -1;
  }

  std::atomic<bool> stalled = true;
};

TEST_F(FileStreamTest, WhatWaitsHoldsNoDescriptor) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "the system's calls are fixed";
  StalledSendfile calls;
  const ScopedSocketCalls scoped(&calls);
  const std::string content = WriteFile("file", 10'000);
  Serve();
  constexpr int kRequests = 100;  // they are fewer than the high water mark
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += FileRequest("GET", "/file");
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().Send(requests));
    EXPECT_EQ(clients.back().Receive(1), "H");
  }
  AwaitTurns();  // all that were begun are as they stay
  EXPECT_EQ(CountOpen("file"), clients.size());
  calls.stalled = false;
  for (LoopbackClient& client : clients) {
    client.ShutdownWrite();
    const std::string replies = client.ReceiveAll();
    EXPECT_GT(replies.size(), kRequests * content.size());
    EXPECT_TRUE(replies.ends_with(content));
  }
  server_.reset();
}

TEST_F(FileStreamTest, WhatWaitsMustBeAsItWas) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "the system's calls are fixed";
  StalledSendfile calls;
  const ScopedSocketCalls scoped(&calls);
  const std::string content = WriteFile("file", 10'000);
  WriteFile("changed", 10'000);
  WriteFile("gone", 10'000);
  Serve();
  LoopbackClient client = Connect();
  ASSERT_TRUE(
      client.Send(FileRequest("GET", "/file") + FileRequest("GET", "/changed") +
                  FileRequest("GET", "/gone") + FileRequest("GET", "/file")));
  std::string first = client.Receive(1);
  AwaitTurns();  // the others wait
  WriteFile("new", 10'000);
  std::filesystem::rename(temp_.Path("new"), temp_.Path("changed"));
  std::filesystem::remove(temp_.Path("gone"));
  calls.stalled = false;
  EXPECT_TRUE(ReadReply(client).body == content);
  const FileReply changed = ReadReply(client);
  EXPECT_EQ(changed.status, 500);
  EXPECT_EQ(changed.Field("ETag"), "none");
  EXPECT_EQ(ReadReply(client).status, 404);
  EXPECT_TRUE(ReadReply(client).body == content);
  server_.reset();
}

// --- What is read. ---

FileStream StreamOf(std::string_view content,
                    std::vector<FileAnswer::Part> parts) {
  return {UniqueFd(dup(MakeFile(content)->get())), std::move(parts)};
}

TEST(FileStreamReadTest, TextAndParts) {
  const FileStream stream =
      StreamOf("0123456789", {{.text = "a", .offset = 2, .bytes = 3},
                              {.text = "b", .offset = 9, .bytes = 1},
                              {.text = "c"}});
  EXPECT_EQ(stream.bytes(), 7u);
  EXPECT_EQ(stream.ReadAll(), "a234b9c");
  EXPECT_EQ(StreamOf("", {}).ReadAll(), "");
}

TEST(FileStreamReadTest, NothingOfAFileThatIsShorter) {
  EXPECT_EQ(StreamOf("0123", {{.bytes = 5}}).ReadAll(), std::nullopt);
  EXPECT_EQ(StreamOf("0123", {{.offset = 4, .bytes = 1}}).ReadAll(),
            std::nullopt);
}

}  // namespace
}  // namespace rondo
