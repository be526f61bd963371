// What messages and connections cost in memory.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/tcp/connection_table.h"
#include "net/tcp/tcp_connection.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/tcp/allocation_counter.h"
#include "tests/testing/loops.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr int kWarmUp = 100;
constexpr int kMessages = 1'000;

class AllocationTest : public ::testing::Test {
 protected:
  using Reply = std::function<void(TcpConnection&, Buffer&)>;

  // Has the server's side of a connection and a client play ping-pong on one
  // thread; returns how many allocations the messages after the first ones
  // have taken.
  size_t AllocationsOfEcho(std::string_view message, const Reply& reply) {
    int replies = 0;
    size_t before = 0;
    size_t after = 0;
    Adopt({.on_message = [&reply](TcpConnection& c,
                                  Buffer& input) { reply(c, input); },
           .on_write_complete =
               [&](TcpConnection&) {
                 EXPECT_TRUE(ReceiveReply(message));
                 if (++replies == kWarmUp) before = Count();
                 if (replies < kWarmUp + kMessages) return Ping(message);
                 after = Count();
                 loop_.Stop();
               }});
    Ping(message);
    loop_.Run();
    return after - before;
  }

  void Adopt(ConnectionCallbacks callbacks) {
    const auto group =
        std::make_shared<ConnectionGroup>(std::move(callbacks), 1);
    table_.Adopt(std::make_unique<TcpConnection>(
        &table_, std::make_unique<Transport>(Socket(std::move(pair_.a))),
        InetAddress(), ConnectionMembership(group, 0)));
  }

  static size_t Count() { return AllocationsOfThisThread().count; }

  void Ping(std::string_view message) {
    send(pair_.b.get(), message.data(), message.size(), MSG_NOSIGNAL);
  }

  bool ReceiveReply(std::string_view message) {
    char block[8 * 1'024];
    const ssize_t n = recv(pair_.b.get(), block, sizeof(block), 0);
    return n > 0 && std::string_view(block, n) == message;
  }

  const std::unique_ptr<EventLoop> owned_loop_ = NewLoop();
  EventLoop& loop_ = *owned_loop_;
  ConnectionTable& table_ = loop_.Local<ConnectionTable>();
  FdPair pair_ = UnixPair();
};

void EchoView(TcpConnection& c, Buffer& input) {
  c.Send(input.view());
  input.Clear();
}

TEST_F(AllocationTest, AnEchoedMessageTakesNone) {
  EXPECT_EQ(AllocationsOfEcho("a message", EchoView), 0u);
}

TEST_F(AllocationTest, AnEchoedMessageOfSeveralSendsTakesNone) {
  EXPECT_EQ(AllocationsOfEcho("a message",
                              [](TcpConnection& c, Buffer& input) {
                                c.Send(input.view().substr(0, 4));
                                c.Send(input.view().substr(4));
                                input.Clear();
                              }),
            0u);
}

TEST_F(AllocationTest, AnEchoedMessageOfSomeKilobytesTakesNone) {
  const std::string message(4'000, 'x');
  EXPECT_EQ(AllocationsOfEcho(message, EchoView), 0u);
}

TEST_F(AllocationTest, ASharedPayloadTakesNone) {
  static const auto& payload = *new std::shared_ptr<const std::string>(
      std::make_shared<const std::string>(2'000, 'x'));
  EXPECT_EQ(AllocationsOfEcho(*payload,
                              [](TcpConnection& c, Buffer& input) {
                                input.Clear();
                                c.Send(payload);
                              }),
            0u);
}

TEST_F(AllocationTest, AHeadAndAFileTakeNone) {
  const MemoryFile file = MakeFile(" and a file");
  EXPECT_EQ(AllocationsOfEcho("a head and a file",
                              [&](TcpConnection& c, Buffer& input) {
                                c.Send(input.view().substr(0, 6));
                                c.SendFile(file, 0, 11);
                                input.Clear();
                              }),
            0u);
}

TEST_F(AllocationTest, AMovedStringTakesNoneOfItsOwn) {
  const std::string message(2'000, 'x');
  // Take()'s, where the library's strings are counted as well.
  EXPECT_LE(AllocationsOfEcho(message,
                              [](TcpConnection& c, Buffer& input) {
                                c.Send(input.Take(input.readable_bytes()));
                              }),
            size_t{kMessages});
}

TEST_F(AllocationTest, AnIdleConnectionTakesFewBytes) {
  constexpr size_t kMaxBytes = 600;
  constexpr int kConnections = 1'000;
  const auto group = std::make_shared<ConnectionGroup>(
      ConnectionCallbacks{.on_message = EchoView}, 1);
  std::vector<FdPair> pairs(kConnections);
  for (FdPair& pair : pairs) pair = UnixPair();
  const size_t before = AllocationsOfThisThread().bytes;
  for (FdPair& pair : pairs) {
    table_.Adopt(std::make_unique<TcpConnection>(
        &table_, std::make_unique<Transport>(Socket(std::move(pair.a))),
        InetAddress(), ConnectionMembership(group, 0)));
  }
  const size_t opened = AllocationsOfThisThread().bytes;
  // Of what vectors of channels and connections have outgrown, too.
  EXPECT_LT((opened - before) / kConnections, kMaxBytes);
}

TEST_F(AllocationTest, AServerOfTooManyThreadsIsRefusedBeforeItTakesMuch) {
  const size_t before = AllocationsOfThisThread().bytes;
  TcpServer server(
      &loop_,
      {.listen = {*InetAddress::Parse("127.0.0.1:0")}, .threads = 10'000'000},
      {});
  EXPECT_FALSE(server.Start().ok());
  EXPECT_LT(AllocationsOfThisThread().bytes - before, size_t{1 << 20});
}

}  // namespace
}  // namespace rondo
