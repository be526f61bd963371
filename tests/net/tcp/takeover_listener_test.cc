#include "net/tcp/takeover_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "net/tcp/socket_calls.h"
#include "net/tcp/takeover_protocol.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

using End = LoopbackClient::End;

const std::string kRequest(kTakeoverRequest);
const std::string kConfirmed(kTakeoverConfirmed);

// Peers are bare sockets on this thread: what a step sends is heard before the
// next step. A peer that is dropped then is gone before the one after it.
class TakeoverListenerTest : public ::testing::Test {
 protected:
  ~TakeoverListenerTest() override { unlink(path_.c_str()); }

  absl::Status Create(Socket control = {}) {
    auto listener =
        TakeoverListener::Create(&loop_, path_, std::move(control),
                                 {.listeners = [this] { return fds_; },
                                  .on_taken = [this] { ++taken_; }});
    if (listener.ok()) listener_ = *std::move(listener);
    return listener.status();
  }

  LoopbackClient& Connect() { return peers_.emplace_back(address_); }
  LoopbackClient& Ask() {
    Connect().Send(kRequest);
    return peers_.back();
  }

  // The answer to a request that is taken.
  std::string Offer() const {
    return TakeoverAnswer{.descriptors = fds_.size() + 1}.Encode();
  }

  // So far.
  static bool HearsNothing(const LoopbackClient& peer) {
    char byte;
    return recv(peer.fd().get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }

  bool FileExists() const { return access(path_.c_str(), F_OK) == 0; }

  const InetAddress address_ = UnixAddress("takeover");
  const std::string path_ = address_.unix_path();
  FakeClock clock_;
  const std::unique_ptr<EventLoop> owned_loop_ = NewLoop({.clock = &clock_});
  EventLoop& loop_ = *owned_loop_;
  const Socket listening_ = *Socket::Listen(AbstractAddress(), {});
  std::vector<int> fds_{listening_.fd(), listening_.fd()};
  std::list<LoopbackClient> peers_;
  std::unique_ptr<TakeoverListener> listener_;
  int taken_ = 0;
  const TakeoverListenerOptions defaults_;
};

TEST_F(TakeoverListenerTest, OffersAndIsTakenOnceConfirmed) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {},
      [&] {
        EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer());
        EXPECT_EQ(taken_, 0);
        EXPECT_FALSE(listener_->taken());
        peer.Send(kConfirmed);
      },
      [] {},
      [&] {
        EXPECT_EQ(peer.ReceiveAll(), std::string(kTakeoverDone));
        EXPECT_EQ(taken_, 1);
        EXPECT_TRUE(listener_->taken());
      });
}

TEST_F(TakeoverListenerTest, HearsARequestInPieces) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Connect();
  RunSteps(
      loop_, [&] { peer.Send(kRequest.substr(0, 1)); },
      [&] { peer.Send(kRequest.substr(1, 2)); },
      [&] { peer.Send(kRequest.substr(3)); },
      [&] { EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer()); });
}

TEST_F(TakeoverListenerTest, ItsFileIsForItsUserAlone) {
  ASSERT_TRUE(Create().ok());
  struct stat file;
  ASSERT_EQ(lstat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(TakeoverListenerTest, UnlinksItsFile) {
  ASSERT_TRUE(Create().ok());
  EXPECT_TRUE(FileExists());
  listener_.reset();
  EXPECT_FALSE(FileExists());
}

TEST_F(TakeoverListenerTest, LeavesItsFileToWhoTookIt) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [&] { peer.Send(kConfirmed); }, [] {},
      [&] {
        EXPECT_EQ(taken_, 1);
        listener_.reset();
        EXPECT_TRUE(FileExists());
      });
}

TEST_F(TakeoverListenerTest, ListensWhereAStaleFileIs) {
  { const Socket gone = *Socket::Listen(address_, {}); }
  EXPECT_TRUE(Create().ok());
}

