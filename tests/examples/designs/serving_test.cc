// What every design answers, and to how many at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

TEST_P(DesignTest, SaysWhereItListens) {
  for (const char* protocol : {"hello", "upper"}) {
    const DesignServer server(name_, {std::string("--protocol=") + protocol});
    EXPECT_THAT(server.start_line(),
                MatchesRegex(name_ +
                             " listening on 127\\.0\\.0\\.1:[1-9][0-9]* "
                             "protocol=" +
                             protocol + GetParam().pool));
  }
}

// Runs `talk` for fifty clients, each in a thread of its own, when all have
// connected.
template <typename Talk>
void FiftyClients(const DesignServer& server, Talk talk) {
  constexpr int kClients = 50;
  std::latch connected(kClients);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      ClientSocket client(server.port());
      connected.arrive_and_wait();
      talk(client, i);
    });
  }
}

TEST_P(DesignTest, AnswersFiftyHelloClientsAtOnce) {
  const DesignServer server(name_, {kHello});
  FiftyClients(server, [](ClientSocket& client, int) {
    EXPECT_TRUE(client.Send(kRequest));
    EXPECT_EQ(client.ReadToEnd(), kAnswer);
  });
}

TEST_P(DesignTest, AnswersFiftyUpperClientsAtOnce) {
  const DesignServer server(name_, {kUpper});
  FiftyClients(server, [](ClientSocket& client, int i) {
    for (int message = 0; message < 50; ++message) {
      EXPECT_TRUE(IsServed(client, "client " + std::to_string(i) + " message " +
                                       std::to_string(message)));
    }
    client.ShutdownWrite();
    EXPECT_EQ(client.ReadToEnd(), "");
  });
}

TEST_P(DesignTest, AbFailsNothing) {
  const DesignServer server(name_, {kHello});
  const Ended ab = RunCommand(
      {"ab", "-q", "-n1000", "-c10", "http://" + server.address() + "/"});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +1000\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(DesignTest, HelloAnswersOnceAndCloses) {
  const DesignServer server(name_, {kHello});
  for (const std::string request : {
           "GET / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
           "\r\n\nGET / HTTP/1.1\nHost: a\n\n",
           "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
       }) {
    EXPECT_EQ(Ask(server.port(), request), kAnswer) << request;
  }
  const std::string_view head = kAnswer.substr(0, kAnswer.find("hello"));
  EXPECT_EQ(Ask(server.port(), "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), head);
}

TEST_P(DesignTest, HelloRefusesALongHead) {
  const DesignServer server(name_, {kHello});
  const std::string field = "X: " + std::string(9'000, 'x');
  EXPECT_EQ(Ask(server.port(), "GET / HTTP/1.1\r\n" + field + "\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n"
            "Connection: close\r\nContent-Length: 0\r\n\r\n");
}

TEST_P(DesignTest, HelloDoesNotAnswerARequestWithoutItsEnd) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n"));
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_P(DesignTest, UpperChangesAsciiLettersOnly) {
  const DesignServer server(name_, {kUpper});
  std::string all;
  std::string want;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
    want += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(all));
  EXPECT_EQ(client.Read(all.size()), want);
}

}  // namespace
}  // namespace rondo
