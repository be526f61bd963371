#ifndef RONDO_TESTS_NET_CORO_STREAM_FIXTURE_H_
#define RONDO_TESTS_NET_CORO_STREAM_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/fake_clock.h"
#include "net/coro/spawn.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/socket.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {

// What coroutines were told, in order.
using Log = std::vector<std::string>;

inline std::string Told(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}
inline std::string Told(const absl::StatusOr<std::string_view>& bytes) {
  if (!bytes.ok()) return Told(bytes.status());
  return "'" + std::string(*bytes) + "'";
}

// A stream on a loop without a server; the other end of its socket pair is the
// test's. Turn by turn with RunSteps().
class StreamFixture : public ::testing::Test {
 protected:
  ~StreamFixture() override { loop_.reset(); }

  // Opens the connection, once.
  Stream Open(ConnectionLimits limits = {}, FdPair pair = UnixPair()) {
    peer_ = std::move(pair.b);
    group_ = std::make_shared<ConnectionGroup>(StreamCallbacks(), /*loops=*/1,
                                               limits);
    connection_ = &table().Open(Socket(std::move(pair.a)), InetAddress(),
                                ConnectionMembership(group_, /*loop_index=*/0));
    return Stream(*connection_);
  }
  ConnectionTable& table() { return loop_->Local<ConnectionTable>(); }

  Step Send(std::string bytes) {
    return [this, bytes = std::move(bytes)] { Write(peer_, bytes); };
  }
  Step SendFin() {
    return [this] { shutdown(peer_.get(), SHUT_WR); };
  }
  // The coroutines have told so much.
  Wait UntilLogged(size_t entries) {
    return Until([this, entries] { return log_.size() >= entries; });
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = NewLoop({.clock = &clock_});
  UniqueFd peer_;
  std::shared_ptr<ConnectionGroup> group_;
  TcpConnection* connection_ = nullptr;
  Log log_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_STREAM_FIXTURE_H_
