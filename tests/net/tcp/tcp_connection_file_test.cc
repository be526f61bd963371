// Files that a connection sends: among other output, and in parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/tcp/output_flush.h"
#include "tests/net/tcp/output_fixture.h"
#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;

const TransportScript::Answer kWouldBlock = {.error = EAGAIN};

class TcpConnectionFileTest : public OutputFixture {
 protected:
  // Sends "head ", the file, " tail", as a handler.
  void SendBetween(TcpConnection& c) {
    EXPECT_TRUE(c.Send("head "));
    EXPECT_TRUE(c.SendFile(file_, 0, contents_.size()));
    EXPECT_TRUE(c.Send(" tail"));
  }

  const std::string contents_ = Pattern(3'000);
  const std::string all_ = "head " + contents_ + " tail";
  const MemoryFile file_ = MakeFile(contents_);
};

// --- Order, and which calls. -------------------------------------------------

TEST_F(TcpConnectionFileTest, LeavesInOrderWithWhatIsAroundIt) {
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    SendBetween(c);
    EXPECT_EQ(c.output_bytes(), all_.size());
  };
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { Write(opened.peer, "x"); },
      [&] {
        EXPECT_EQ(ReadAll(opened.peer), all_);
        EXPECT_EQ(opened->bytes_sent(), all_.size());
      });
  EXPECT_THAT(opened.script->write_calls, ElementsAre(5, 5));
  EXPECT_THAT(opened.script->file_calls, ElementsAre(3'000));
  EXPECT_THAT(Events(), ElementsAre("connect", "message x", "write complete",
                                    "close loop ended"));
  EXPECT_EQ(file_.use_count(), 1) << "what was sent is let go";
}

TEST_F(TcpConnectionFileTest, SharesASegmentWithWhatIsBeforeIt) {
  on_connect_ = [&](TcpConnection& c) {
    c.Send("head ");
    c.SendFile(file_, 0, 100);
  };
  const Opened opened = OpenTcp();
  ASSERT_TRUE(AwaitInput(opened.peer.get()));
  EXPECT_EQ(Read(opened.peer), "head " + contents_.substr(0, 100));
  tcp_info info = {};
  socklen_t length = sizeof(info);
  getsockopt(opened.peer.get(), IPPROTO_TCP, TCP_INFO, &info, &length);
  EXPECT_EQ(info.tcpi_data_segs_in, 1u);
}

TEST_F(TcpConnectionFileTest, LeavesAtTheEndOfTheTurnIfSentByOthers) {
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { SendBetween(*opened.connection); },
      [&] { EXPECT_EQ(ReadAll(opened.peer), all_); });
}

