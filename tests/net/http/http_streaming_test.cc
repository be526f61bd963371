// Bodies that come and go piece by piece, and wait for who is slower.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

using End = LoopbackClient::End;

constexpr size_t kLarge = 96 << 20;  // more than the kernel keeps
constexpr std::string_view kTextLine =
    "Content-Type: text/plain; charset=utf-8\r\n";

class HttpStreamingTest : public HttpServerFixture {
 protected:
  ~HttpStreamingTest() override { Stop(); }

  // Writes while there is room, in pieces that differ, up to kLarge.
  HttpHandler LargeAnswer(std::optional<uint64_t> length) {
    return [this, length](const HttpRequest&, ResponseWriter& writer) {
      writer.Begin(HttpStatus::kOk, kTextType, length);
      writer.OnRoom([this](ResponseWriter& w) {
        const std::string piece(10'000, 'x');
        while (!w.is_sated() && written_ < kLarge) {
          const size_t bytes =
              std::min<size_t>(kLarge - written_, 1 + written_ % piece.size());
          w.Write(std::string_view(piece).substr(0, bytes));
          written_ += bytes;
        }
        if (written_ == kLarge) w.End();
        sated_ = w.is_sated();
      });
    };
  }

  // Receives so many bytes.
  static size_t Drop(LoopbackClient& client, size_t bytes) {
    size_t dropped = 0;
    while (dropped < bytes) {
      const std::string some =
          client.Receive(std::min<size_t>(bytes - dropped, 1 << 20));
      if (some.empty()) break;
      dropped += some.size();
    }
    return dropped;
  }

  std::atomic<size_t> written_{0};
  std::atomic<size_t> read_{0};
  std::atomic<bool> sated_{false};
};

// --- Answers. ----------------------------------------------------------------

TEST_F(HttpStreamingTest, AnAnswerOfUnknownLengthIsChunkedRfc9112_7_1) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kCreated, "text/html");
    EXPECT_TRUE(writer.Write("hello, "));
    EXPECT_TRUE(writer.Write(""));  // not the last chunk
    EXPECT_TRUE(writer.Write("my whole wide world"));
    writer.End();
  }).Start();
  EXPECT_EQ(Ask(Request("GET /s") + LastRequest()),
            "HTTP/1.1 201 Created\r\nContent-Type: text/html\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "7\r\nhello, \r\n13\r\nmy whole wide world\r\n0\r\n\r\n" +
                LastOk("hello"));
}

TEST_F(HttpStreamingTest, AnAnswerOfKnownLengthIsNot) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 5);
    writer.Write("he");
    writer.Write("llo");
    writer.End();
  }).Start();
  EXPECT_EQ(Ask(Request("GET /s") + LastRequest("GET /s")),
            Ok("hello") + LastOk("hello"));
}

TEST_F(HttpStreamingTest, MoreThanWasAnnouncedIsCutOff) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 5);
    writer.Write("hello, world");
    writer.End();
  }).Start();
  EXPECT_EQ(Ask(Request("GET /s") + LastRequest()),
            Ok("hello") + LastOk("hello"));
}

TEST_F(HttpStreamingTest, LessThanWasAnnouncedEndsThere) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 5);
    writer.Write("hell");
    writer.End();
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /s") + Request("GET /"));
  EXPECT_THAT(client.ReceiveAll(), EndsWith("\r\n\r\nhell"));
}

TEST_F(HttpStreamingTest, TrailersStandBehindTheChunksRfc9112_7_1_2) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    EXPECT_TRUE(writer.AddField("Trailer", "X-Sum"));
    writer.Begin(HttpStatus::kOk);
    writer.Write("x");
    EXPECT_TRUE(writer.AddField("X-Sum", "1"));
    EXPECT_FALSE(writer.AddField("X-Sum", "1\r\n\r\nHTTP/1.1 200 OK"));
    EXPECT_FALSE(writer.AddField("Set-Cookie", "a=b"));  // of heads only
    writer.End();
  }).Start();
  EXPECT_EQ(Ask(LastRequest("GET /s")),
            "HTTP/1.1 200 OK\r\n" + std::string(kTextLine) +
                "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"
                "Connection: close\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n");
}

