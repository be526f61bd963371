// Who gets which connection, and what fails. Files of their own have the limits
// and the order, idle connections, what a borrower can do, and the pool's end.
#include "net/client/connection_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/net/client/connection_pool_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConnectionPoolTest : public ConnectionPoolFixture {
 protected:
  ManualServer server_;
  ManualServer other_;
};

// --- Options. ----------------------------------------------------------------

TEST_F(ConnectionPoolTest, EachLimitIsChecked) {
  const auto why = [](ConnectionPoolOptions options) {
    const absl::Status status = options.Check();
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
    return std::string(status.message());
  };
  EXPECT_EQ(why({}), "");
  EXPECT_EQ(why({.idle_timeout = kForever}), "");
  EXPECT_EQ(why({.idle_timeout = absl::ZeroDuration()}), "");
  EXPECT_EQ(why({.max_per_endpoint = 0}),
            "max_per_endpoint is 0, and must be at least 1");
  EXPECT_EQ(why({.max_total = 0}), "max_total is 0, and must be at least 1");
  EXPECT_EQ(why({.max_waiting = 0}),
            "max_waiting is 0, and must be at least 1");
  EXPECT_EQ(why({.idle_timeout = absl::Seconds(-1)}),
            "idle_timeout is -1s, and must not be negative");
  EXPECT_THAT(why({.dialer = {.connector = {.timeout = absl::Seconds(-1)}}}),
              HasSubstr("timeout is -1s"));
}

