// What a borrower hears of his connection, and how he is rid of that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "net/client/pooled_connection.h"
#include "tests/net/client/pooled_connection_fixture.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PooledConnectionCallbacksTest = PooledConnectionFixture;

TEST_F(PooledConnectionCallbacksTest, HearsOfItsEndOnce) {
  Borrower& borrower = Begin();
  CloseWithReset(std::move(peer_));
  AwaitHeard(borrower, "close peer reset");
  On([&] { EXPECT_EQ(borrower.lent->get(), nullptr); });
  AwaitState(kNothing);
  Return(borrower);
  Drop(borrower);
  AwaitTurns();
  EXPECT_THAT(Heard(borrower), ElementsAre("close peer reset"));
}

TEST_F(PooledConnectionCallbacksTest, HearsOfTheEndThatItBringsAbout) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->Close(); });
  AwaitHeard(borrower, "close local closed");
  AwaitState(kNothing);
}

TEST_F(PooledConnectionCallbacksTest, IsGoneWhenItHearsOfItsEnd) {
  Borrower& borrower = Begin();
  On([&] {
    borrower.on_close = [this](Borrower& b) {
      EXPECT_EQ(b.lent->get(), nullptr);
      EXPECT_EQ(pool_->lent(), 0u);
      b.lent->SetCallbacks({});
      b.lent->Return();
      b.lent.reset();
    };
  });
  peer_.Reset();
  AwaitHeard(borrower, "close peer closed");
}

TEST_F(PooledConnectionCallbacksTest, HearsOfItsWaterMarks) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->Send(std::string(kMuchBytes, 'x')); });
  AwaitHeard(borrower, "high water");
  ReadSome(peer_, kMuchBytes);
  AwaitHeard(borrower, "write complete");
  EXPECT_THAT(Heard(borrower), Contains("low water"));
}

TEST_F(PooledConnectionCallbacksTest, HearsOfADeadline) {
  Borrower& borrower = Begin();
  On([&] { (*borrower.lent)->ExpectWithin(absl::Seconds(1)); });
  Advance(absl::Seconds(1));
  AwaitHeard(borrower, "close expectation timeout");
  EXPECT_THAT(Heard(borrower),
              ElementsAre("timeout", "close expectation timeout"));
}

TEST_F(PooledConnectionCallbacksTest, HearsNothingOnceItIsGivenBack) {
  Borrower& borrower = Begin();
  Return(borrower);
  const Borrower& next = Borrow(server_.endpoint());
  Write(peer_, "answer");
  AwaitHeard(next, "message answer");
  peer_.Reset();
  AwaitHeard(next, "close peer closed");
  EXPECT_THAT(Heard(borrower), IsEmpty());
}

TEST_F(PooledConnectionCallbacksTest, WithoutCallbacksInputIsDropped) {
  Borrower& borrower = Begin();
  On([&] { borrower.lent->SetCallbacks({}); });
  Write(peer_, "answer");
  Await([&] { return (*borrower.lent)->bytes_received() == 6; });
  Return(borrower);
  EXPECT_EQ(State(), kOneIdle);
}

// Each way to be rid of callbacks while one of them is running.
class PooledConnectionCallbackTest
    : public PooledConnectionFixture,
      public ::testing::WithParamInterface<const char*> {
 protected:
  // For a callback to capture.
  std::shared_ptr<void> Owned() {
    return OnDestroy([this] { destroyed_ = true; });
  }
  // What that callback does: nothing of it may go before it returns.
  void GetRid(Borrower& b) {
    GetRidBy(GetParam(), b);
    seen_ = destroyed_;
  }
  void AwaitItsEnd() {
    Await([this] { return destroyed_; });
    EXPECT_FALSE(seen_);
  }

 private:
  static void GetRidBy(const std::string& how, Borrower& b) {
    if (how == "Return") b.lent->Return();
    if (how == "Destroy") b.lent.reset();
    if (how == "Replace") b.lent->SetCallbacks({});
    if (how == "ReplaceTwice") {
      b.lent->SetCallbacks({});
      b.lent->SetCallbacks({});
    }
    if (how == "ReplaceAndReturn") {
      b.lent->SetCallbacks({});
      b.lent->Return();
    }
  }

  bool destroyed_ = false;
  bool seen_ = true;
};

TEST_P(PooledConnectionCallbackTest, LivesUntilItReturns) {
  Borrower& borrower = Begin();
  On([&] {
    borrower.lent->SetCallbacks(
        {.on_message = [&, owned = Owned()](TcpConnection&, Buffer& input) {
          input.Clear();
          GetRid(borrower);
        }});
  });
  Write(peer_, "answer");
  AwaitItsEnd();
}

TEST_P(PooledConnectionCallbackTest, LivesUntilItReturnsWhenTheLast) {
  Borrower& borrower = Begin();
  On([&] {
    borrower.lent->SetCallbacks(
        {.on_close = [&, owned = Owned()](TcpConnection&, CloseReason) {
          GetRid(borrower);
        }});
  });
  peer_.Reset();
  AwaitItsEnd();
}

INSTANTIATE_TEST_SUITE_P(Each, PooledConnectionCallbackTest,
                         ::testing::Values("Return", "Destroy", "Replace",
                                           "ReplaceTwice", "ReplaceAndReturn"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace rondo
