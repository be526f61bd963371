#ifndef RONDO_NET_TCP_CONNECTION_HANDLE_H_
#define RONDO_NET_TCP_CONNECTION_HANDLE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace rondo {

class Mailbox;
class TcpConnection;

// A connection as other threads hold it, and whoever may outlive it.
//
// Every call leaves a message for the connection's loop; those of one thread
// arrive in order. They return false, having done nothing, once the connection
// is closed (but see Run) or its loop is gone. True means that the loop will
// see the message, not that the peer will: the connection may close first.
//
// What waits in the mailbox counts as the connection's output. A Send() that
// would take it above the maximum returns false and ends the connection with
// kOutputLimit: watch output_bytes(), or feed from a connection that pauses.
//
// Threading: all methods are Thread-safe but local().
// Ownership and lifetime: a copyable value that owns neither the connection nor
// its loop and may outlive both.
//
// Example:
//   ConnectionHandle peer = connection.handle();
//   std::thread([peer] { peer.Send("later"); }).detach();
class ConnectionHandle {
 public:
  // Refers to no connection: every call returns false.
  ConnectionHandle() = default;

  bool Send(std::string bytes) const;
  bool Send(std::shared_ptr<const std::string> payload) const;

  // As the methods of TcpConnection.
  bool Shutdown() const;
  bool Close() const;
  bool ForceClose() const;

  // Runs `f` on the connection's loop with the connection, or with null if it
  // is closed by then. False only if the loop is gone; then, or if the loop
  // ends first, `f` is destroyed without running.
  bool Run(absl::AnyInvocable<void(TcpConnection*)> f) const;

  // The connection, null once it is closed. For its loop's thread only.
  TcpConnection* local() const;

  // A closed connection never opens again.
  bool closed() const;

  // Bytes sent through handles that have not reached the connection yet; and
  // these with what is queued in it for the peer.
  size_t bytes_in_mailbox() const;
  size_t output_bytes() const;

  friend bool operator==(const ConnectionHandle&,
                         const ConnectionHandle&) = default;

 private:
  friend class ConnectionHold;
  friend class TcpConnection;

  // What the handles of a connection share with it.
  struct Link {
    Link(std::shared_ptr<Mailbox> loop_mailbox, TcpConnection* c,
         size_t max_bytes)
        : mailbox(std::move(loop_mailbox)),
          max_output_bytes(max_bytes),
          connection(c),
          closed(c == nullptr) {}

    // The connection's last call. Two may feed each other, and so the links.
    void Close() {
      feeder = nullptr;
      connection = nullptr;
      closed.store(true, std::memory_order_relaxed);
    }

    // Closed when the loop is gone, and then refuses posts.
    const std::shared_ptr<Mailbox> mailbox;
    const size_t max_output_bytes;

    // Loop thread only.
    TcpConnection* connection;     // null when closed
    std::shared_ptr<Link> feeder;  // see TcpConnection::SetFeeder()

    std::atomic<bool> closed;
    std::atomic<bool> over_limit{false};  // the loop has been told
    std::atomic<size_t> bytes_in_mailbox{0};
    std::atomic<size_t> queued_bytes{0};  // in the connection; the loop writes
  };

  explicit ConnectionHandle(std::shared_ptr<Link> link)
      : link_(std::move(link)) {}

  // Counts `bytes` into the mailbox; false if they are too many.
  bool Reserve(size_t bytes) const;
  template <typename Payload>
  bool SendPayload(Payload payload, size_t bytes) const;

  std::shared_ptr<Link> link_;
};

// Somebody owes the connection an answer. While there is a hold, neither the
// peer's FIN closes it nor a server that drains: a client that sends its
// question, half closes and waits gets what it waits for. See
// TcpConnection::Hold().
//
// Threading: moved and destroyed by any thread, one at a time.
class ConnectionHold {
 public:
  ConnectionHold(ConnectionHold&&) = default;
  ConnectionHold& operator=(ConnectionHold&&) = delete;
  ~ConnectionHold();

  // Ends the hold at once, where the connection (null if closed) is at hand.
  void Release(TcpConnection* connection);

 private:
  friend class TcpConnection;
  explicit ConnectionHold(ConnectionHandle handle)
      : handle_(std::move(handle)) {}

  ConnectionHandle handle_;  // empty once moved from
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_HANDLE_H_
