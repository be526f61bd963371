#include "tests/testing/faulty_socket_calls.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/tcp/socket.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/seed.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using Fault = SocketFault;

const SocketFaultRates kAll = {
    {Fault::kShortRead, 0.1}, {Fault::kShortWrite, 0.1},  {Fault::kEintr, 0.1},
    {Fault::kEagain, 0.1},    {Fault::kEconnreset, 0.1},  {Fault::kEpipe, 0.1},
    {Fault::kEnobufs, 0.1},   {Fault::kEnomem, 0.1},      {Fault::kEmfile, 0.1},
    {Fault::kEnfile, 0.1},    {Fault::kEconnaborted, 0.1}};

constexpr SocketCall kCalls[] = {SocketCall::kAccept,  SocketCall::kPoll,
                                 SocketCall::kRecv,    SocketCall::kPeek,
                                 SocketCall::kRecvmsg, SocketCall::kSend};

// Of the first calls of every kind of a few sockets.
std::vector<SocketFate> Fates(const FaultySocketCalls& calls) {
  std::vector<SocketFate> fates;
  for (uint64_t socket = 0; socket < 10; ++socket) {
    for (const SocketCall call : kCalls) {
      for (uint64_t n = 0; n < 100; ++n) {
        fates.push_back(calls.Decide(socket, call, n));
      }
    }
  }
  return fates;
}

TEST(SocketFateTest, FollowsFromTheSeed) {
  const uint32_t seed = ChooseSeed();
  EXPECT_EQ(Fates(FaultySocketCalls(seed, kAll)),
            Fates(FaultySocketCalls(seed, kAll)));
  EXPECT_NE(Fates(FaultySocketCalls(seed, kAll)),
            Fates(FaultySocketCalls(seed + 1, kAll)));
}

TEST(SocketFateTest, DiffersBetweenSocketsCallsAndTimes) {
  const FaultySocketCalls calls(1, {{Fault::kEintr, 0.5}});
  std::set<std::vector<Fault>> sequences;
  for (uint64_t socket = 0; socket < 10; ++socket) {
    for (const SocketCall call : {SocketCall::kRecv, SocketCall::kSend}) {
      std::vector<Fault> sequence;
      for (uint64_t n = 0; n < 100; ++n) {
        sequence.push_back(calls.Decide(socket, call, n).fault);
      }
      sequences.insert(sequence);
    }
  }
  EXPECT_EQ(sequences.size(), 20u);
}

