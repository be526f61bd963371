#ifndef RONDO_NET_TCP_CONNECTION_TABLE_H_
#define RONDO_NET_TCP_CONNECTION_TABLE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/output_queue.h"

namespace rondo {

class ConnectionGroup;
class EventLoop;
class TcpConnection;

// A loop's connections, and what one of them needs at a time and so need not
// own: the block that input is read into and the queue for a handler's output.
//
// Threading: the loop's thread only.
// Ownership: owns the connections from Adopt() until the end of the turn in
// which they close.
class ConnectionTable final : public LoopLocal {
 public:
  // What one read may bring.
  static constexpr size_t kReadBlockBytes = 64 * 1'024;

  explicit ConnectionTable(EventLoop* loop) : loop_(loop) {}
  ~ConnectionTable() override;

  EventLoop* loop() const { return loop_; }
  size_t size() const { return connections_.size(); }

  // Takes the connection over and lets it begin.
  void Adopt(std::unique_ptr<TcpConnection> connection);

  // Ends all connections of `group` now, each with its callback.
  void CloseAll(const ConnectionGroup* group, CloseReason reason);

  // LoopLocal: settles the connections in the list below.
  void FlushTurn() override;
  void OnLoopEnd() override;

 private:
  friend class TcpConnection;

  // Has `connection` settled in step 7.
  void SettleLater(TcpConnection* connection);

  // Gives a closed connection up to the end of the turn.
  void Release(TcpConnection* connection);

  // Ends all connections that `ends` says yes to.
  void CloseIf(absl::FunctionRef<bool(const TcpConnection&)> ends,
               CloseReason reason);

  EventLoop* const loop_;
  std::vector<std::unique_ptr<TcpConnection>> connections_;
  std::vector<TcpConnection*> to_settle_;  // each at most once
  std::vector<TcpConnection*> settling_;   // FlushTurn()'s
  Buffer read_block_;
  // The connection whose handler runs, and what it has sent since.
  TcpConnection* handler_ = nullptr;
  OutputQueue handler_output_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_TABLE_H_
