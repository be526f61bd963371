// What becomes of a file that is being sent when its connection ends, and of a
// connection if there is less of a file than was to be sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "tests/net/tcp/output_fixture.h"
#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

const TransportScript::Answer kWouldBlock = {.error = EAGAIN};

class TcpConnectionFileEndTest : public OutputFixture {
 protected:
  // Reads what comes to its end: 0 for a FIN, else the errno.
  static int AwaitEnd(const UniqueFd& fd) {
    char block[4'096];
    while (AwaitInput(fd.get())) {
      const ssize_t n = recv(fd.get(), block, sizeof(block), 0);
      if (n <= 0) return n == 0 ? 0 : errno;
    }
    return 0;
  }

  const MemoryFile file_ = MakeFile(Pattern(3'000));
};

// --- Ends. -------------------------------------------------------------------

TEST_F(TcpConnectionFileEndTest, CloseAndShutdownSendItFirst) {
  const MemoryFile large = MakeSparseFile(kMuchBytes);
  const Opened closed = Open();
  const Opened shut = Open();
  size_t from_closed = 0;
  size_t from_shut = 0;
  RunSteps(
      loop_,
      [&] {
        closed->SendFile(large, 0, kMuchBytes);
        closed->Close();
        shut->SendFile(large, 0, kMuchBytes);
        shut->Shutdown();
      },
      Until([&] {
        from_closed += ReadAll(closed.peer).size();
        from_shut += ReadAll(shut.peer).size();
        return AtEnd(closed.peer) && AtEnd(shut.peer);
      }));
  EXPECT_EQ(from_closed, kMuchBytes);
  EXPECT_EQ(from_shut, kMuchBytes);
}

TEST_F(TcpConnectionFileEndTest, IsNotTakenAfterTheEndWasAskedFor) {
  using End = void (TcpConnection::*)();
  for (const End end : {&TcpConnection::Shutdown, &TcpConnection::Close,
                        &TcpConnection::ForceClose}) {
    const Opened opened = Open();
    (opened.connection->*end)();
    EXPECT_FALSE(opened->SendFile(file_, 0, 100));
    EXPECT_EQ(opened->output_bytes(), 0u);
    EXPECT_EQ(file_.use_count(), 1);
  }
}

TEST_F(TcpConnectionFileEndTest, ForceCloseDropsIt) {
  const Opened opened = Open();
  RunSteps(
      loop_,
      [&] {
        opened->SendFile(file_, 0, 100);
        opened->ForceClose();
      },
      [] {});
  EXPECT_EQ(ReadAll(opened.peer), "");
  EXPECT_EQ(group_->unsent_bytes(), 100u);
  EXPECT_EQ(file_.use_count(), 1);
}

TEST_F(TcpConnectionFileEndTest, APeerThatGoesInTheMiddleEndsTheConnection) {
  // The default action of SIGPIPE would end the test.
  const auto before = signal(SIGPIPE, SIG_DFL);
  const MemoryFile large = MakeSparseFile(kMuchBytes);
  Opened by_unix = Open();
  Opened by_tcp = OpenTcp();
  RunSteps(
      loop_,
      [&] {
        by_unix->SendFile(large, 0, kMuchBytes);
        by_tcp->SendFile(large, 0, kMuchBytes);
      },
      [&] {
        Read(by_unix.peer);
        by_unix.peer.Reset();
        CloseWithReset(std::move(by_tcp.peer));
      },
      Until([&] { return group_->open() == 0; }));
  EXPECT_EQ(group_->closed(CloseReason::kPeerReset), 2u);
  EXPECT_GT(group_->unsent_bytes(), 0u);
  EXPECT_EQ(large.use_count(), 1);
  signal(SIGPIPE, before);
}

// --- Less than was to be sent. -----------------------------------------------

// The peer has been promised more: it must not take what it has for all.
TEST_F(TcpConnectionFileEndTest, AShorterOneResetsTheConnection) {
  const Opened opened = OpenTcp();
  RunSteps(
      loop_,
      [&] {
        opened->SendFile(file_, 1'000, 2'500);
        opened->Send("tail");
      },
      Until([&] { return group_->open() == 0; }));
  EXPECT_THAT(Events(), ElementsAre("connect", "close file error"));
  EXPECT_EQ(group_->closed(CloseReason::kFileError), 1u);
  EXPECT_EQ(group_->unsent_bytes(), 504u);
  EXPECT_EQ(file_.use_count(), 1);
  EXPECT_EQ(AwaitEnd(opened.peer), ECONNRESET);
}

TEST_F(TcpConnectionFileEndTest, OneCutWhileItWaitsResetsTheConnection) {
  const Opened opened =
      Open(TcpPair(), {.files = {{.max_bytes = 1'000}, kWouldBlock}});
  RunSteps(
      loop_, [&] { opened->SendFile(file_, 0, 3'000); },
      [&] { Resize(file_, 1'500); },
      Until([&] { return group_->open() == 0; }));
  EXPECT_THAT(Events(), ElementsAre("connect", "close file error"));
  EXPECT_EQ(group_->unsent_bytes(), 1'500u);
}

TEST_F(TcpConnectionFileEndTest, OneThatCannotBeReadResetsTheConnection) {
  on_connect_ = [&](TcpConnection& c) {
    c.Send("head");
    c.SendFile(file_, 0, 3'000);
  };
  const Opened opened = Open(TcpPair(), {.files = {{.error = EIO}}});
  EXPECT_THAT(Events(), ElementsAre("connect", "close file error"));
  EXPECT_EQ(AwaitEnd(opened.peer), ECONNRESET);
}

TEST_F(TcpConnectionFileEndTest, WhatIsNoFileResetsTheConnection) {
  const auto eventfd = std::make_shared<const UniqueFd>(EventFd());
  on_connect_ = [&](TcpConnection& c) { c.SendFile(eventfd, 0, 8); };
  const Opened opened = Open();
  EXPECT_THAT(Events(), ElementsAre("connect", "close file error"));
}

TEST_F(TcpConnectionFileEndTest,
       AFaultOfTheFileIsTheReasonWhateverWasAskedFor) {
  const Opened opened = Open();
  RunSteps(
      loop_,
      [&] {
        opened->SendFile(file_, 0, 5'000);
        opened->Close();
      },
      Until([&] { return group_->open() == 0; }));
  EXPECT_THAT(Events(), ElementsAre("connect", "close file error"));
}

}  // namespace
}  // namespace rondo