TEST(SocketFateTest, BefallsAsOftenAsAskedFor) {
  const FaultySocketCalls calls(1, {{Fault::kEintr, 0.25}});
  int interrupted = 0;
  for (uint64_t n = 0; n < 10'000; ++n) {
    interrupted += calls.Decide(0, SocketCall::kRecv, n).fault == Fault::kEintr;
  }
  // Of this one seed: it is no matter of luck.
  EXPECT_GT(interrupted, 2'300);
  EXPECT_LT(interrupted, 2'700);
}

TEST(SocketFateTest, IsOneThatCanBefallTheCall) {
  const FaultySocketCalls calls(1, kAll);
  std::map<SocketCall, std::set<Fault>> faults;
  for (const SocketCall call : kCalls) {
    for (uint64_t n = 0; n < 10'000; ++n) {
      faults[call].insert(calls.Decide(0, call, n).fault);
    }
    faults[call].erase(Fault::kNone);
  }
  using Faults = std::set<Fault>;
  EXPECT_EQ(
      faults[SocketCall::kAccept],
      (Faults{Fault::kEintr, Fault::kEagain, Fault::kEnobufs, Fault::kEnomem,
              Fault::kEmfile, Fault::kEnfile, Fault::kEconnaborted}));
  EXPECT_EQ(faults[SocketCall::kRecv],
            (Faults{Fault::kShortRead, Fault::kEintr, Fault::kEagain,
                    Fault::kEconnreset}));
  EXPECT_EQ(faults[SocketCall::kSend],
            (Faults{Fault::kShortWrite, Fault::kEintr, Fault::kEagain,
                    Fault::kEconnreset, Fault::kEpipe, Fault::kEnobufs}));
  EXPECT_EQ(faults[SocketCall::kPoll], Faults{Fault::kEintr});
  EXPECT_EQ(faults[SocketCall::kPeek], Faults{Fault::kEintr});
  EXPECT_EQ(faults[SocketCall::kRecvmsg],
            (Faults{Fault::kEintr, Fault::kEagain}));
}

TEST(SocketFateTest, ShortCallsAreOfAnySize) {
  const FaultySocketCalls calls(1, {{Fault::kShortRead, 1}});
  std::set<size_t> sizes;
  for (uint64_t n = 0; n < 10'000; ++n) {
    sizes.insert(calls.Decide(0, SocketCall::kRecv, n).max_bytes);
  }
  EXPECT_EQ(*sizes.begin(), 1u);
  EXPECT_TRUE(sizes.contains(2));
  EXPECT_GT(*sizes.rbegin(), 60'000u);
  EXPECT_LE(*sizes.rbegin(), 65'536u);
}

// --- What sockets see of it. -------------------------------------------------

class FaultySocketCallsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kSocketCallsReplaceable) GTEST_SKIP() << "compiled out";
  }

  IoResult Write(Socket& socket, size_t bytes = 100, int slices = 1) {
    const iovec two[] = {{block_, bytes / slices}, {block_, bytes / slices}};
    return socket.Write(two, slices);
  }
  IoResult Read(Socket& socket) { return socket.Read(block_, sizeof(block_)); }

  char block_[100'000] = {};
};

TEST_F(FaultySocketCallsTest, LetCallsThroughByDefault) {
  FaultySocketCalls calls(1, {});
  const ScopedSocketCalls scoped(&calls);
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  EXPECT_EQ(Write(socket, 100, 2).bytes, 100u);
  EXPECT_EQ(rondo::Read(pair.b).size(), 100u);
  rondo::Write(pair.b, "hello");
  EXPECT_EQ(Read(socket).bytes, 5u);
  EXPECT_EQ(Read(socket).error, EAGAIN);
  EXPECT_EQ(calls.Counts(), "");
}

TEST_F(FaultySocketCallsTest, CutReadsAndWritesShort) {
  FaultySocketCalls calls(1, {{Fault::kShortRead, 1}, {Fault::kShortWrite, 1}});
  const ScopedSocketCalls scoped(&calls);
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  for (const int slices : {1, 2}) {
    for (uint64_t n = 0; n < 20; ++n) {
      const uint64_t calls_before = (slices - 1) * 20 + n;
      const size_t most =
          calls.Decide(0, SocketCall::kSend, calls_before).max_bytes;
      EXPECT_EQ(Write(socket, 100, slices).bytes, std::min<size_t>(100, most));
      Drain(pair.b);
    }
  }
  rondo::Write(pair.b, std::string(4'096, 'x'));
  EXPECT_EQ(
      Read(socket).bytes,
      std::min<size_t>(4'096, calls.Decide(0, SocketCall::kRecv, 0).max_bytes));
  EXPECT_GT(calls.count(Fault::kShortWrite), 10u);
}

TEST_F(FaultySocketCallsTest, TreatPartsOfFilesAsTheyDoWrites) {
  const MemoryFile file = MakeSparseFile(100);
  FdPair pair = UnixPair();
  Socket socket(std::move(pair.a));
  {
    FaultySocketCalls calls(1, {{Fault::kShortWrite, 1}});
    const ScopedSocketCalls scoped(&calls);
    for (uint64_t n = 0; n < 20; ++n) {
      const size_t most = calls.Decide(0, SocketCall::kSend, n).max_bytes;
      EXPECT_EQ(socket.SendFile(file->get(), 0, 100).bytes,
                std::min<size_t>(100, most));
      Drain(pair.b);
    }
    EXPECT_GT(calls.count(Fault::kShortWrite), 5u);
  }
  FaultySocketCalls calls(1, {{Fault::kEpipe, 1}});
  const ScopedSocketCalls scoped(&calls);
  EXPECT_EQ(socket.SendFile(file->get(), 0, 100).error, EPIPE);
  EXPECT_EQ(calls.Counts(), "EPIPE 1");
}

TEST_F(FaultySocketCallsTest, FailCallsThatWouldHaveWorked) {
  for (const auto& [fault, error] :
       {std::pair(Fault::kEintr, EINTR), std::pair(Fault::kEagain, EAGAIN)}) {
    FaultySocketCalls calls(1, {{fault, 1}});
    const ScopedSocketCalls scoped(&calls);
    FdPair pair = UnixPair();
    Socket socket(std::move(pair.a));
    rondo::Write(pair.b, "hello");
    EXPECT_EQ(Read(socket).error, error);
    EXPECT_EQ(Write(socket).error, error);
    EXPECT_EQ(ReadErrno(pair.b), EAGAIN);  // nothing was written
    EXPECT_EQ(calls.Counts(), std::string(ToString(fault)) + " 2");
  }
}

TEST_F(FaultySocketCallsTest, AConnectionThatEndedStaysSo) {
  for (const FdPair& made : {TcpPair(), UnixPair()}) {
    FaultySocketCalls calls(1, {{Fault::kEconnreset, 1}});
    const ScopedSocketCalls scoped(&calls);
    Socket socket(UniqueFd(dup(made.a.get())));
    EXPECT_EQ(Read(socket).error, ECONNRESET);
    EXPECT_EQ(Read(socket).error, ECONNRESET);
    EXPECT_EQ(Write(socket).error, EPIPE);
    EXPECT_EQ(socket.PeekInput(), Pending::kError);
    EXPECT_EQ(calls.Counts(), "ECONNRESET 1");
    // Pollers see it here, and the peer there.
    pollfd watched = {.fd = socket.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&watched, 1, 0), 1);
    EXPECT_NE(watched.revents & POLLHUP, 0);
    watched = {.fd = made.b.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&watched, 1, 60'000), 1);
  }
}

TEST_F(FaultySocketCallsTest, AResetReachesThePeer) {
  FaultySocketCalls calls(1, {{Fault::kEpipe, 1}});
  const ScopedSocketCalls scoped(&calls);
  FdPair pair = TcpPair();
  Socket socket(std::move(pair.a));
  EXPECT_EQ(Write(socket).error, EPIPE);
  EXPECT_EQ(Read(socket).error, ECONNRESET);
  pollfd watched = {.fd = pair.b.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);
  EXPECT_EQ(ReadErrno(pair.b), ECONNRESET);
}

TEST_F(FaultySocketCallsTest, TheNextSocketWithTheNumberIsAnotherOne) {
  FaultySocketCalls calls(1, {{Fault::kEconnreset, 1}});
  FdPair pair = UnixPair();
  const int number = pair.a.get();
  {
    const ScopedSocketCalls scoped(&calls);
    Socket socket(std::move(pair.a));
    EXPECT_EQ(Read(socket).error, ECONNRESET);
  }
  pair = UnixPair();
  ASSERT_EQ(pair.a.get(), number);
  const ScopedSocketCalls scoped(&calls);
  Socket socket(std::move(pair.a));
  EXPECT_EQ(socket.PeekInput(), Pending::kNothing);
}

// --- Accepting. --------------------------------------------------------------

class FaultyAcceptTest : public FaultySocketCallsTest {
 protected:
  void SetUp() override {
    FaultySocketCallsTest::SetUp();
    listener_ = *Socket::Listen(*InetAddress::Parse("127.0.0.1:0"), {});
  }

  LoopbackClient Connect() {
    LoopbackClient client(*listener_.LocalAddress());
    pollfd watched = {.fd = listener_.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&watched, 1, 60'000), 1);
    return client;
  }

  Socket listener_;
};

TEST_F(FaultyAcceptTest, WhatTheMachineLacksCostsNoConnection) {
  const LoopbackClient client = Connect();
  for (const auto& [fault, error] :
       {std::pair(Fault::kEmfile, EMFILE), std::pair(Fault::kEnfile, ENFILE),
        std::pair(Fault::kEnobufs, ENOBUFS), std::pair(Fault::kEnomem, ENOMEM),
        std::pair(Fault::kEagain, EAGAIN)}) {
    FaultySocketCalls calls(1, {{fault, 1}});
    const ScopedSocketCalls scoped(&calls);
    EXPECT_EQ(listener_.Accept().error, error);
    EXPECT_EQ(calls.count(fault), 1u);
    EXPECT_TRUE(listener_.HasWaiting());
  }
  EXPECT_EQ(listener_.Accept().error, 0);
}

TEST_F(FaultyAcceptTest, AnAbortedConnectionIsGone) {
  LoopbackClient client = Connect();
  FaultySocketCalls calls(1, {{Fault::kEconnaborted, 1}});
  const ScopedSocketCalls scoped(&calls);
  EXPECT_EQ(listener_.Accept().error, ECONNABORTED);
  EXPECT_FALSE(listener_.HasWaiting());
  EXPECT_EQ(client.AwaitEnd(), LoopbackClient::End::kFin);
  EXPECT_EQ(calls.count(Fault::kEconnaborted), 1u);
  // Where nothing waits, nothing is aborted.
  EXPECT_EQ(listener_.Accept().error, EAGAIN);
  EXPECT_EQ(calls.count(Fault::kEconnaborted), 1u);
}

TEST_F(FaultyAcceptTest, AnInterruptedLookAtWhatWaitsIsRepeated) {
  const LoopbackClient client = Connect();
  FaultySocketCalls calls(1, {{Fault::kEintr, 0.5}});
  const ScopedSocketCalls scoped(&calls);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(listener_.HasWaiting());
  EXPECT_GT(calls.count(Fault::kEintr), 10);
}

// What becomes of the first reads of two accepted sockets.
std::vector<int> ErrorsOf(std::pair<Socket, Socket>& accepted, bool swapped) {
  char byte;
  std::vector<int> first;
  std::vector<int> second;
  for (int i = 0; i < 50; ++i) {
    if (swapped) second.push_back(accepted.second.Read(&byte, 1).error);
    first.push_back(accepted.first.Read(&byte, 1).error);
    if (!swapped) second.push_back(accepted.second.Read(&byte, 1).error);
  }
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST_F(FaultyAcceptTest, FatesDoNotDependOnWhatOtherSocketsDo) {
  const uint32_t seed = ChooseSeed();
  const auto run = [this, seed](bool swapped) {
    const LoopbackClient one = Connect();
    const LoopbackClient two = Connect();
    FaultySocketCalls calls(seed, {{Fault::kEintr, 0.5}});
    const ScopedSocketCalls scoped(&calls);
    const auto accept = [this] {
      Socket::Accepted accepted;
      do {
        accepted = listener_.Accept();
      } while (accepted.error == EINTR || accepted.error == EAGAIN);
      return std::move(accepted.socket);
    };
    auto first = accept();
    // Meanwhile somebody uses another socket for the first time.
    if (swapped) Socket(UnixPair().a).PeekInput();
    std::pair accepted(std::move(first), accept());
    return ErrorsOf(accepted, swapped);
  };
  EXPECT_EQ(run(false), run(true));
}

}  // namespace
}  // namespace rondo
