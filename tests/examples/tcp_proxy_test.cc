// What clients get through examples/tcp_proxy, from servers that come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/nginx.h"
#include "tests/examples/process.h"
#include "tests/examples/wrk.h"
#include "tests/testing/loopback_client.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

// Nobody listens there: the port is for one service that has gone out of use.
constexpr char kNobody[] = "127.0.0.1:1";

Flags Backends(const std::vector<std::string>& addresses) {
  std::string list;
  for (const std::string& address : addresses) {
    absl::StrAppend(&list, list.empty() ? "" : ",", address);
  }
  return {"--backends=" + list};
}

std::string Echo(uint16_t port, const std::string& bytes) {
  ClientSocket client(port);
  client.Send(bytes);
  return client.Read(bytes.size());
}

TEST(TcpProxyTest, PassesBytesBothWays) {
  const ExampleServer echo("echo");
  const ExampleServer proxy("tcp_proxy", Backends({echo.address()}));
  const std::string many(1'000'000, 'x');
  EXPECT_EQ(Echo(proxy.port(), "hello"), "hello");
  EXPECT_EQ(Echo(proxy.port(), many), many);
}

TEST(TcpProxyTest, PassesHalfCloses) {
  const ExampleServer upper("upper");
  const ExampleServer proxy("tcp_proxy", Backends({upper.address()}));
  ClientSocket client(proxy.port());
  client.Send("hello");
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadToEnd(), "HELLO");
}

TEST(TcpProxyTest, TakesBackendsInTurn) {
  const ExampleServer echo("echo");
  const ExampleServer upper("upper");
  const ExampleServer proxy("tcp_proxy",
                            Backends({echo.address(), upper.address()}));
  EXPECT_EQ(Echo(proxy.port(), "a"), "a");
  EXPECT_EQ(Echo(proxy.port(), "a"), "A");
  EXPECT_EQ(Echo(proxy.port(), "a"), "a");
}

TEST(TcpProxyTest, TakesTheBackendWithFewestConnections) {
  const ExampleServer echo("echo");
  const ExampleServer upper("upper");
  Flags flags = Backends({echo.address(), upper.address()});
  flags.push_back("--balance=least-connections");
  flags.push_back("--threads=0");
  const ExampleServer proxy("tcp_proxy", flags);
  ClientSocket stays(proxy.port());
  stays.Send("a");
  const std::string busy = stays.Read(1);
  for (int i = 0; i < 3; ++i) {
    ClientSocket comes(proxy.port());
    comes.Send("a");
    EXPECT_NE(comes.Read(1), busy);
    // The other backend has none again when this is gone, and the proxy is
    // told of that before the next comes: its loop takes one after the other.
    comes.ShutdownWrite();
    EXPECT_EQ(comes.ReadToEnd(), "");
  }
}

TEST(TcpProxyTest, FindsBackendsByName) {
  const ExampleServer echo("echo");
  const ExampleServer proxy("tcp_proxy",
                            Backends({"localhost:" + echo.port_text()}));
  EXPECT_EQ(Echo(proxy.port(), "hello"), "hello");
}

TEST(TcpProxyTest, ADeadBackendCostsNobodyAnything) {
  const ExampleServer echo("echo");
  const ExampleServer proxy("tcp_proxy", Backends({kNobody, echo.address()}));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Echo(proxy.port(), "hello"), "hello");
}

TEST(TcpProxyTest, ABackendThatFailsAgainAndAgainIsLeftOut) {
  const ExampleServer echo("echo");
  Flags flags = Backends({kNobody, echo.address()});
  flags.push_back("--fail_limit=2");
  ExampleServer proxy("tcp_proxy", flags);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Echo(proxy.port(), "hello"), "hello");
  EXPECT_THAT(proxy.Stop().errors,
              HasSubstr(absl::StrCat("backend ", kNobody, " is left out")));
}

TEST(TcpProxyTest, WithoutAnyBackendClientsAreReset) {
  const ExampleServer proxy("tcp_proxy", Backends({kNobody}));
  LoopbackClient client(*InetAddress::Parse(proxy.address()));
  EXPECT_EQ(client.AwaitEnd(), LoopbackClient::End::kReset);
}