// Who speaks HTTP/1.0 knows no chunks: the connection's end is the body's.
TEST_F(HttpStreamingTest, ToHttp10ItEndsWithTheConnectionRfc9112_6_3) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("hello, ");
    writer.Write("world");
    writer.AddField("X-Sum", "1");
    writer.End();
  }).Start();
  for (const std::string fields : {"", "Connection: keep-alive\r\n"}) {
    LoopbackClient client = Connect();
    client.Send("GET /s HTTP/1.0\r\n" + fields + "\r\n");
    EXPECT_EQ(WithoutDates(client.ReceiveAll()),
              "HTTP/1.1 200 OK\r\n" + std::string(kTextLine) +
                  "Connection: close\r\n\r\nhello, world");
  }
}

TEST_F(HttpStreamingTest, ToHttp10AKnownLengthKeepsTheConnection) {
  On("GET", "/s", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk, kTextType, 1);
    writer.Write("x");
    writer.End();
  }).Start();
  const std::string request =
      "GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  LoopbackClient client = Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send(request);
    EXPECT_EQ(Receive(client), Ok("x", "Connection: keep-alive\r\n"));
  }
}

TEST_F(HttpStreamingTest, PiecesLeaveAsTheyAreWritten) {
  On("GET", "/s", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /s"));
  held_.Await(1);
  held_.Run(0, [](ResponseWriter* w) { w->Begin(HttpStatus::kOk); });
  EXPECT_THAT(Receive(client, true), StartsWith("HTTP/1.1 200 OK\r\n"));
  for (int i = 0; i < 3; ++i) {
    held_.Run(0, [](ResponseWriter* w) { w->Write("piece"); });
    EXPECT_EQ(client.Receive(10), "5\r\npiece\r\n");
  }
  held_.Run(0, [](ResponseWriter* w) { w->End(); });
  EXPECT_EQ(client.Receive(5), "0\r\n\r\n");
}

// --- Who reads slowly. -------------------------------------------------------

TEST_F(HttpStreamingTest, ALargeAnswerWaitsForWhoDoesNotRead) {
  On("GET", "/large", LargeAnswer(kLarge)).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /large") + LastRequest());
  AwaitTrue([this] { return sated_.load(); });
  // Until the kernel has what it takes.
  size_t before;
  do {
    before = written_;
    AwaitTurns();
  } while (written_ != before);
  EXPECT_LT(written_, kLarge);
  Receive(client, true);
  EXPECT_EQ(Drop(client, kLarge), kLarge);
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

TEST_F(HttpStreamingTest, ALargeAnswerInChunksIsWhole) {
  On("GET", "/large", LargeAnswer(std::nullopt)).Start();
  LoopbackClient client = Connect();
  client.Send(LastRequest("GET /large"));
  Receive(client, true);
  size_t bytes = 0;
  while (true) {
    std::string line;
    while (!line.ends_with("\r\n")) {
      const std::string byte = client.Receive(1);
      ASSERT_NE(byte, "");
      line += byte;
    }
    const size_t size = std::stoul(line, nullptr, 16);
    ASSERT_EQ(client.Receive(size + 2).size(), size + 2);
    bytes += size;
    if (size == 0) break;
  }
  EXPECT_EQ(bytes, kLarge);
  EXPECT_EQ(client.AwaitEnd(), End::kFin);
}

TEST_F(HttpStreamingTest, RoomComesInItsTurn) {
  On("GET", "/later", held_.Handler());
  On("GET", "/large", LargeAnswer(kLarge)).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /large"));
  held_.Await(1);
  AwaitRead(client);
  EXPECT_EQ(written_, 0u);
  held_.Give(0, "first");
  EXPECT_EQ(Receive(client), Ok("first"));
  Receive(client, true);
  EXPECT_EQ(Drop(client, kLarge), kLarge);
}

TEST_F(HttpStreamingTest, WhoGoesWhileALargeAnswerWaitsIsForgotten) {
  On("GET", "/large", LargeAnswer(kLarge)).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /large"));
  AwaitTrue([this] { return sated_.load(); });
  client.Reset();
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  EXPECT_LT(written_, kLarge);
}

// --- Who writes slowly. ------------------------------------------------------

class HttpUploadTest : public HttpStreamingTest {
 protected:
  // A body of any size, of which the first piece pauses the rest; held_ has
  // the answer, to resume it.
  void StartPausing() {
    const RouteOptions any_size = {.max_body_bytes = UINT64_MAX,
                                   .stream_body = true};
    On(
        "POST", "/large",
        [this, hold = held_.Handler()](const HttpRequest& request,
                                       ResponseWriter& writer) {
          writer.ReadBody(
              {.on_data =
                   [this](ResponseWriter& w, std::string_view data) {
                     if (read_ == 0) w.PauseBody();
                     read_ += data.size();
                   },
               .on_end =
                   [this](ResponseWriter& w, const HttpTrailers&) {
                     w.Send(std::to_string(read_));
                   }});
          hold(request, writer);
        },
        any_size)
        .Start();
  }

  // Sends up to so many bytes without waiting.
  static size_t SendNow(LoopbackClient& client, size_t bytes) {
    const std::string block(1 << 20, 'x');
    size_t sent = 0;
    while (sent < bytes) {
      const ssize_t n = send(client.fd().get(), block.data(),
                             std::min(block.size(), bytes - sent),
                             MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += n;
    }
    return sent;
  }
};

TEST_F(HttpUploadTest, APausedBodyWaitsInTheKernel) {
  StartPausing();
  LoopbackClient client = Connect();
  client.Send(Request("POST /large",
                      "Content-Length: " + std::to_string(kLarge) + "\r\n"));
  size_t sent = SendNow(client, 1);
  AwaitTrue([this] { return read_ > 0; });
  sent += SendNow(client, kLarge - sent);
  AwaitTurns();
  EXPECT_LT(sent, kLarge);
  EXPECT_LT(read_, size_t{1 << 20});
  held_.Run(0, [](ResponseWriter* w) { w->ResumeBody(); });
  client.Send(std::string(kLarge - sent, 'x'));
  EXPECT_EQ(Receive(client), Ok(std::to_string(kLarge)));
  client.Send(LastRequest());  // and goes on as if nothing had been
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

TEST_F(HttpUploadTest, AChunkedBodyThatIsPausedGoesOnWhereItWas) {
  StartPausing();
  LoopbackClient client = Connect();
  client.Send(Request("POST /large", "Transfer-Encoding: chunked\r\n") +
              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" + LastRequest());
  AwaitTrue([this] { return read_ > 0; });
  AwaitRead(client);
  EXPECT_EQ(read_, 3u);
  EXPECT_TRUE(HasNothing(client));
  held_.Run(0, [](ResponseWriter* w) { w->ResumeBody(); });
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("5") + LastOk("hello"));
}

TEST_F(HttpUploadTest, AnAnswerToAPausedBodyIsHeard) {
  StartPausing();
  LoopbackClient client = Connect();
  client.Send(Request("POST /large", "Content-Length: 10\r\n") + "12345");
  held_.Await(1);
  held_.Give(0, "enough");
  EXPECT_EQ(Receive(client), Ok("enough"));
  client.Send("67890" + LastRequest());
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

// Both ways at once: what comes goes back, and the one waits for the other.
TEST_F(HttpUploadTest, AnEchoOfAnySizeStops) {
  const auto echo = [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data =
             [this](ResponseWriter& w, std::string_view data) {
               read_ += data.size();
               w.Write(data);
               if (w.is_sated()) w.PauseBody();
             },
         .on_end = [](ResponseWriter& w, const HttpTrailers&) { w.End(); }});
    writer.Begin(HttpStatus::kOk, kTextType, kLarge);
    writer.OnRoom([](ResponseWriter& w) { w.ResumeBody(); });
  };
  On("POST", "/back", echo, {.max_body_bytes = UINT64_MAX, .stream_body = true})
      .Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /back",
                      "Content-Length: " + std::to_string(kLarge) + "\r\n"));
  size_t sent = SendNow(client, kLarge);
  EXPECT_LT(sent, kLarge);
  Receive(client, true);
  size_t back = 0;
  while (back < kLarge) {
    const size_t piece = std::min<size_t>(sent - back, 1 << 20);
    ASSERT_EQ(Drop(client, piece), piece);
    back += piece;
    sent += SendNow(client, kLarge - sent);
  }
  client.Send(LastRequest());  // and goes on
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

}  // namespace
}  // namespace rondo
