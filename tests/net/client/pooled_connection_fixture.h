#ifndef RONDO_TESTS_NET_CLIENT_POOLED_CONNECTION_FIXTURE_H_
#define RONDO_TESTS_NET_CLIENT_POOLED_CONNECTION_FIXTURE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "net/client/pooled_connection.h"
#include "tests/net/client/connection_pool_fixture.h"
#include "tests/testing/sockets.h"

namespace rondo {

// A pool, somebody who has borrowed from it, and the peer.
class PooledConnectionFixture : public ConnectionPoolFixture {
 protected:
  static constexpr size_t kMuchBytes = 8 << 20;  // more than the kernel takes

  // One connection that may have much to send.
  static ConnectionPoolOptions ForMuch() {
    return {.dialer = {.limits = {.high_water_mark_bytes = 2 * kMuchBytes,
                                  .max_output_bytes = 2 * kMuchBytes}},
            .max_per_endpoint = 1};
  }

  // A pool, one that is lent, and its peer.
  Borrower& Begin(ConnectionPoolOptions options = {}) {
    MakePool(std::move(options));
    Borrower& borrower = Borrow(server_.endpoint());
    peer_ = server_.Accept();
    return borrower;
  }

  // What `on_message` does when the peer has sent `bytes`.
  void HandleOnce(Borrower& borrower, const std::string& bytes,
                  std::function<void(Borrower&, Buffer&)> on_message) {
    On([&] { borrower.on_message = std::move(on_message); });
    Write(peer_, bytes);
    AwaitHeard(borrower, "message " + bytes);
  }

  ManualServer server_;
  UniqueFd peer_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_POOLED_CONNECTION_FIXTURE_H_
