// What a request that a task answers asks the heap for: nothing of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/http/coro/coroutine_handler.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

constexpr int kWarmUp = 100;
constexpr int kRequests = 1'000;

// By the loop's thread, at the beginning of each request.
std::vector<size_t>* counts = nullptr;

class CoroutineHandlerAllocationTest : public CoroutineServerFixture {
 protected:
  void SetUp() override {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
    GTEST_SKIP() << "frames are not kept under AddressSanitizer";
#endif
  }

  // What each of many asks for, one after the other.
  size_t Measure(Handler handler, const std::string& request,
                 const std::string& answer) {
    std::vector<size_t> all;
    all.reserve(kWarmUp + kRequests);
    counts = &all;
    Serve(handler);
    LoopbackClient client = Connect();
    for (int i = 0; i < kWarmUp + kRequests; ++i) {
      client.Send(request);
      EXPECT_EQ(ReceiveHead(client).substr(0, 12), "HTTP/1.1 200");
      EXPECT_EQ(client.Receive(answer.size()), answer);
    }
    server_.reset();
    // What is made rarely, as room for more of something, is none of it.
    return (all.back() - all[kWarmUp]) / kRequests;
  }
};

Task<> SendLater(AsyncRequest& request, AsyncResponse& response) {
  counts->push_back(AllocationsOfThisThread().count);
  const bool slept = co_await SleepFor(absl::ZeroDuration());
  if (slept) response.Send(*request.parameter("path"));
}

// But for the connection's own queue, which what is not sent by one of its
// callbacks waits in to the end of the turn.
TEST_F(CoroutineHandlerAllocationTest, AnAnswerAfterAWait) {
  EXPECT_LE(Measure(SendLater, Get("/hello"), "hello"), 3u);
}

Task<> Stream(AsyncRequest& request, AsyncResponse& response) {
  counts->push_back(AllocationsOfThisThread().count);
  response.Begin(HttpStatus::kOk);
  while (true) {
    const auto piece = co_await request.Read();
    if (!piece.ok() || piece->empty()) break;
    const absl::Status status = co_await response.Write(*piece);
    if (!status.ok()) co_return;
  }
  response.End();
}

TEST_F(CoroutineHandlerAllocationTest, ABodyThatIsBuffered) {
  EXPECT_EQ(Measure(Stream, Post("/", "hello"), "5\r\nhello\r\n0\r\n\r\n"), 0u);
}

}  // namespace
}  // namespace rondo
