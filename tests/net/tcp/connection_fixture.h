#ifndef RONDO_TESTS_NET_TCP_CONNECTION_FIXTURE_H_
#define RONDO_TESTS_NET_TCP_CONNECTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/reactor/event_loop.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/tcp_connection.h"
#include "net/tcp/transport.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {

// What a ScriptedTransport was asked, and what it is to answer next.
struct TransportScript {
  // An answer: an errno, or a limit to the bytes that the socket gets to see.
  struct Answer {
    size_t max_bytes = 0;
    int error = 0;
  };

  std::deque<Answer> reads = {};  // for the next calls; after them the socket's
  std::deque<Answer> writes = {};  // the same
  std::deque<Answer> files = {};   // for the next parts of files

  int read_calls = 0;
  std::vector<size_t> write_calls = {};      // bytes that each offered
  std::vector<const void*> slice_data = {};  // of the last write
  std::vector<size_t> file_calls = {};       // bytes that each offered
  int fins = 0;
};

// A socket that does what its script says, and then what sockets do.
class ScriptedTransport final : public Transport {
 public:
  ScriptedTransport(Socket socket, std::shared_ptr<TransportScript> script);

  IoResult Read(char* to, size_t bytes) override;
  IoResult Write(const iovec* slices, int count, bool more) override;
  IoResult SendFile(int file, uint64_t offset, size_t bytes) override;
  void ShutdownWrite() override;

 private:
  const std::shared_ptr<TransportScript> script_;
};

// Connections on a loop without a server, over socket pairs. Turn by turn with
// RunSteps(): on a UnixPair() what one step writes is read before the next.
class ConnectionFixture : public ::testing::Test {
 protected:
  struct Opened {
    TcpConnection* connection = nullptr;  // until it closes
    UniqueFd peer = {};
    std::shared_ptr<TransportScript> script = nullptr;
    std::shared_ptr<ConnectionGroup> group = nullptr;

    TcpConnection* operator->() const { return connection; }
  };

  explicit ConnectionFixture(EventLoopOptions options = {});

  // A connection on one end of `pair`; the other end is the test's.
  Opened Open(FdPair pair = UnixPair(), TransportScript script = {});
  // One of which the first writes are answered like this.
  Opened OpenToWrite(std::deque<TransportScript::Answer> writes);
  // One in a group of its own, with these limits.
  Opened OpenWithLimits(ConnectionLimits limits, FdPair pair = UnixPair());
  // On one end of two connected TCP sockets, by which a peer can reset.
  Opened OpenTcp() { return Open(TcpPair()); }

  ConnectionTable& table() { return loop_.Local<ConnectionTable>(); }

  // "connect", "message <bytes>", "write complete", "half close", "drain",
  // "timeout <reason>", "close <reason>" since the last call, of all
  // connections.
  std::vector<std::string> Events();

  // The server's callbacks: they write the event down and do what follows.
  std::function<void(TcpConnection&)> on_connect_;
  std::function<void(TcpConnection&, Buffer&)> on_message_;  // or drops all
  std::function<void(TcpConnection&)> on_write_complete_;
  std::function<void(TcpConnection&)> on_high_water_;  // not written down
  std::function<void(TcpConnection&)> on_low_water_;   // nor this
  std::function<void(TcpConnection&)> on_half_close_;
  std::function<void(TcpConnection&)> on_drain_;
  std::function<void(TcpConnection&, CloseReason)> on_timeout_;
  std::function<void(TcpConnection&, CloseReason)> on_close_;

  const std::shared_ptr<ConnectionGroup> group_;
  std::unique_ptr<EventLoop> owned_loop_;
  EventLoop& loop_;

 private:
  ConnectionCallbacks Callbacks();
  Opened OpenIn(std::shared_ptr<ConnectionGroup> group, FdPair pair,
                TransportScript plan);

  std::vector<std::string> events_;
};

// Whether reading from `fd` finds the end of the stream.
bool AtEnd(const UniqueFd& fd);

// What several reads return, until nothing is there.
std::string ReadAll(const UniqueFd& fd);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_CONNECTION_FIXTURE_H_
