// Accepting, and the file of a unix socket. How it stops and what it does
// without descriptors have files of their own.
#include "net/tcp/acceptor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/select.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/acceptor_fixture.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using AcceptorTest = AcceptorFixture;

TEST_F(AcceptorTest, AcceptsFromTheNextTurnOn) {
  Create();
  Connect();
  EXPECT_THAT(accepted_, SizeIs(0));
  RunTurns(loop_, 1);
  ASSERT_THAT(accepted_, SizeIs(1));
  Write(clients_[0].fd(), "hello");
  char block[8];
  EXPECT_EQ(accepted_[0].Read(block, sizeof(block)).bytes, 5u);
}

TEST_F(AcceptorTest, TellsWhereItListensAndWhoCame) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  EXPECT_NE(acceptor_->address().port(), 0);
  Connect();
  on_accept_ = [this] { loop_.Stop(); };
  loop_.Run();
  EXPECT_THAT(peers_, testing::ElementsAre(clients_[0].LocalAddress()));
}

TEST_F(AcceptorTest, AcceptsSoManyInATurnAndTheOthersLater) {
  Create({.max_accepts_per_turn = 2});
  Connect(5);
  RunSteps(
      loop_, [this] { EXPECT_THAT(accepted_, SizeIs(2)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(4)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(5)); },
      [this] { EXPECT_THAT(accepted_, SizeIs(5)); });
}

TEST_F(AcceptorTest, AcceptsAllThatWaitInOneTurn) {
  Create();
  Connect(20);
  RunSteps(loop_, [this] { EXPECT_THAT(accepted_, SizeIs(20)); });
}

TEST_F(AcceptorTest, StoppedInItsCallbackItAcceptsNoMore) {
  Create();
  on_accept_ = [this] { acceptor_->Stop(); };
  Connect(3);
  RunTurns(loop_, 3);
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(AcceptorTest, MayBeGivenUpInItsCallback) {
  Create();
  on_accept_ = [this] {
    acceptor_->Stop();
    loop_.DeferDelete(std::move(acceptor_));
  };
  Connect(3);
  RunTurns(loop_, 3);
  EXPECT_THAT(accepted_, SizeIs(1));
  EXPECT_EQ(acceptor_, nullptr);
}

// --- Its file. ---------------------------------------------------------------

TEST_F(AcceptorTest, RemovesItsSocketFile) {
  const InetAddress address = UnixAddress("acceptor");
  Create({}, address);
  EXPECT_EQ(access(address.unix_path().c_str(), F_OK), 0);
  acceptor_.reset();
  EXPECT_NE(access(address.unix_path().c_str(), F_OK), 0);
}

TEST_F(AcceptorTest, LeavesTheSocketFileOfAnother) {
  const InetAddress address = UnixAddress("another");
  Create({}, address);
  ASSERT_EQ(unlink(address.unix_path().c_str()), 0);
  const auto other = Socket::Listen(address, {});
  ASSERT_TRUE(other.ok()) << other.status();
  acceptor_.reset();
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

// The name of an abstract socket looks like that of a file in this folder.
TEST_F(AcceptorTest, AnAbstractNameIsNoFile) {
  const InetAddress address = AbstractAddress();
  std::ofstream(address.unix_path()) << "precious";
  ASSERT_EQ(access(address.unix_path().c_str(), F_OK), 0);
  Create({}, address);
  acceptor_.reset();
  EXPECT_EQ(unlink(address.unix_path().c_str()), 0);
}

TEST_F(AcceptorTest, ReportsWhyItCannotListen) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  const auto second =
      Acceptor::Create(&loop_, acceptor_->address(), {}, nullptr);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(acceptor_->address().ToString()));
}

TEST_F(AcceptorTest, ReportsThatThePollerCannotWatchIt) {
  const auto loop = NewLoop({.poller = "select"});
  AllowDescriptors(FD_SETSIZE + 100);
  std::vector<UniqueFd> below;
  do {
    below.push_back(EventFd());
  } while (below.back().get() < FD_SETSIZE);
  const auto acceptor =
      Acceptor::Create(loop.get(), AbstractAddress(), {}, nullptr);
  ASSERT_FALSE(acceptor.ok());
  EXPECT_THAT(std::string(acceptor.status().message()), HasSubstr("select"));
}

TEST_F(AcceptorTest, OneThatHangsUpInTheBacklogCostsNobodyElse) {
  Create({}, *InetAddress::Parse("127.0.0.1:0"));
  for (int i = 0; i < 5; ++i) {
    Connect();
    clients_.back().Reset();
  }
  Connect();
  const InetAddress last = clients_.back().LocalAddress();
  on_accept_ = [this, last] {
    if (peers_.back() == last) loop_.Stop();
  };
  loop_.Run();
  EXPECT_EQ(acceptor_->counts().pauses, 0u);
}

}  // namespace
}  // namespace rondo