TEST_F(TakeoverListenerTest, LeavesALiveFileAlone) {
  const Socket other = *Socket::Listen(address_, {});
  const absl::Status status = Create();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("something else has this path"));
  EXPECT_TRUE(FileExists());
}

TEST_F(TakeoverListenerTest, ListensOnTheSocketThatItIsGiven) {
  Socket control = *Socket::Listen(address_, {});
  const int fd = control.fd();
  ASSERT_TRUE(Create(std::move(control)).ok());
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {},
      [&] { EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer()); });
  EXPECT_NE(fd, -1);
}

TEST_F(TakeoverListenerTest, UnlinksTheFileThatItIsGiven) {
  ASSERT_TRUE(Create(*Socket::Listen(address_, {})).ok());
  listener_.reset();
  EXPECT_FALSE(FileExists());
}

TEST_F(TakeoverListenerTest, ListensAnewIfTheFileIsGone) {
  Socket control = *Socket::Listen(address_, {});
  unlink(path_.c_str());
  ASSERT_TRUE(Create(std::move(control)).ok());
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {},
      [&] { EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer()); });
}

// --- Peers that do not take it. ----------------------------------------------

TEST_F(TakeoverListenerTest, OneThatSaysNothingIsDropped) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& silent = Connect();
  LoopbackClient& next = Ask();
  RunSteps(
      loop_, [] {},
      [&] {
        EXPECT_TRUE(HearsNothing(next));
        clock_.Advance(defaults_.request_timeout);
      },
      [] {}, [&] { EXPECT_EQ(silent.AwaitEnd(), End::kFin); },
      [&] { EXPECT_EQ(next.Receive(kTakeoverAnswerBytes), Offer()); });
  EXPECT_EQ(taken_, 0);
}

TEST_F(TakeoverListenerTest, OneThatDoesNotConfirmIsToldSo) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& slow = Ask();
  LoopbackClient& next = Ask();
  RunSteps(
      loop_, [] {}, [&] { clock_.Advance(defaults_.request_timeout); },
      [&] {
        // Not yet: it has more time to confirm than to ask.
        EXPECT_EQ(slow.Receive(kTakeoverAnswerBytes), Offer());
        EXPECT_TRUE(HearsNothing(slow));
        clock_.Advance(defaults_.confirm_timeout);
      },
      [] {},
      [&] { EXPECT_EQ(slow.ReceiveAll(), std::string(kTakeoverWithdrawn)); },
      [&] { EXPECT_EQ(next.Receive(kTakeoverAnswerBytes), Offer()); });
  EXPECT_EQ(taken_, 0);
}

TEST_F(TakeoverListenerTest, OnesThatHangUpCostNothing) {
  ASSERT_TRUE(Create().ok());
  Connect().Close();
  Ask().Close();
  LoopbackClient& offered = Ask();
  LoopbackClient& next = Ask();
  RunSteps(
      loop_, [] {}, [] {}, [] {}, [] {}, [] {}, [] {},
      [&] {
        EXPECT_EQ(offered.Receive(kTakeoverAnswerBytes), Offer());
        offered.Close();
      },
      [] {}, [] {},
      [&] { EXPECT_EQ(next.Receive(kTakeoverAnswerBytes), Offer()); });
  EXPECT_EQ(taken_, 0);
  EXPECT_TRUE(FileExists());
}

TEST_F(TakeoverListenerTest, AnotherVersionIsToldThisOne) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Connect();
  LoopbackClient& next = Ask();
  peer.Send("RTO\2");
  RunSteps(
      loop_, [] {}, [] {},
      [&] { EXPECT_EQ(peer.ReceiveAll(), (std::string("RTO\1V\0\0\0", 8))); },
      [&] { EXPECT_EQ(next.Receive(kTakeoverAnswerBytes), Offer()); });
}

