// Nobody gets a request past a proxy that the proxy has not seen.
#include <gtest/gtest.h>

#include <string>

#include "tests/net/http/peers/answer_reader.h"
#include "tests/net/http/peers/front_proxy.h"
#include "tests/net/http/peers/smuggling_cases.h"
#include "tests/net/http/peers/token_user.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/testing/loopback_client.h"

namespace rondo {
namespace {

// Sends it and hears what there is to hear.
void Attack(const InetAddress& server, const SmugglingCase& c) {
  LoopbackClient client(server);
  AnswerReader reader(&client);
  client.Send(c.bytes);
  reader.Read(c.bytes.starts_with("HEAD") ? "HEAD" : "GET");
  client.ShutdownWrite();
  while (reader.Read().status != 0) {
  }
}

class SmugglingTest : public ::testing::TestWithParam<FrontProxy::Kind> {};

// What the proxy has taken for a request it has marked.
TEST_P(SmugglingTest, TheServerSeesNoRequestThatTheProxyDoesNot) {
  if (!FrontProxy::IsInstalled(GetParam())) {
    GTEST_SKIP() << ToString(GetParam()) << " is not installed: tools/setup";
  }
  WitnessServer server;
  FrontProxy proxy(GetParam(), server.port());
  for (const SmugglingCase& c : SmugglingCases()) {
    SCOPED_TRACE(c.name);
    Attack(proxy.address(), c);
    TokenUser(proxy.address(), "victim" + c.name, 1).Ask(PoliteQuestions()[0]);
    for (const WitnessServer::Request& request : server.requests()) {
      EXPECT_TRUE(request.passed_on) << request.path;
    }
    server.ForgetRequests();
  }
}

INSTANTIATE_TEST_SUITE_P(All, SmugglingTest,
                         ::testing::Values(FrontProxy::Kind::kNginx,
                                           FrontProxy::Kind::kNginxPassing,
                                           FrontProxy::Kind::kHaproxy),
                         [](const auto& param) {
                           return ToString(param.param);
                         });

// Whatever a proxy may pass on.
TEST(SmugglingTest, WithoutAProxyTheServerSeesOneRequestOrNone) {
  WitnessServer server;
  for (const SmugglingCase& c : SmugglingCases()) {
    if (c.is_two_requests) continue;
    SCOPED_TRACE(c.name);
    Attack(server.address(), c);
    for (const WitnessServer::Request& request : server.requests()) {
      EXPECT_EQ(request.token, SmugglingCase::kOuterToken);
    }
    server.ForgetRequests();
  }
}

}  // namespace
}  // namespace rondo
