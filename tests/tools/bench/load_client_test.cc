#include "tools/bench/load_client.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/thread.h"
#include "base/unique_fd.h"
#include "tests/testing/threads.h"

namespace rondo::bench {
namespace {

// A server of one connection; `serve` says what it does with it.
class LoadClientTest : public ::testing::Test {
 protected:
  LoadClientTest() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof(address_);
    EXPECT_EQ(bind(listener_.get(), address, size), 0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    EXPECT_EQ(getsockname(listener_.get(), address, &size), 0);
  }

  LoadResult Load(Mode mode, double rate, std::function<void(int fd)> serve,
                  int pipeline = 1, bool varied = false) {
    const Thread server = NewThread("server", [&] {
      const UniqueFd fd(accept(listener_.get(), nullptr, nullptr));
      serve(fd.get());
    });
    return LoadClient({.server = address_,
                       .mode = mode,
                       .connections = 1,
                       .message_bytes = kMessageBytes,
                       .pipeline = pipeline,
                       .varied = varied,
                       .rate = rate,
                       .seconds = 0.2,
                       .warmup_seconds = 0})
        .Run();
  }

  static constexpr size_t kMessageBytes = 16;

 private:
  sockaddr_in address_{};
  const UniqueFd listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

// Answers up to `count` messages, then only reads until the client has gone.
void AnswerInUpperCase(int fd, int count) {
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0; --count) {
    std::string reply(buffer, static_cast<size_t>(n));
    absl::AsciiStrToUpper(&reply);
    if (count > 0) send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
  }
}

constexpr int kAll = 1'000'000'000;

TEST_F(LoadClientTest, UpperCaseIsTheRightReplyToUpperOnly) {
  const auto upper = [](int fd) { AnswerInUpperCase(fd, kAll); };
  const LoadResult good = Load(Mode::kUpper, 0, upper);
  EXPECT_EQ(good.failure, "");
  EXPECT_EQ(good.errors, 0u);
  EXPECT_GT(good.requests, 0u);
  EXPECT_NE(Load(Mode::kEcho, 0, upper).failure, "");
}

TEST_F(LoadClientTest, ClosedLoopCountsEachReply) {
  const LoadResult result =
      Load(Mode::kUpper, 0, [](int fd) { AnswerInUpperCase(fd, kAll); });
  EXPECT_EQ(result.latency_ns.count(), result.requests);
  EXPECT_EQ(result.unanswered, 0u);
}

TEST_F(LoadClientTest, OpenLoopSendsAtItsRate) {
  const LoadResult result =
      Load(Mode::kUpper, 500, [](int fd) { AnswerInUpperCase(fd, kAll); });
  EXPECT_EQ(result.errors, 0u);
  const double due = 500 * result.seconds;
  EXPECT_NEAR(static_cast<double>(result.requests + result.unanswered), due, 1);
}

// A closed loop would see one slow request where 100 were kept waiting.
TEST_F(LoadClientTest, OpenLoopCountsWhatASilentServerKeepsWaiting) {
  const LoadResult result =
      Load(Mode::kUpper, 500, [](int fd) { AnswerInUpperCase(fd, 1); });
  EXPECT_EQ(result.requests, 0u);
  EXPECT_NEAR(static_cast<double>(result.unanswered), 500 * result.seconds, 1);
  EXPECT_EQ(result.latency_ns.count(), result.unanswered);
  // They came evenly, so half of them have waited for half of the time.
  const double half = result.seconds / 2 * 1e9;
  EXPECT_NEAR(static_cast<double>(result.latency_ns.ValueAtPercentile(50)),
              half, half * 0.05);
}

constexpr std::string_view kHelloReply =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// Answers each blank line, in two parts and a few replies at once.
void AnswerHello(int fd, int too_many) {
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
    const std::string_view requests(buffer, static_cast<size_t>(n));
    std::string replies;
    for (size_t at = 0; (at = requests.find("\r\n\r\n", at)) != requests.npos;
         at += 4) {
      replies += kHelloReply;
    }
    for (int i = 0; i < too_many; ++i) replies += kHelloReply;
    const size_t cut = replies.size() / 2;
    send(fd, replies.data(), cut, MSG_NOSIGNAL);
    send(fd, replies.data() + cut, replies.size() - cut, MSG_NOSIGNAL);
  }
}

TEST_F(LoadClientTest, PipelinedRequestsCountEach) {
  const LoadResult result = Load(
      Mode::kHello, 0, [](int fd) { AnswerHello(fd, 0); }, /*pipeline=*/5);
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.errors, 0u);
  EXPECT_GT(result.requests, 0u);
  EXPECT_EQ(result.requests % 5, 0u);
}

// Answers each request, and notes the first ones.
void NoteAndAnswer(int fd, std::vector<std::string>& requests) {
  std::string input;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
    input.append(buffer, static_cast<size_t>(n));
    std::string replies;
    for (size_t end; (end = input.find("\r\n\r\n")) != input.npos;) {
      if (requests.size() < 2'000) requests.push_back(input.substr(0, end));
      input.erase(0, end + 4);
      replies += kHelloReply;
    }
    send(fd, replies.data(), replies.size(), MSG_NOSIGNAL);
  }
}

TEST_F(LoadClientTest, VariedRequestsDifferEachFromTheLast) {
  for (const int pipeline : {1, 5, 700}) {
    std::vector<std::string> requests;
    const LoadResult result = Load(
        Mode::kHello, 0, [&](int fd) { NoteAndAnswer(fd, requests); }, pipeline,
        /*varied=*/true);
    EXPECT_EQ(result.failure, "");
    EXPECT_EQ(result.errors, 0u);
    EXPECT_EQ(std::ranges::adjacent_find(requests), requests.end());
    for (const std::string& request : requests) {
      EXPECT_EQ(request.size(), requests.front().size());
    }
    const std::set<std::string> all(requests.begin(), requests.end());
    EXPECT_GE(all.size(), std::min<size_t>(requests.size(), 500));
  }
}

TEST_F(LoadClientTest, OthersAreAllTheSame) {
  std::vector<std::string> requests;
  Load(
      Mode::kHello, 0, [&](int fd) { NoteAndAnswer(fd, requests); },
      /*pipeline=*/5);
  EXPECT_EQ(std::set<std::string>(requests.begin(), requests.end()).size(), 1u);
}

TEST_F(LoadClientTest, OneReplyTooManyIsAnError) {
  const LoadResult result = Load(
      Mode::kHello, 0, [](int fd) { AnswerHello(fd, 1); }, /*pipeline=*/5);
  EXPECT_TRUE(result.errors > 0 || !result.failure.empty());
}

TEST_F(LoadClientTest, WrongReplyIsAnError) {
  const LoadResult result = Load(Mode::kUpper, 0, [](int fd) {
    char request[kMessageBytes];
    for (bool first = true; read(fd, request, sizeof(request)) > 0;
         first = false) {
      std::string reply(request, sizeof(request));
      if (first) absl::AsciiStrToUpper(&reply);
      send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  });
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.errors, 1u);
  EXPECT_EQ(result.requests, 0u);
}

}  // namespace
}  // namespace rondo::bench
