#ifndef RONDO_TESTS_NET_REACTOR_POLLER_CONFORMANCE_H_
#define RONDO_TESTS_NET_REACTOR_POLLER_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"

namespace rondo {

// A loop of each backend. A new backend is added to kBackends.
inline const auto kBackends = ::testing::Values("epoll", "poll", "select");

class PollerConformanceTest : public ::testing::TestWithParam<const char*> {
 protected:
  bool IsSelect() const { return std::string_view(GetParam()) == "select"; }

  const std::unique_ptr<EventLoop> owned_loop_ =
      NewLoop({.poller = GetParam()});
  EventLoop& loop_ = *owned_loop_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_REACTOR_POLLER_CONFORMANCE_H_
