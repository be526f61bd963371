#include "net/tcp/connection_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Pair;

class ConnectionTableTest : public ConnectionFixture {
 protected:
  void CloseAll() {
    table().CloseAll(group_.get(), CloseReason::kServerStopped);
  }

  // Counts each connection's last callbacks.
  void CountCloses() {
    on_close_ = [this](TcpConnection& c, CloseReason) { ++closes_[&c]; };
  }

  std::map<TcpConnection*, int> closes_;
};

TEST_F(ConnectionTableTest, BelongsToItsLoop) {
  EXPECT_EQ(table().loop(), &loop_);
  EXPECT_EQ(&table(), &loop_.Local<ConnectionTable>());
  EXPECT_EQ(table().size(), 0u);
}

TEST_F(ConnectionTableTest, LosesConnectionsInAnyOrder) {
  constexpr int kConnections = 50;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::vector<Opened> opened(kConnections);
  for (Opened& o : opened) o = Open();
  std::shuffle(opened.begin(), opened.end(), std::mt19937(seed));
  CountCloses();
  std::vector<Step> steps;
  for (int i = 0; i < kConnections; ++i) {
    steps.push_back([&, i] {
      EXPECT_EQ(table().size(), size_t{kConnections} - i);
      Write(opened.back().peer, "still served");
      opened[i]->Close();
    });
  }
  steps.push_back([&] { EXPECT_EQ(table().size(), 0u); });
  RunSteps(loop_, std::move(steps));
  EXPECT_EQ(closes_.size(), size_t{kConnections});
  EXPECT_THAT(closes_, Each(Pair(testing::_, 1)));
}

TEST_F(ConnectionTableTest, CloseAllEndsOneGroupOnly) {
  const auto others =
      std::make_shared<ConnectionGroup>(ConnectionCallbacks{}, 1);
  FdPair pair = UnixPair();
  table().Adopt(std::make_unique<TcpConnection>(
      &table(), std::make_unique<Transport>(Socket(std::move(pair.a))),
      InetAddress(), ConnectionMembership(others, 0)));
  const Opened a = Open();
  const Opened b = Open();
  RunSteps(
      loop_, [&] { CloseAll(); },
      [&] {
        EXPECT_EQ(table().size(), 1u);
        EXPECT_EQ(group_->open(), 0u);
        EXPECT_EQ(others->open(), 1u);
        EXPECT_TRUE(AtEnd(a.peer));
        EXPECT_TRUE(AtEnd(b.peer));
        EXPECT_FALSE(AtEnd(pair.b));
      });
}

TEST_F(ConnectionTableTest, CloseAllMayHappenInCloseAll) {
  std::vector<Opened> opened(5);
  for (Opened& o : opened) o = Open();
  on_close_ = [&](TcpConnection& c, CloseReason) {
    ++closes_[&c];
    CloseAll();
  };
  RunSteps(
      loop_, [&] { CloseAll(); }, [&] { EXPECT_EQ(table().size(), 0u); });
  EXPECT_EQ(closes_.size(), opened.size());
  EXPECT_THAT(closes_, Each(Pair(testing::_, 1)));
}

TEST_F(ConnectionTableTest, CloseAllSparesAHandlerUntilItReturns) {
  const Opened caller = Open();
  const Opened other = Open();
  on_message_ = [&](TcpConnection& c, Buffer& input) {
    input.Clear();
    CloseAll();
    EXPECT_FALSE(c.closed());
    EXPECT_TRUE(other->closed());
    EXPECT_FALSE(c.Send("dropped"));
  };
  RunSteps(loop_, [&] { Write(caller.peer, "x"); });
  EXPECT_THAT(Events(),
              ElementsAre("connect", "connect", "message x",
                          "close server stopped", "close server stopped"));
}

TEST_F(ConnectionTableTest, CloseAllInWriteCompleteEndsEachOnce) {
  const Opened caller = Open();
  const Opened other = Open();
  CountCloses();
  on_write_complete_ = [&](TcpConnection&) { CloseAll(); };
  RunSteps(
      loop_, [&] { caller->Send("x"); }, [] {},
      [&] { EXPECT_EQ(table().size(), 0u); });
  EXPECT_EQ(closes_.size(), 2u);
  EXPECT_THAT(closes_, Each(Pair(testing::_, 1)));
}

TEST_F(ConnectionTableTest, EndingWhatWaitsToBeFlushedIsSafe) {
  const Opened a = Open();
  const Opened b = Open();
  const Opened c = Open();
  CountCloses();
  on_write_complete_ = [&](TcpConnection&) { CloseAll(); };
  RunSteps(
      loop_,
      [&] {
        for (const Opened* opened : {&a, &b, &c}) (*opened)->Send("x");
      },
      [] {}, [&] { EXPECT_EQ(table().size(), 0u); });
  EXPECT_EQ(closes_.size(), 3u);
  EXPECT_THAT(closes_, Each(Pair(testing::_, 1)));
}

TEST_F(ConnectionTableTest, AConnectionMayComeWhileAnotherGoes) {
  std::vector<Opened> late;
  on_close_ = [&](TcpConnection& c, CloseReason) {
    ++closes_[&c];
    if (late.empty()) late.push_back(Open());
  };
  std::vector<Opened> opened(3);
  for (Opened& o : opened) o = Open();
  RunSteps(
      loop_, [&] { CloseAll(); },
      [&] {
        EXPECT_EQ(table().size(), 1u);
        Write(late[0].peer, "served");
      },
      [&] { EXPECT_EQ(late[0]->bytes_received(), 6u); });
}

}  // namespace
}  // namespace rondo
