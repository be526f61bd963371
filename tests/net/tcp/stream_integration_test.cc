// The whole layer over loopback: what one stream can go through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/tcp/connection_table.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

// Neither repeats at the sizes of buffers nor compresses to a length.
std::string Pattern(size_t bytes) {
  std::string result(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) result[i] = i * 2'654'435'761u >> 13;
  return result;
}

class StreamIntegrationTest : public ServerFixture {
 protected:
  ~StreamIntegrationTest() override { server_.reset(); }

  std::atomic<uint64_t> server_received_ = 0;
};

// A line protocol must not care where TCP cuts.
TEST_F(StreamIntegrationTest, MessagesCutAtEveryByte) {
  Start(LoopbackOptions(1),
        {.on_message = [this](TcpConnection& c, Buffer& input) {
          while (const auto length = input.FindCrlf()) {
            c.Send("<" + input.Take(*length) + ">");
            input.Consume(2);
          }
          server_received_ = c.bytes_received();
        }});
  LoopbackClient client = Connect();
  const int on = 1;
  setsockopt(client.fd().get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const std::string request = "GET /\r\n\r\nHost: x\r\n";
  const std::string answer = "<GET /><><Host: x>";
  uint64_t sent = 0;
  for (size_t cut = 1; cut < request.size(); ++cut) {
    client.Send(request.substr(0, cut));
    sent += cut;
    AwaitTrue([&] { return server_received_ == sent; });
    client.Send(request.substr(cut));
    sent += request.size() - cut;
    ASSERT_EQ(client.Receive(answer.size()), answer) << "cut at " << cut;
  }
}

TEST_F(StreamIntegrationTest, ALargeTransferWithBackPressure) {
  constexpr size_t kHighWaterBytes = 1 << 20;
  std::atomic<size_t> most_queued = 0;
  std::atomic<int> pauses = 0;
  Start(LoopbackOptions(1),
        {.on_message =
             [&](TcpConnection& c, Buffer& input) {
               c.Send(input.view());
               input.Clear();
               most_queued = std::max(most_queued.load(), c.output_bytes());
               if (c.output_bytes() < kHighWaterBytes) return;
               c.PauseReading();
               ++pauses;
             },
         .on_write_complete = [](TcpConnection& c) { c.ResumeReading(); }});
  const std::string data = Pattern(Scaled(64 << 20));
  LoopbackClient client = Connect();
  std::thread sender([&] {
    EXPECT_TRUE(client.Send(data));
    client.ShutdownWrite();
  });
  // Reads only when the server has stopped for lack of room.
  AwaitTrue([&] { return pauses > 0; });
  const std::string received = client.ReceiveAll();
  sender.join();
  server_.reset();
  EXPECT_TRUE(received == data);
  EXPECT_LT(most_queued, kHighWaterBytes + ConnectionTable::kReadBlockBytes);
}

TEST_F(StreamIntegrationTest, ALargeAnswerFromMovedAndSharedBytes) {
  const auto shared = std::make_shared<const std::string>(Pattern(1 << 20));
  Start(LoopbackOptions(1), {.on_connect = [&](TcpConnection& c) {
          for (int i = 0; i < 8; ++i) {
            c.Send(shared);
            c.Send("between");
            c.Send(Pattern(100'000));
          }
          c.Close();
        }});
  std::string expected;
  for (int i = 0; i < 8; ++i)
    expected += *shared + "between" + Pattern(100'000);
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(
        [&] { EXPECT_TRUE(Connect().ReceiveAll() == expected); });
  }
  for (std::thread& client : clients) client.join();
  server_.reset();
  EXPECT_EQ(shared.use_count(), 1);
}

TEST_F(StreamIntegrationTest, AHalfClosedClientGetsItsWholeAnswer) {
  Start(LoopbackOptions(2));
  LoopbackClient client = Connect();
  const std::string data = Pattern(300'000);
  std::thread sender([&] {
    client.Send(data);
    client.ShutdownWrite();
  });
  EXPECT_TRUE(client.ReceiveAll() == data);
  sender.join();
}

TEST_F(StreamIntegrationTest, OneThatDoesNotReadDoesNotHoldUpOthers) {
  EventCount sent;
  Start(LoopbackOptions(1),
        {.on_message = [&](TcpConnection& c, Buffer& input) {
          const bool much = input.view() == "much";
          if (much) {
            c.Send(std::string(64 << 20, 'x'));
            sent.Add();
          } else {
            c.Send(input.view());
          }
          input.Clear();
        }});
  LoopbackClient deaf = Connect();
  deaf.Send("much");
  sent.Await(1);
  LoopbackClient other = Connect();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(other.Exchange("ping"), "ping");
  server_.reset();
}

// Every message goes to every client, on whichever loop it is.
TEST_F(StreamIntegrationTest, HandlesCarrySharedPayloadsBetweenLoops) {
  constexpr int kClients = 12;
  constexpr int kMessages = 50;
  constexpr size_t kMessageBytes = 2'000;
  std::mutex mu;
  std::vector<ConnectionHandle> members;
  EventCount connected;
  Start(LoopbackOptions(3),
        {.on_connect =
             [&](TcpConnection& c) {
               std::lock_guard lock(mu);
               members.push_back(c.handle());
               connected.Add();
             },
         .on_message =
             [&](TcpConnection&, Buffer& input) {
               while (input.readable_bytes() >= kMessageBytes) {
                 const auto payload = std::make_shared<const std::string>(
                     input.Take(kMessageBytes));
                 std::lock_guard lock(mu);
                 for (const auto& member : members) member.Send(payload);
               }
             }});
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      LoopbackClient client = Connect();
      connected.Await(kClients);
      std::thread sender([&] {
        for (int n = 0; n < kMessages; ++n) {
          client.Send(std::string(kMessageBytes, 'a' + i));
        }
      });
      const size_t bytes = kClients * kMessages * kMessageBytes;
      const std::string received = client.Receive(bytes);
      sender.join();
      EXPECT_EQ(received.size(), bytes);
      for (size_t at = 0; at < received.size(); at += kMessageBytes) {
        // A message is never torn by another.
        ASSERT_EQ(received[at], received[at + kMessageBytes - 1]);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  server_.reset();  // before what its callbacks use
}

}  // namespace
}  // namespace rondo
