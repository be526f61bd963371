#include "net/tcp/takeover_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/unique_fd.h"
#include "net/tcp/fd_passing.h"
#include "net/tcp/socket_calls.h"
#include "net/tcp/takeover_listener.h"
#include "net/tcp/takeover_protocol.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/faulty_socket_calls.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/loops.h"
#include "tests/testing/seed.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Nothing takes that long.
constexpr absl::Duration kPatience = absl::Minutes(1);

// Both processes are this one here. A generation: what it has, and a loop on
// which it waits for the next.
class Generation {
 public:
  Generation(const std::string& path, std::vector<Socket> listeners,
             Socket control = {})
      : listeners_(std::move(listeners)) {
    auto waiting =
        TakeoverListener::Create(loop_.get(), path, std::move(control),
                                 {.listeners = [this] { return Fds(); },
                                  .on_taken = [this] { ++times_taken_; }});
    CHECK(waiting.ok()) << waiting.status();
    waiting_ = *std::move(waiting);
    thread_.emplace(NewThread("generation", [this] { loop_->Run(); }));
  }
  ~Generation() {
    loop_->RunAndWait([this] { waiting_.reset(); });
    loop_->Stop();
  }

  // After what was sent to it so far has been heard.
  int times_taken() const { return times_taken_; }

  std::vector<Socket>& listeners() { return listeners_; }

 private:
  std::vector<int> Fds() const {
    std::vector<int> fds;
    for (const Socket& socket : listeners_) fds.push_back(socket.fd());
    return fds;
  }

  std::unique_ptr<EventLoop> loop_ = NewLoop();
  std::vector<Socket> listeners_;
  std::unique_ptr<TakeoverListener> waiting_;
  std::atomic<int> times_taken_ = 0;
  std::optional<Thread> thread_;  // last: joined first
};

std::vector<Socket> Listeners(int count) {
  std::vector<Socket> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back(*Socket::Listen(AbstractAddress(), {}));
  }
  return sockets;
}

std::vector<std::string> Addresses(const std::vector<Socket>& sockets) {
  std::vector<std::string> addresses;
  for (const Socket& socket : sockets) {
    addresses.push_back(socket.LocalAddress()->ToString());
  }
  return addresses;
}

class TakeoverRequestTest : public ::testing::Test {
 protected:
  ~TakeoverRequestTest() override { unlink(path_.c_str()); }

  // Fails the test if nothing comes of it.
  std::optional<TakeoverRequest> Ask() {
    auto request = TakeoverRequest::Send(path_, kPatience);
    EXPECT_TRUE(request.ok()) << request.status();
    if (!request.ok()) return std::nullopt;
    return *std::move(request);
  }

  // Why nothing comes of it; the path must be named.
  absl::Status WhyNot(absl::Duration timeout = kPatience) {
    const auto request = TakeoverRequest::Send(path_, timeout);
    EXPECT_FALSE(request.ok());
    EXPECT_THAT(std::string(request.status().message()), HasSubstr(path_));
    return request.status();
  }

  const InetAddress address_ = UnixAddress("generations");
  const std::string path_ = address_.unix_path();
};

TEST_F(TakeoverRequestTest, TheFirstProcessFindsNobody) {
  EXPECT_TRUE(absl::IsNotFound(WhyNot()));
  { const Socket gone = *Socket::Listen(address_, {}); }
  EXPECT_TRUE(absl::IsNotFound(WhyNot()));  // a stale file
}

TEST_F(TakeoverRequestTest, TheNewProcessGetsTheListenersInOrder) {
  Generation old(path_, Listeners(3));
  auto request = Ask();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(Addresses(request->TakeListeners()), Addresses(old.listeners()));
  EXPECT_EQ(request->TakeControl().LocalAddress()->ToString(),
            address_.ToString());
}

TEST_F(TakeoverRequestTest, WhoWaitsToBeAcceptedIsAcceptedByTheNewProcess) {
  std::optional<Generation> old(std::in_place, path_, Listeners(1));
  LoopbackClient client(*old->listeners()[0].LocalAddress());
  client.Send("hello");
  auto request = Ask();
  ASSERT_TRUE(request.has_value());
  std::vector<Socket> listeners = request->TakeListeners();
  EXPECT_TRUE(request->Confirm().ok());
  old.reset();
  Socket::Accepted accepted = listeners[0].Accept();
  ASSERT_EQ(accepted.error, 0);
  char block[8];
  EXPECT_EQ(accepted.socket.Read(block, sizeof(block)).bytes, 5u);
}

TEST_F(TakeoverRequestTest, TheOldProcessIsToldOnceTheNewOneAccepts) {
  Generation old(path_, Listeners(1));
  auto request = Ask();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(old.times_taken(), 0);
  EXPECT_TRUE(request->Confirm().ok());
  EXPECT_EQ(old.times_taken(), 1);
}

