// A task's answers that are too large to leave at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/net/http/coro/coroutine_server_fixture.h"

namespace rondo {
namespace {

using ::testing::IsEmpty;

class CoroutineLargeAnswerTest : public CoroutineServerFixture {};

// At once, while another is owed, and while the client does not read.
TEST_F(CoroutineLargeAnswerTest, IsWholeWhenItsTaskHasEnded) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const std::string path(*request.parameter("path"));
    if (path == "first") (void)co_await shared->gate.Wait();
    if (path == "last") shared->gate.Set();
    response.Send(std::string(3'000'000, path[0]));
  };
  Warnings warnings;
  Serve(kHandler);
  const std::string requests = Get("/first") + Get("/last") + Get("/next");
  EXPECT_TRUE(Answers(requests) == Ok(std::string(3'000'000, 'f')) +
                                       Ok(std::string(3'000'000, 'l')) +
                                       Ok(std::string(3'000'000, 'n')));
  EXPECT_THAT(Complaints(warnings), IsEmpty());
}

TEST_F(CoroutineLargeAnswerTest, IsWholeThoughItsTaskThrowsThen) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Send(std::string(300'000, 'x'));
    throw std::runtime_error("too late");
    co_return;
  };
  Serve(kHandler);
  const std::string answer = Answers(Get());
  EXPECT_TRUE(answer.ends_with(std::string(300'000, 'x')));
}

}  // namespace
}  // namespace rondo