TEST_F(TakeoverListenerTest, WhatIsNoConfirmationWithdraws) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Ask();
  peer.Send("X");
  RunSteps(
      loop_, [] {}, [] {}, [] {},
      [&] {
        EXPECT_EQ(peer.ReceiveAll(), Offer() + std::string(kTakeoverWithdrawn));
      });
  EXPECT_EQ(taken_, 0);
}

// Says that every peer is another user.
class OtherUser final : public SocketCalls {
 public:
  int Getsockopt(int fd, int level, int name, void* value,
                 socklen_t* length) override {
    const int result = SocketCalls::Getsockopt(fd, level, name, value, length);
    if (level == SOL_SOCKET && name == SO_PEERCRED) {
      static_cast<ucred*>(value)->uid = geteuid() + 1;
    }
    return result;
  }
};

TEST_F(TakeoverListenerTest, AnotherUserIsRefused) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  ASSERT_TRUE(Create().ok());
  OtherUser other;
  std::optional<ScopedSocketCalls> scoped(&other);
  LoopbackClient& stranger = Connect();
  RunSteps(
      loop_, [] {},
      [&] {
        EXPECT_EQ(stranger.ReceiveAll(), (std::string("RTO\1U\0\0\0", 8)));
        scoped.reset();
        Ask();
      },
      [] {},
      [&] { EXPECT_EQ(peers_.back().Receive(kTakeoverAnswerBytes), Offer()); });
}

TEST_F(TakeoverListenerTest, MoreSocketsThanFitAreNotOffered) {
  ASSERT_TRUE(Create().ok());
  fds_.assign(kMaxTakeoverDescriptors, listening_.fd());  // and the control's
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {}, [] {}, [&] { EXPECT_EQ(peer.AwaitEnd(), End::kFin); },
      [&] {
        fds_.pop_back();
        Ask();
      },
      [] {}, [] {},
      [&] { EXPECT_EQ(peers_.back().Receive(kTakeoverAnswerBytes), Offer()); });
}

TEST_F(TakeoverListenerTest, BadSocketsAreNotOffered) {
  ASSERT_TRUE(Create().ok());
  fds_ = {-1};
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {}, [] {}, [&] { EXPECT_EQ(peer.ReceiveAll(), ""); });
  EXPECT_EQ(taken_, 0);
}

TEST_F(TakeoverListenerTest, RestsWhileDescriptorsLack) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Ask();
  std::optional<DescriptorFamine> famine(std::in_place);
  RunSteps(
      loop_, [] {}, [&] { famine.reset(); }, [] {},
      [&] {
        EXPECT_TRUE(HearsNothing(peer));
        clock_.Advance(absl::Seconds(1));
      },
      [] {}, [] {}, [] {},
      [&] { EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer()); });
}

// Who has the sockets goes on with them, and with the file.
TEST_F(TakeoverListenerTest, LeavesWhatItHasOfferedWhenDestroyed) {
  ASSERT_TRUE(Create().ok());
  LoopbackClient& peer = Ask();
  RunSteps(
      loop_, [] {},
      [&] {
        EXPECT_EQ(peer.Receive(kTakeoverAnswerBytes), Offer());
        EXPECT_TRUE(listener_->offered());
        listener_.reset();
        EXPECT_EQ(peer.ReceiveAll(), "");
        EXPECT_TRUE(FileExists());
      });
}

TEST_F(TakeoverListenerTest, CanBeDeferredByItsCallback) {
  auto listener = TakeoverListener::Create(
      &loop_, path_, {},
      {.listeners = [this] { return fds_; },
       .on_taken = [this] { loop_.DeferDelete(std::move(listener_)); }});
  ASSERT_TRUE(listener.ok()) << listener.status();
  listener_ = *std::move(listener);
  LoopbackClient& peer = Ask();
  peer.Send(kConfirmed);
  RunSteps(
      loop_, [] {}, [] {}, [] {},
      [&] {
        EXPECT_EQ(peer.ReceiveAll(), Offer() + std::string(kTakeoverDone));
        EXPECT_TRUE(FileExists());
      });
}

}  // namespace
}  // namespace rondo
