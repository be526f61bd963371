// Files that coroutines send, where connections may hold little.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "net/http/coro/coroutine_handler.h"
#include "net/tcp/socket_calls.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/short_sendfile.h"

namespace rondo {
namespace {

constexpr size_t kBytes = 500'000;

class CoroutineHandlerFileTest : public CoroutineServerFixture {};

// In chunks.
Task<> SendFile(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  response.Begin(HttpStatus::kOk);
  const MemoryFile file = MakeFile(Pattern(kBytes));
  EXPECT_TRUE((co_await response.WriteFile(file, 0, kBytes)).ok());
  response.End();
}

TEST_F(CoroutineHandlerFileTest, KeepsTheOutputLimits) {
  if (!kSocketCallsReplaceable) GTEST_SKIP() << "the system's calls are fixed";
  ShortSendfile calls;
  const ScopedSocketCalls scoped(&calls);
  Router router;
  router.Add("GET", "/", CoroutineHandler(SendFile));
  TcpServerOptions options = LoopbackOptions(1);
  options.limits.low_water_mark_bytes = 16'384;
  options.limits.high_water_mark_bytes = 65'536;
  options.limits.max_output_bytes = 131'072;
  Start(options, HttpCallbacks(std::make_shared<const HttpService>(
                     std::move(router), HttpOptions())));
  const std::string answer = Answers(Get());
  EXPECT_GT(answer.size(), kBytes);
  EXPECT_TRUE(answer.ends_with("\r\n0\r\n\r\n"));
  server_.reset();
}

}  // namespace
}  // namespace rondo