TEST_F(TcpConnectionFileTest, BeginsAndEndsAnywhere) {
  on_connect_ = [&](TcpConnection& c) {
    for (const size_t offset : {2'999, 0, 1'234}) {
      c.SendFile(file_, offset, std::min<size_t>(1'000, 3'000 - offset));
    }
  };
  const Opened opened = Open();
  EXPECT_EQ(ReadAll(opened.peer), contents_.substr(2'999) +
                                      contents_.substr(0, 1'000) +
                                      contents_.substr(1'234, 1'000));
}

TEST_F(TcpConnectionFileTest, OfNoBytesIsNothing) {
  const Opened opened = Open();
  RunSteps(
      loop_, [&] { EXPECT_TRUE(opened->SendFile(file_, 5, 0)); }, [] {});
  EXPECT_THAT(opened.script->file_calls, IsEmpty());
  EXPECT_THAT(Events(), ElementsAre("connect", "close loop ended"));
}

TEST_F(TcpConnectionFileTest, WaitsBehindEarlierOutput) {
  const Opened opened = OpenToWrite({kWouldBlock, kWouldBlock});
  RunSteps(
      loop_, [&] { opened->Send("first "); },
      [&] {
        EXPECT_THAT(opened.script->file_calls, IsEmpty());
        SendBetween(*opened.connection);
      },
      [] {}, [&] { EXPECT_EQ(ReadAll(opened.peer), "first " + all_); });
}

TEST_F(TcpConnectionFileTest, CutAtAnyByteIsResumed) {
  on_connect_ = [&](TcpConnection& c) { SendBetween(c); };
  Opened opened;
  std::vector<Step> steps;
  for (size_t cut = 1; cut < contents_.size(); cut += 7) {
    steps.push_back([&, cut] {
      opened = Open(UnixPair(), {.files = {{.max_bytes = cut}, kWouldBlock}});
    });
    steps.push_back([] {});
    steps.push_back([&, cut] {
      EXPECT_EQ(ReadAll(opened.peer), all_) << "cut at " << cut;
      opened->ForceClose();
    });
  }
  RunSteps(loop_, std::move(steps));
}

TEST_F(TcpConnectionFileTest, IsSharedByConnections) {
  const Opened one = Open(UnixPair(), {.files = {{.max_bytes = 100}}});
  const Opened other = Open();
  RunSteps(
      loop_,
      [&] {
        one->SendFile(file_, 0, 2'000);
        other->SendFile(file_, 1'000, 2'000);
      },
      [] {}, [] {},
      [&] {
        EXPECT_EQ(ReadAll(one.peer), contents_.substr(0, 2'000));
        EXPECT_EQ(ReadAll(other.peer), contents_.substr(1'000));
      });
}

TEST_F(TcpConnectionFileTest, IsSentForAnotherThread) {
  const Opened opened = Open();
  const ConnectionHandle handle = opened->handle();
  RunSteps(
      loop_,
      [&] {
        std::thread([&] {
          handle.Send("head ");
          handle.Run([&](TcpConnection* c) {
            if (c != nullptr) c->SendFile(file_, 0, contents_.size());
          });
          handle.Send(" tail");
        }).join();
      },
      [] {}, [&] { EXPECT_EQ(ReadAll(opened.peer), all_); });
}

// --- Large files. ------------------------------------------------------------

TEST_F(TcpConnectionFileTest, ALargeOneGoesInWindowsAndTakesNoMemory) {
  constexpr size_t kBytes = 100 << 20;
  constexpr size_t kWindow = 1 << 20;
  const MemoryFile large = MakeSparseFile(kBytes);
  // Places where windows and flushes meet, and the last byte.
  const std::vector<std::pair<size_t, std::string>> marks = {
      {0, "first"},
      {kMaxFileBytesPerFlush - 2, "flush"},
      {kWindow - 3, "window"},
      {kBytes / 2, "middle"},
      {kBytes - 4, "last"}};
  for (const auto& [offset, mark] : marks) WriteAt(large, offset, mark);
  size_t queued = 0;
  size_t most_held = 0;
  const auto send_more = [&](TcpConnection& c) {
    while (queued < kBytes && !c.is_sated()) {
      const size_t bytes = std::min(kWindow, kBytes - queued);
      ASSERT_TRUE(c.SendFile(large, queued, bytes));
      queued += bytes;
    }
    most_held = std::max(most_held, table().memory().held_bytes());
    if (queued == kBytes) c.Close();
  };
  on_connect_ = on_low_water_ = on_write_complete_ = send_more;
  const Opened opened = Open();
  size_t received = 0;
  std::string block(64 * 1'024, '\0');
  const auto read_some = [&] {
    const ssize_t n = recv(opened.peer.get(), block.data(), block.size(), 0);
    if (n <= 0) return n == 0;
    const std::string_view got(block.data(), n);
    for (const auto& [offset, mark] : marks) {
      for (size_t i = 0; i < mark.size(); ++i) {
        const size_t place = offset + i;
        if (place < received || place >= received + n) continue;
        EXPECT_EQ(got[place - received], mark[i]) << "at byte " << place;
      }
    }
    received += n;
    return false;
  };
  RunSteps(loop_, Until(read_some));
  EXPECT_EQ(received, kBytes);
  EXPECT_EQ(most_held, 0u);
  EXPECT_THAT(opened.script->file_calls, Each(Le(kMaxFileBytesPerFlush)));
  EXPECT_EQ(large.use_count(), 1);
  EXPECT_THAT(Events(), Contains("close local closed"));
}

// A unix socket has room for less at once: the kernel would end each flush.
TEST_F(TcpConnectionFileTest, ABoundedPartLeavesInOneTurn) {
  constexpr size_t kBytes = 4 * kMaxFileBytesPerFlush;
  const MemoryFile large = MakeSparseFile(kBytes);
  const Opened opened = OpenTcp();
  size_t turns = 1;
  RunSteps(
      loop_, [&] { opened->SendFile(large, 0, kBytes); }, Until([&] {
        ReadAll(opened.peer);
        EXPECT_LE(opened.script->file_calls.size(), ++turns);
        return opened->bytes_sent() == kBytes;
      }));
  EXPECT_GE(turns, 4u);
  EXPECT_THAT(opened.script->file_calls, Each(Le(kMaxFileBytesPerFlush)));
}

TEST_F(TcpConnectionFileTest, CountsAsOutputButNotAsMemory) {
  constexpr size_t kHigh = 100'000;
  const MemoryFile large = MakeSparseFile(2 * kHigh);
  const Opened opened = OpenWithLimits(
      {.low_water_mark_bytes = kHigh / 2, .high_water_mark_bytes = kHigh});
  opened.script->writes.assign(1'000, kWouldBlock);
  opened.script->files.assign(1'000, kWouldBlock);
  RunSteps(
      loop_,
      [&] {
        opened->Send(std::string(10, 'x'));
        opened->SendFile(large, 0, 2 * kHigh);
        opened->Send(std::string(20, 'x'));
      },
      [&] {
        EXPECT_EQ(opened->output_bytes(), 2 * kHigh + 30);
        EXPECT_TRUE(opened->above_high_water());
        EXPECT_TRUE(opened->is_sated());
        EXPECT_EQ(table().memory().held_bytes(), 30u);
        opened.script->writes.clear();
      },
      [&] { EXPECT_EQ(table().memory().held_bytes(), 20u); });
}

TEST_F(TcpConnectionFileTest, AboveTheMaximumOfOutputEndsTheConnection) {
  const Opened opened = OpenWithLimits({.low_water_mark_bytes = 1'000,
                                        .high_water_mark_bytes = 1'000,
                                        .max_output_bytes = 2'000});
  opened.script->files.assign(1'000, kWouldBlock);
  RunSteps(
      loop_, [&] { EXPECT_FALSE(opened->SendFile(file_, 0, 2'001)); }, [] {});
  EXPECT_THAT(Events(), ElementsAre("connect", "close output limit"));
  EXPECT_EQ(opened.group->unsent_bytes(), 2'001u);
}

}  // namespace
}  // namespace rondo