TEST(TcpProxyTest, WhoWaitsGetsItsAnswerWhenTheProxyStops) {
  const ExampleServer slow("sleep_server");
  ExampleServer proxy("tcp_proxy", Backends({slow.address()}));
  ClientSocket client(proxy.port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  // Behind it, and so when the request has been passed on.
  ClientSocket(proxy.port()).Send("x");
  EXPECT_EQ(proxy.Stop(SIGTERM).exit_code, 0);
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("done"));
}

TEST(TcpProxyTest, ABackendThatDiesEndsItsConnectionsOnly) {
  const ExampleServer echo("echo");
  Process killed(Example("echo", {"--port=0"}));
  const std::string line = killed.ReadLine();
  const size_t begin = line.find("127.0.0.1:");
  const std::string address = line.substr(begin, line.find(' ', begin) - begin);
  const ExampleServer proxy("tcp_proxy", Backends({address, echo.address()}));
  ClientSocket lost(proxy.port());
  lost.Send("a");
  EXPECT_EQ(lost.Read(1), "a");
  ClientSocket kept(proxy.port());
  kept.Send("a");
  EXPECT_EQ(kept.Read(1), "a");
  killed.Signal(SIGKILL);
  EXPECT_EQ(lost.ReadToEnd(), "");
  kept.Send("b");
  EXPECT_EQ(kept.Read(1), "b");
  killed.Wait();
}

TEST(TcpProxyTest, WrkLosesNothingOfARealNginx) {
  Nginx nginx(testing::TempDir() + "/nginx");
  const ExampleServer proxy("tcp_proxy", Backends({nginx.address()}),
                            nginx.directory());
  Wrk wrk(proxy.url(), /*connections=*/50);
  // Its workers come and go all the time.
  for (int i = 0; i < 200; ++i) {
    const Ended curl = RunCommand({"curl", "-q", "-sS", proxy.url()});
    ASSERT_EQ(curl.output, Nginx::kAnswer) << curl.errors;
    if (i % 20 == 19) nginx.ReplaceWorkers();
  }
  const Wrk::Result result = wrk.Finish();
  EXPECT_EQ(result.errors(), 0) << result.output;
  EXPECT_GT(result.requests, 200);
}

TEST(TcpProxyTest, WrkLosesNothingWhileBackendsComeAndGo) {
  const ExampleServer stays("hello", {"--close"});
  auto goes = std::make_unique<ExampleServer>("hello", Flags{"--close"});
  const std::string port = goes->port_text();
  Flags flags = Backends({stays.address(), goes->address()});
  flags.push_back("--fail_timeout=10ms");  // it is tried again at once
  const ExampleServer proxy("tcp_proxy", flags);
  Wrk wrk(proxy.url(), /*connections=*/50);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(goes->Stop().exit_code, 0);
    goes = std::make_unique<ExampleServer>("hello",
                                           Flags{"--close", "--port=" + port});
    // It has its share of the load again.
    const Ended curl = RunCommand({"curl", "-q", "-sS", goes->url()});
    EXPECT_EQ(curl.output, "hello world\n") << curl.errors;
  }
  const Wrk::Result result = wrk.Finish();
  EXPECT_EQ(result.errors(), 0) << result.output;
  EXPECT_GT(result.requests, 50);
}

TEST(TcpProxyTest, WrongFlagsAreNamed) {
  const auto errors = [](const Flags& flags) {
    const Ended ended = RunExample("tcp_proxy", flags);
    EXPECT_EQ(ended.exit_code, 1);
    return ended.errors;
  };
  EXPECT_THAT(errors({}), HasSubstr("--backends=:"));
  EXPECT_THAT(errors({"--backends=a:b"}), HasSubstr("--backends=a:b:"));
  EXPECT_THAT(errors({"--backends=a:1", "--balance=x"}),
              HasSubstr("--balance=x: allowed is round-robin"));
  EXPECT_THAT(errors({"--backends=a:1", "--fail_limit=0"}),
              HasSubstr("--fail_limit=0: allowed is 1 or more"));
  EXPECT_THAT(errors({"--backends=a:1", "--noallow_half_close"}),
              HasSubstr("--allow_half_close=false: allowed is true"));
  EXPECT_THAT(errors({"--backends=a:1", "--max_output_bytes=1100000"}),
              HasSubstr("--max_output_bytes=1100000: allowed is 1114112 or"));
  EXPECT_THAT(errors({"--backends=a:1", "--connect_timeout=0"}),
              HasSubstr("--connect_timeout=0: allowed is a duration"));
}

}  // namespace
}  // namespace rondo