TEST_F(TakeoverRequestTest, ANewProcessThatDiesIsAsIfItHadNotAsked) {
  Generation old(path_, Listeners(1));
  for (int i = 0; i < 3; ++i) Ask();
  EXPECT_EQ(old.times_taken(), 0);
  EXPECT_EQ(old.listeners()[0].Accept().error, EAGAIN);  // open
  auto request = Ask();
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->Confirm().ok());
  EXPECT_EQ(old.times_taken(), 1);
}

TEST_F(TakeoverRequestTest, GoesOnFromGenerationToGeneration) {
  auto old = std::make_unique<Generation>(path_, Listeners(2));
  const auto addresses = Addresses(old->listeners());
  for (int generation = 0; generation < 3; ++generation) {
    auto request = Ask();
    ASSERT_TRUE(request.has_value());
    std::vector<Socket> listeners = request->TakeListeners();
    EXPECT_EQ(Addresses(listeners), addresses);
    EXPECT_TRUE(request->Confirm().ok());
    auto next = std::make_unique<Generation>(path_, std::move(listeners),
                                             request->TakeControl());
    EXPECT_EQ(old->times_taken(), 1);
    old = std::move(next);
  }
  old.reset();
  EXPECT_TRUE(absl::IsNotFound(WhyNot()));
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(TakeoverRequestTest, WhoAsksBetweenGenerationsIsServedByTheNext) {
  auto old = std::make_unique<Generation>(path_, Listeners(1));
  auto request = Ask();
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->Confirm().ok());
  old.reset();
  // Nobody accepts here yet; the socket does.
  LoopbackClient early(address_);
  early.Send(kTakeoverRequest);
  const Generation next(path_, request->TakeListeners(),
                        request->TakeControl());
  EXPECT_EQ(early.Receive(kTakeoverAnswerBytes),
            TakeoverAnswer{.descriptors = 2}.Encode());
}

TEST_F(TakeoverRequestTest, HandsOverManyListeners) {
  AllowDescriptors(1'200);
  for (const int count : {100, 252, 253, 300}) {  // 253 fit into a message
    const Generation old(path_, Listeners(count));
    auto request = Ask();
    ASSERT_TRUE(request.has_value());
    EXPECT_THAT(request->TakeListeners(), SizeIs(count));
    EXPECT_TRUE(request->Confirm().ok());
    EXPECT_EQ(old.times_taken(), 1);
    unlink(path_.c_str());
  }
}

TEST_F(TakeoverRequestTest, CallsThatAreInterruptedAreTriedAgain) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  ForEachSeed(20, [this](uint32_t seed) {
    FaultySocketCalls calls(seed, {{SocketFault::kEintr, 0.3}});
    const ScopedSocketCalls scoped(&calls);
    const Generation old(path_, Listeners(2));
    auto request = Ask();
    ASSERT_TRUE(request.has_value());
    EXPECT_THAT(request->TakeListeners(), SizeIs(2));
    EXPECT_TRUE(request->Confirm().ok());
    EXPECT_EQ(old.times_taken(), 1);
    unlink(path_.c_str());
  });
}

// --- Old processes that do something else. -----------------------------------

// The old process's side, played between the new one's calls: it answers each
// message that the new one sends with the next of `answers`.
class PlayedOldProcess final : public SocketCalls {
 public:
  using Answer = std::function<void(Socket& to)>;

  PlayedOldProcess(const InetAddress& address, std::vector<Answer> answers)
      : control_(*Socket::Listen(address, {})), answers_(std::move(answers)) {}

  const Socket& control() const { return control_; }

  ssize_t Sendmsg(int fd, const msghdr* message, int flags) override {
    const ssize_t n = SocketCalls::Sendmsg(fd, message, flags);
    if (answering_ || next_ == answers_.size()) return n;
    answering_ = true;
    if (!peer_.valid()) peer_ = std::move(control_.Accept().socket);
    answers_[next_++](peer_);
    answering_ = false;
    return n;
  }

 private:
  Socket control_;
  Socket peer_;
  std::vector<Answer> answers_;
  size_t next_ = 0;
  bool answering_ = false;
};

class TakeoverFromOthersTest : public TakeoverRequestTest {
 protected:
  using Answer = PlayedOldProcess::Answer;

  void SetUp() override {
    if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  }

  void Play(std::vector<Answer> answers) {
    scoped_.reset();
    old_.emplace(address_, std::move(answers));
    scoped_.emplace(&*old_);
  }