TEST_F(ConnectionPoolTest, BadOptionsFailEachAcquire) {
  MakePool({.max_total = 0});
  for (int i = 0; i < 2; ++i) {
    const Borrower& borrower = Acquire(server_.endpoint());
    AwaitAnswer(borrower);
    EXPECT_EQ(borrower.status.code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(State(), kNothing);
}

// --- Lending. ----------------------------------------------------------------

TEST_F(ConnectionPoolTest, DialsIfNoneIsIdle) {
  MakePool();
  Borrower& borrower = Borrow(server_.endpoint());
  const UniqueFd peer = server_.Accept();
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
  On([&] {
    EXPECT_FALSE(borrower.lent->reused());
    (*borrower.lent)->Send("question");
  });
  EXPECT_EQ(ReadSome(peer, 8), "question");
  Write(peer, "answer");
  AwaitHeard(borrower, "message answer");
  On([&] { EXPECT_EQ(pool_->counts().reused, 0u); });
}

TEST_F(ConnectionPoolTest, LendsAgainWhatCameBack) {
  MakePool();
  Return(Borrow(server_.endpoint()));
  EXPECT_EQ(State(), kOneIdle);
  const Borrower& second = Borrow(server_.endpoint());
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
  On([&] {
    EXPECT_TRUE(second.lent->reused());
    EXPECT_EQ(pool_->counts().reused, 1u);
  });
}

TEST_F(ConnectionPoolTest, LendsTheOneUsedLast) {
  MakePool();
  Borrower* borrowers[] = {&Borrow(server_.endpoint()),
                           &Borrow(server_.endpoint()),
                           &Borrow(server_.endpoint())};
  const TcpConnection* expected = nullptr;
  On([&] { expected = borrowers[0]->lent->get(); });
  for (const int i : {2, 1, 0}) Return(*borrowers[i]);
  const Borrower& next = Borrow(server_.endpoint());
  On([&] { EXPECT_EQ(next.lent->get(), expected); });
}

TEST_F(ConnectionPoolTest, LendsToTheSameEndpointOnly) {
  MakePool();
  const UniqueFd idle = MakeIdle(other_);
  const Borrower& borrower = Borrow(server_.endpoint());
  On([&] { EXPECT_FALSE(borrower.lent->reused()); });
  EXPECT_EQ(State(), "1 idle, 1 lent, 0 dialing, 0 waiting");
}

TEST_F(ConnectionPoolTest, LendsEachToOneAtATime) {
  MakePool();
  const Borrower& a = Borrow(server_.endpoint());
  const Borrower& b = Borrow(server_.endpoint());
  On([&] { EXPECT_NE(a.lent->get(), b.lent->get()); });
}

TEST_F(ConnectionPoolTest, AServerMaySpeakFirst) {
  MakePool();
  UniqueFd peer;
  On([&] {
    Acquire(server_.endpoint());
    // After the timer that dials, and before the loop hears of the connection.
    loop()->RunAfter(absl::ZeroDuration(), [&] {
      peer = server_.Accept();
      Write(peer, "welcome");
    });
  });
  AwaitHeard(borrowers_.front(), "message welcome");
}

TEST_F(ConnectionPoolTest, WhoDoesNotKeepWhatHeIsGivenClosesIt) {
  MakePool();
  Acquire(server_.endpoint(), kForever, [](Borrower& b) { b.lent.reset(); });
  EXPECT_EQ(ReadToEnd(server_.Accept()), "");
  AwaitState(kNothing);
}

// --- What fails. -------------------------------------------------------------

TEST_F(ConnectionPoolTest, AFailureToConnectIsTheFirstWaitersOnly) {
  MakePool({.max_per_endpoint = 1});
  const InetAddress address = AbstractAddress();
  std::optional<ManualServer> late;
  On([&] {
    Acquire(address, kForever, [&](Borrower&) { late.emplace(address); });
    Acquire(address);
  });
  const Borrower& first = borrowers_.front();
  const Borrower& second = borrowers_.back();
  AwaitAnswer(second);
  EXPECT_EQ(Answers(first), 1);
  EXPECT_THAT(std::string(first.status.message()),
              HasSubstr(address.ToString()));
  EXPECT_TRUE(second.status.ok()) << second.status;
}

TEST_F(ConnectionPoolTest, AFailureToConnectConcernsNoOtherEndpoint) {
  MakePool({.max_total = 1});
  const Borrower& fails = Acquire(Endpoint(AbstractAddress()));
  const Borrower& works = Acquire(server_.endpoint());
  AwaitAnswer(works);
  EXPECT_TRUE(works.status.ok()) << works.status;
  EXPECT_FALSE(fails.status.ok());
}

TEST_F(ConnectionPoolTest, WhoWaitsTooLongIsTold) {
  MakePool({.max_per_endpoint = 1});
  Borrower& first = Borrow(server_.endpoint());
  const Borrower& late = Acquire(server_.endpoint(), absl::Seconds(2));
  const Borrower& patient = Acquire(server_.endpoint(), absl::Seconds(9));
  Advance(absl::Milliseconds(1'999));
  EXPECT_EQ(Answers(late), 0);
  Advance(absl::Milliseconds(1));
  AwaitAnswer(late);
  EXPECT_EQ(late.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(
      std::string(late.status.message()),
      HasSubstr("within 2s: 1 open and 0 being dialed to it, 1 in all"));
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 1 waiting");
  Return(first);
  AwaitAnswer(patient);
  EXPECT_TRUE(patient.status.ok());
  Advance(absl::Seconds(9));  // its deadline went with the answer
}

TEST_F(ConnectionPoolTest, WithoutTimeToWaitAnIdleOneIsLentAllTheSame) {
  MakePool();
  const UniqueFd idle = MakeIdle(server_);
  const Borrower& served = Acquire(server_.endpoint(), absl::ZeroDuration());
  const Borrower& refused = Acquire(server_.endpoint(), absl::Seconds(-1));
  AwaitAnswer(served);
  AwaitAnswer(refused);
  EXPECT_TRUE(served.status.ok()) << served.status;
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ConnectionPoolTest, BeyondTheMostThatMayWaitTheyAreRefused) {
  MakePool({.max_per_endpoint = 1, .max_waiting = 1});
  const UniqueFd idle = MakeIdle(other_);
  Borrower& lent = Borrow(server_.endpoint());
  const Borrower& waits = Acquire(server_.endpoint());
  const Borrower& refused = Acquire(server_.endpoint());
  const Borrower& idle_one = Acquire(other_.endpoint());
  AwaitAnswer(refused);
  AwaitAnswer(idle_one);
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("max_waiting"));
  EXPECT_TRUE(idle_one.status.ok()) << idle_one.status;
  Return(lent);
  AwaitAnswer(waits);
  EXPECT_TRUE(waits.status.ok());
}

TEST_F(ConnectionPoolTest, WithdrawnNobodyIsCalled) {
  MakePool({.max_total = 1, .max_waiting = 1});
  Borrower& lent = Borrow(server_.endpoint());
  Borrower& waits = Acquire(server_.endpoint());
  Borrower& refused = Acquire(server_.endpoint());
  On([&] {
    // The second is refused in a later turn than this.
    waits.request.Withdraw();
    refused.request.Withdraw();
  });
  EXPECT_EQ(State(), "0 idle, 1 lent, 0 dialing, 0 waiting");
  Return(lent);
  AwaitTurns();  // for what is not to come
  EXPECT_EQ(Answers(waits), 0);
  EXPECT_EQ(State(), kOneIdle);
}

TEST_F(ConnectionPoolTest, WithdrawingDestroysTheCallback) {
  MakePool();
  bool destroyed = false;
  On([&] {
    Request request = pool_->Acquire(
        server_.endpoint(), kForever,
        [owned = OnDestroy([&] { destroyed = true; })](const auto&) {});
    request.Withdraw();
    EXPECT_TRUE(destroyed);
    EXPECT_EQ(pool_->waiting(), 0u);
  });
  AwaitTurns();
  EXPECT_FALSE(server_.HasWaiting());
}

TEST_F(ConnectionPoolTest, ACallbackMayWithdrawOthers) {
  MakePool();
  Return(Borrow(server_.endpoint()));
  const Endpoint nobody = AbstractAddress();
  On([&] {
    for (const Endpoint& endpoint : {server_.endpoint(), nobody}) {
      const size_t second = borrowers_.size() + 1;
      Acquire(endpoint, kForever, [this, second](Borrower&) {
        borrowers_[second].request.Withdraw();
      });
      Acquire(endpoint);
    }
  });
  AwaitAnswer(borrowers_[1]);
  AwaitAnswer(borrowers_[3]);
  AwaitTurns();  // for what is not to come
  std::vector<int> answers;
  for (const Borrower& borrower : borrowers_) {
    answers.push_back(Answers(borrower));
  }
  EXPECT_THAT(answers, ElementsAre(1, 1, 0, 1, 0));
}

}  // namespace
}  // namespace rondo
