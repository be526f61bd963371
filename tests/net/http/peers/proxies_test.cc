// Users who share a connection to the server never see each other's answers:
// nginx and haproxy before an HttpServer.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/net/http/peers/front_proxy.h"
#include "tests/net/http/peers/token_user.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/testing/seed.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

HttpOptions SmallBodies() {
  HttpOptions options;
  options.limits.max_body_bytes = TokenUser::kMaxBodyBytes;
  return options;
}

std::string UserOf(const std::string& token) {
  return token.substr(0, token.find('-'));
}

class ProxiesTest : public ::testing::TestWithParam<FrontProxy::Kind> {
 protected:
  void SetUp() override {
    if (!FrontProxy::IsInstalled(GetParam())) {
      GTEST_SKIP() << ToString(GetParam()) << " is not installed: tools/setup";
    }
    proxy_ = std::make_unique<FrontProxy>(GetParam(), server_.port());
  }

  TokenUser User(std::string name) {
    return TokenUser(proxy_->address(), std::move(name), ++seed_);
  }

  // The most that one connection to the server has asked for.
  size_t MostUsersOfAConnection() const {
    std::map<uint16_t, std::set<std::string>> users;
    size_t most = 0;
    for (const WitnessServer::Request& request : server_.requests()) {
      std::set<std::string>& some = users[request.connection];
      some.insert(UserOf(request.token));
      most = std::max(most, some.size());
    }
    return most;
  }

  uint32_t seed_ = ChooseSeed();
  WitnessServer server_{SmallBodies()};
  std::unique_ptr<FrontProxy> proxy_;
};

TEST_P(ProxiesTest, TwoUsersTakeTurnsOnOneConnection) {
  TokenUser a = User("a");
  TokenUser b = User("b");
  for (const TokenQuestion& first : PoliteQuestions()) {
    for (const TokenQuestion& second : PoliteQuestions()) {
      a.Ask(first);
      b.Ask(second);
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(server_.tcp().opened_connections(), 1u);
}

TEST_P(ProxiesTest, AQuestionThatEndsTheConnectionEndsNobodyElses) {
  for (const TokenQuestion& question : Questions()) {
    TokenUser a = User(absl::StrCat("a", question.name));
    TokenUser b = User(absl::StrCat("b", question.name));
    for (int i = 0; i < 5; ++i) {
      a.Ask(question);
      b.Ask(PoliteQuestions()[i]);
    }
  }
}

TEST_P(ProxiesTest, WhoeverGoesAwayLeavesNothingToOthers) {
  TokenUser a = User("a");
  TokenUser b = User("b");
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    a.Abandon();
    b.AskSomething();
  }
}

TEST_P(ProxiesTest, ManyUsersAskAnythingAtOnce) {
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 16; ++i) {
      TokenUser user = User(absl::StrCat("user", i));
      threads.push_back(NewThread("user", [user = std::move(user)]() mutable {
        for (int j = 0; j < 60 && !HasFailure(); ++j) {
          if (j % 10 == 7) user.Abandon();
          user.AskSomething();
        }
      }));
    }
  }
  // Else there was nothing to see.
  EXPECT_GE(MostUsersOfAConnection(), 2u);
}

INSTANTIATE_TEST_SUITE_P(All, ProxiesTest,
                         ::testing::Values(FrontProxy::Kind::kNginx,
                                           FrontProxy::Kind::kNginxPassing,
                                           FrontProxy::Kind::kHaproxy),
                         [](const auto& param) {
                           return ToString(param.param);
                         });

}  // namespace
}  // namespace rondo