  Answer Say(std::string bytes, size_t fds = 0) {
    return [this, bytes, fds](Socket& to) {
      const std::vector<int> sent(fds, old_->control().fd());
      SendFds(to, bytes, sent);
    };
  }
  // A good answer with the control socket and one more.
  Answer Offer() { return Say(Announce(2), 2); }

  static std::string Announce(size_t fds) {
    return TakeoverAnswer{.descriptors = fds}.Encode();
  }
  static void HangUp(Socket& to) { to.Close(); }
  static Answer Both(Answer one, Answer two) {
    return [one, two](Socket& to) {
      one(to);
      two(to);
    };
  }

  std::optional<PlayedOldProcess> old_;
  std::optional<ScopedSocketCalls> scoped_;
};

TEST_F(TakeoverFromOthersTest, OneThatHangsUpCanBeAskedAgain) {
  const auto ends = {Answer(HangUp), Both(Say("RTO"), HangUp),
                     Both(Say(Announce(2), 1), HangUp),
                     Both(Say(Announce(2), 1), Say("W"))};
  for (const Answer& end : ends) {
    Play({end});
    EXPECT_TRUE(absl::IsUnavailable(WhyNot()));
  }
}

TEST_F(TakeoverFromOthersTest, AnotherProgramIsNotTakenOver) {
  Play({Say("HTTP/1.1 400")});
  EXPECT_THAT(std::string(WhyNot().message()), HasSubstr("another path"));
  Play({Say(std::string("RTO\2V\0\0\0", 8))});
  EXPECT_TRUE(absl::IsFailedPrecondition(WhyNot()));
  Play({Say(Announce(1), 2)});
  EXPECT_TRUE(absl::IsFailedPrecondition(WhyNot()));
}

TEST_F(TakeoverFromOthersTest, OneThatSaysNothingIsNotAwaitedForEver) {
  Play({});
  EXPECT_TRUE(absl::IsDeadlineExceeded(WhyNot(absl::Milliseconds(1))));
  Play({Say(Announce(2), 1)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(WhyNot(absl::Milliseconds(1))));
}

TEST_F(TakeoverFromOthersTest, RefusalsAreToldApart) {
  Play({Say(std::string("RTO\1U\0\0\0", 8))});
  EXPECT_TRUE(absl::IsPermissionDenied(WhyNot()));
}

TEST_F(TakeoverFromOthersTest, WhatDoesNotListenIsRefused) {
  const FdPair pair = UnixPair();
  Play({[&pair](Socket& to) {
    const int fd = pair.a.get();
    SendFds(to, Announce(1), {&fd, 1});
  }});
  EXPECT_TRUE(absl::IsInvalidArgument(WhyNot()));
}

TEST_F(TakeoverFromOthersTest, OutOfDescriptors) {
  std::optional<DescriptorFamine> famine;
  Play({Both(Offer(), [&famine](Socket&) { famine.emplace(); })});
  const absl::Status status = WhyNot();
  famine.reset();
  EXPECT_TRUE(absl::IsResourceExhausted(status));
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

TEST_F(TakeoverFromOthersTest, AnotherUsersSocketsAreNotTaken) {
  const Socket theirs = *Socket::Listen(address_, {});
  OtherUser other;
  const ScopedSocketCalls scoped(&other);
  EXPECT_TRUE(absl::IsPermissionDenied(WhyNot()));
}

TEST_F(TakeoverFromOthersTest, ConfirmTellsWhatTheOldProcessDid) {
  struct Case {
    std::string what;
    std::vector<Answer> answers;
    absl::StatusCode code;
  };
  const Case cases[] = {
      {"done", {Offer(), Say("D")}, absl::StatusCode::kOk},
      // Dead, before or after it was told: this one is the only one.
      {"died before", {Both(Offer(), HangUp)}, absl::StatusCode::kOk},
      {"died after", {Offer(), HangUp}, absl::StatusCode::kOk},
      {"withdrew before",
       {Both(Offer(), Both(Say("W"), HangUp))},
       absl::StatusCode::kFailedPrecondition},
      {"withdrew instead",
       {Offer(), Both(Say("W"), HangUp)},
       absl::StatusCode::kFailedPrecondition},
      {"says nothing", {Offer()}, absl::StatusCode::kDeadlineExceeded},
  };
  for (const Case& c : cases) {
    Play(c.answers);
    // What is said is there at once, so the time is only for what is not.
    auto request = TakeoverRequest::Send(path_, absl::Milliseconds(1));
    ASSERT_TRUE(request.ok()) << c.what << ": " << request.status();
    EXPECT_THAT(request->TakeListeners(), SizeIs(1)) << c.what;
    EXPECT_EQ(request->Confirm().code(), c.code) << c.what;
  }
}

}  // namespace
}  // namespace rondo
