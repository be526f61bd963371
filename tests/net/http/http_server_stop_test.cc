// Servers that are stopped by what they call.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <utility>

#include "net/http/http_callbacks.h"
#include "net/http/http_request.h"
#include "net/http/http_service.h"
#include "net/http/response_writer.h"
#include "net/http/router.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {
namespace {

using End = LoopbackClient::End;

class HttpServerStopTest : public ServerFixture {};

// What the server's connections share is used until the handler has returned.
TEST_F(HttpServerStopTest, AHandlerMayStopItsOwnServer) {
  for (const int threads : {0, 1}) {
    std::atomic<TcpServer*> server = nullptr;
    Router router;
    router.Add("GET", "/", [&](const HttpRequest&, ResponseWriter& writer) {
      server.load()->Stop();
      writer.Send("nobody hears it");
    });
    Start(LoopbackOptions(threads),
          HttpCallbacks(std::make_shared<const HttpService>(std::move(router),
                                                            HttpOptions())));
    server = server_.get();
    LoopbackClient client = Connect();
    client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(client.AwaitEnd(), End::kStuck);
    server_.reset();
  }
}

}  // namespace
}  // namespace rondo
