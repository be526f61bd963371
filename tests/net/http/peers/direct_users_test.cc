// What is asked through proxies elsewhere, without one: a failure here is no
// proxy's.
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "tests/net/http/peers/answer_reader.h"
#include "tests/net/http/peers/token_user.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/testing/loopback_client.h"
#include "tests/testing/seed.h"

namespace rondo {
namespace {

HttpOptions SmallBodies() {
  HttpOptions options;
  options.limits.max_body_bytes = TokenUser::kMaxBodyBytes;
  // A body that is not seen to end is a failure, not a pause.
  options.body_timeout = absl::Seconds(10);
  return options;
}

TEST(DirectUsersTest, EachQuestionIsAnsweredAgainAndAgain) {
  WitnessServer server(SmallBodies());
  uint32_t seed = ChooseSeed();
  for (const TokenQuestion& question : Questions()) {
    TokenUser user(server.address(), question.name, ++seed);
    for (int i = 0; i < 20 && !HasFailure(); ++i) user.Ask(question);
  }
}

TEST(DirectUsersTest, PoliteQuestionsKeepTheConnection) {
  WitnessServer server(SmallBodies());
  TokenUser user(server.address(), "user", ChooseSeed());
  for (const TokenQuestion& first : PoliteQuestions()) {
    for (const TokenQuestion& second : PoliteQuestions()) {
      user.Ask(first);
      user.Ask(second);
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(server.tcp().opened_connections(), 1u);
}

// Both end the connection, and the one must not keep the other from it.
TEST(DirectUsersTest, AStreamedBodyIsTimedOutBeforeACloseThatWasAskedFor) {
  HttpOptions options;
  options.body_timeout = absl::Seconds(1);
  WitnessServer server(options);
  LoopbackClient client(server.address());
  AnswerReader reader(&client);
  client.Send(
      "POST /streamed/slow HTTP/1.1\r\nHost: rondo\r\nConnection: close\r\n"
      "Content-Length: 10\r\n\r\n");
  EXPECT_EQ(reader.Read().status, 408);
  EXPECT_TRUE(reader.AtEnd());
}

}  // namespace
}  // namespace rondo
