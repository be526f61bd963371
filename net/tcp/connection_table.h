#ifndef RONDO_NET_TCP_CONNECTION_TABLE_H_
#define RONDO_NET_TCP_CONNECTION_TABLE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/memory_budget.h"
#include "net/tcp/output_queue.h"
#include "net/tcp/socket.h"

namespace rondo {

class EventLoop;
class LingeringClose;
class TcpConnection;
class Transport;

// A loop's connections, and what one of them needs at a time and so need not
// own: the block that input is read into and the queue for a handler's output.
// Also the loop's share of the process's memory budget.
//
// Threading: the loop's thread only.
// Ownership: owns the connections from Adopt() until the end of the turn in
// which they close, and then the sockets that linger.
class ConnectionTable final : public LoopLocal {
 public:
  // What one read may bring.
  static constexpr size_t kReadBlockBytes = 64 * 1'024;

  // How long connections that are not read for want of memory wait before the
  // loop looks whether there is some.
  static constexpr absl::Duration kMemoryRecheck = absl::Milliseconds(10);
  // How long they do before the one of this loop that holds most is ended, as
  // all might be waiting for input that nobody reads; and then the next.
  static constexpr absl::Duration kMemoryPatience = absl::Seconds(1);

  explicit ConnectionTable(EventLoop* loop);
  ~ConnectionTable() override;

  EventLoop* loop() const { return loop_; }
  size_t size() const { return connections_.size(); }
  size_t lingering() const { return lingering_.size(); }
  const MemoryShare& memory() const { return memory_; }

  // Makes a connection of a connected socket and lets it begin. It is good to
  // the end of the turn, though it may close as it begins.
  TcpConnection& Open(Socket socket, InetAddress peer,
                      ConnectionMembership membership);

  // Takes the connection over and lets it begin.
  void Adopt(std::unique_ptr<TcpConnection> connection);

  // Tells the connections of `group` that it drains, and ends with
  // kServerStopped what is left of them after `grace`.
  void Drain(const std::shared_ptr<ConnectionGroup>& group,
             absl::Duration grace);

  // Ends all connections of `group`, which has stopped, now, each with its
  // callback, and then on_stop.
  void CloseAll(const ConnectionGroup* group, CloseReason reason);

  // LoopLocal: settles the connections in the list below.
  void FlushTurn() override;
  void OnLoopEnd() override;

 private:
  friend class LingeringClose;
  friend class TcpConnection;

  // Has `connection` settled in step 7.
  void SettleLater(TcpConnection* connection);

  // Gives a closed connection up to the end of the turn.
  void Release(TcpConnection* connection);

  // Keeps a closed connection's socket for as long as its peer may send.
  void Linger(std::unique_ptr<Transport> transport,
              ConnectionMembership membership, absl::Duration timeout);
  void Release(LingeringClose* lingering);

  // Resumes, once there is memory, whoever is not read for want of it.
  void AwaitMemory();
  void RecheckMemory();
  void EndLargest();

  // The connections of `group`; all if it is null.
  std::vector<TcpConnection*> Members(const ConnectionGroup* group) const;

  EventLoop* const loop_;
  MemoryShare memory_;  // outlives those that hold of it
  std::vector<std::unique_ptr<TcpConnection>> connections_;
  std::vector<std::unique_ptr<LingeringClose>> lingering_;
  std::vector<TcpConnection*> to_settle_;  // each at most once
  std::vector<TcpConnection*> settling_;   // FlushTurn()'s
  Buffer read_block_;
  // The connection whose handler runs, and what it has sent since.
  TcpConnection* handler_ = nullptr;
  OutputQueue handler_output_;
  bool awaits_memory_ = false;
  MonotonicTime memory_low_since_;  // if it is awaited
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_TABLE_H_
