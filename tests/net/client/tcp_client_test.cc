// Connecting, and all that ends it. See tcp_client_retry_test.cc for failures
// and losses.
#include "net/client/tcp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/net/client/tcp_client_fixture.h"
#include "tests/net/tcp/addresses.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using TcpClientTest = TcpClientFixture;

void Write(Socket& socket, const char* text) {
  const iovec bytes = {const_cast<char*>(text), strlen(text)};
  EXPECT_EQ(socket.Write(&bytes, 1).bytes, bytes.iov_len);
}

std::string Read(Socket& socket) {
  char block[8];
  AwaitInput(socket.fd());
  return std::string(block, socket.Read(block, sizeof(block)).bytes);
}

// --- Connecting. -------------------------------------------------------------

TEST_F(TcpClientTest, ConnectsAndTalks) {
  Make(To(server_.address()));
  Socket peer;
  std::string got;
  Run(
      Connect(), Connects(),
      [&] {
        peer = server_.Accept();
        client_->connection().Send("ping");
      },
      [] {},  // in which it is sent
      [&] {
        got = Read(peer);
        Write(peer, "pong");
      },
      Until([&] { return input_.size() == 4; }));
  EXPECT_EQ(connects_, 1);
  EXPECT_EQ(got, "ping");
  EXPECT_EQ(input_, "pong");
}

TEST_F(TcpClientTest, ConnectsOverAUnixSocket) {
  const ListeningSocket server(AbstractAddress());
  Make(To(server.address()));
  Run(Connect(), Connects());
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, ConnectsOnceHoweverOftenItIsAsked) {
  Make(To(server_.address()));
  Run(
      [this] {
        client_->Connect();
        client_->Connect();
      },
      Connects(), Connect());
  EXPECT_EQ(connects_, 1);
  server_.Accept();
  EXPECT_FALSE(server_.HasWaiting());
}

TEST_F(TcpClientTest, IsAskedBeforeTheLoopRuns) {
  Make(To(server_.address()));
  client_->Connect();
  Run(Connects());
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, HasNoConnectionBeforeAndNoOpenOneAfter) {
  Make(To(server_.address()));
  EXPECT_FALSE(client_->connection().Send("too early"));
  Run(Connect(), Connects(), [this] {
    EXPECT_FALSE(client_->connection().closed());
    client_->Stop();
    EXPECT_TRUE(client_->connection().closed());
  });
}

// --- Disconnecting and stopping. ---------------------------------------------

TEST_F(TcpClientTest, DisconnectSendsWhatIsQueued) {
  Make(ToAgain(server_.address()));
  std::string got;
  Run(
      Connect(), Connects(),
      [&] {
        client_->connection().local()->Send("bye");
        client_->Disconnect();
      },
      Closes(),
      [&] {
        Socket peer = server_.Accept();
        got = Read(peer);
        clock_.Advance(absl::Hours(1));
      });
  EXPECT_EQ(got, "bye");
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLocalClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, DisconnectEndsAttempts) {
  Make(To(nobody_.address()));
  Run(
      [this] {
        client_->Connect();
        client_->Disconnect();  // while it connects
      },
      [] {}, [] {}, [this] { EXPECT_THAT(failures_, IsEmpty()); }, Connect(),
      Failures(),
      [this] {
        client_->Disconnect();  // while it waits
        clock_.Advance(absl::Hours(1));
      });
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(TcpClientTest, ConnectAfterDisconnectMakesANewConnection) {
  Make(To(server_.address()));
  Run(
      Connect(), Connects(),
      [this] {
        client_->Disconnect();
        client_->Connect();
      },
      Connects(2));
  EXPECT_THAT(closes_,
              ElementsAre(CloseReason::kLocalClosed, CloseReason::kLoopEnded));
  EXPECT_EQ(connects_, 2);
}

TEST_F(TcpClientTest, StopEndsTheConnectionForGood) {
  Make(ToAgain(server_.address()));
  Run(Connect(), Connects(), [this] {
    client_->Stop();
    client_->Stop();
    client_->Connect();
    clock_.Advance(absl::Hours(1));
  });
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kForceClosed));
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, ALoopThatEndsEndsTheConnection) {
  Make(To(server_.address()));
  Run(Connect(), Connects());
  EXPECT_THAT(closes_, ElementsAre(CloseReason::kLoopEnded));
}

// --- Destroyed by its own callbacks. -----------------------------------------

TEST_F(TcpClientTest, MayBeDestroyedByOnConnect) {
  Make(To(server_.address()));
  at_connect_ = Destroy();
  Run(Connect(), Connects());
  EXPECT_EQ(connects_, 1);
  EXPECT_THAT(closes_, IsEmpty());
  Socket peer = server_.Accept();
  EXPECT_TRUE(AwaitInput(peer.fd()));
  char byte;
  EXPECT_EQ(peer.Read(&byte, 1).error, 0);  // FIN
}

TEST_F(TcpClientTest, MayBeDestroyedByOnMessage) {
  Make(To(server_.address()));
  at_message_ = Destroy();
  Socket peer;
  Run(
      Connect(), Connects(),
      [&] {
        peer = server_.Accept();
        Write(peer, "hello");
      },
      Until([this] { return !input_.empty(); }));
  EXPECT_EQ(input_, "hello");
  EXPECT_THAT(closes_, IsEmpty());
}

TEST_F(TcpClientTest, MayBeDestroyedByOnClose) {
  Make(ToAgain(server_.address()));
  at_close_ = Destroy();
  Run(Connect(), Connects(), HangUp(), Closes(), Advance(absl::Hours(1)));
  EXPECT_EQ(closes_.size(), 1u);
  EXPECT_EQ(connects_, 1);
}

TEST_F(TcpClientTest, MayBeDestroyedByItsFailure) {
  Make(To(nobody_.address()));
  at_failure_ = Destroy();
  Run(Connect(), Failures(), Advance(absl::Hours(1)));
  EXPECT_EQ(failures_.size(), 1u);
}

}  // namespace
}  // namespace rondo
