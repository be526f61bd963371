// Clients that go away, and the end of the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"
#include "tests/examples/designs/stream_client.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

TEST_P(DesignTest, ServesOnAfterResets) {
  DesignServer server(name_, {kUpper});
  for (int i = 0; i < 50; ++i) {
    ClientSocket silent(server.port());
    silent.Reset();
    ClientSocket unread(server.port());  // what it is sent
    ASSERT_TRUE(unread.Send(Lines(100'000)));
    unread.Reset();
    ClientSocket served(server.port());
    ASSERT_TRUE(IsServed(served));
    served.Reset();
  }
  EXPECT_TRUE(ServesOn(server));
}

TEST_P(DesignTest, ServesOnAfterAResetInPlaceOfWhatItIsToRead) {
  DesignServer server(name_, {kUpper});
  const size_t before = CountOwnDescriptors(server);
  {
    StreamClient client(server.port(), MuchMoreLines());
    if (GetParam().keeps_order) {
      ASSERT_TRUE(client.SendUntilStuck());
    }
  }  // closed with input unread, which resets it
  EXPECT_TRUE(ServesOn(server));
  EXPECT_TRUE(
      Eventually([&] { return CountDescriptors(server.pid()) == before; }));
}

TEST_P(DesignTest, HelloServesOnAfterResetsInsideARequest) {
  DesignServer server(name_, {kHello});
  for (int i = 0; i < 50; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send("GET / HT"));
    client.Reset();
  }
  EXPECT_EQ(Ask(server.port(), kRequest), kAnswer);
}

TEST_P(DesignTest, SignalsEndItIdle) {
  for (const int signal : {SIGTERM, SIGINT}) {
    DesignServer server(name_);
    const Ended& ended = server.Stop(signal);
    EXPECT_EQ(ended.output, server.start_line() + "\n");
    EXPECT_THAT(
        ended.errors,
        HasSubstr(name_ + " stopped: 0 connections, 0 of them refused\n"));
  }
}

TEST_P(DesignTest, SignalEndsItWithConnectionsOfAllKinds) {
  DesignServer server(name_, {kUpper});
  ClientSocket silent(server.port());
  ClientSocket served(server.port());
  ASSERT_TRUE(IsServed(served));
  StreamClient stuck(server.port(), MuchMoreLines());
  if (GetParam().keeps_order) {
    ASSERT_TRUE(stuck.SendUntilStuck());
  }
  server.Stop();
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(served.ReadToEnd(), "");
}

}  // namespace
}  // namespace rondo
