// What a request that a task answers asks the heap for: nothing of its own.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/coro/sleep.h"
#include "net/http/coro/coroutine_handler.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/net/tcp/allocation_counter.h"

namespace rondo {
namespace {

constexpr size_t kWarmUp = 100;
constexpr size_t kRequests = 1'000;

// By the loop's thread, at the beginning of each request.
std::vector<size_t>* counts = nullptr;

// A clock that stands still, as each second begins with a new Date. It is a
// base, so that it is there after the loop.
struct HasClock {
  FakeClock clock_;
};

class CoroutineHandlerAllocationTest : private HasClock,
                                       public CoroutineServerFixture {
 protected:
  CoroutineHandlerAllocationTest() {
    auto thread = EventLoopThread::Start(
        {.loop = {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}});
    CHECK(thread.ok()) << thread.status();
    acceptor_thread_ = *std::move(thread);
  }

  void SetUp() override {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
    GTEST_SKIP() << "sanitizers have an operator new of their own";
#endif
  }

  // What kRequests ask for together, one after the other. No two in a row have
  // the same head, so that each is parsed.
  size_t Measure(Handler handler, const std::string& method,
                 const std::string& body, const std::string& answer) {
    std::vector<size_t> all;
    all.reserve(kWarmUp + kRequests + 1);
    counts = &all;
    Serve(handler, /*threads=*/0);
    LoopbackClient client = Connect();
    for (size_t i = 0; i <= kWarmUp + kRequests; ++i) {
      const std::string path = "/" + std::string(20 + i % 3, 'x');
      client.Send(Request(method, path, LengthOf(body)) + body);
      EXPECT_EQ(ReceiveHead(client).substr(0, 12), "HTTP/1.1 200");
      EXPECT_EQ(client.Receive(answer.size()), answer);
    }
    server_.reset();
    EXPECT_GT(all[kWarmUp], all[0]);  // it counts
    return all[kWarmUp + kRequests] - all[kWarmUp];
  }

 private:
  static std::string LengthOf(const std::string& body) {
    if (body.empty()) return "";
    return "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
};

Task<> SendLater(AsyncRequest& request, AsyncResponse& response) {
  counts->push_back(AllocationsOfThisThread().count);
  const bool slept = co_await SleepFor(absl::ZeroDuration());
  if (slept) response.Send(request.host());
}

// But for the connection's own queue, which what is not sent by one of its
// callbacks waits in to the end of the turn.
TEST_F(CoroutineHandlerAllocationTest, AnAnswerAfterAWait) {
  EXPECT_EQ(Measure(SendLater, "GET", "", "a"), 3 * kRequests);
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
  EXPECT_EQ(Measure(Stream, "POST", "hello", "5\r\nhello\r\n0\r\n\r\n"), 0u);
}

}  // namespace
}  // namespace rondo
