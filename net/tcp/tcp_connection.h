#ifndef RONDO_NET_TCP_TCP_CONNECTION_H_
#define RONDO_NET_TCP_TCP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "net/reactor/channel.h"
#include "net/reactor/io_events.h"
#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_deadlines.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_handle.h"
#include "net/tcp/context_slot.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/output_queue.h"
#include "net/tcp/transport.h"

namespace rondo {

class ConnectionTable;
class EventLoop;

// A stream to one peer, on one loop.
//
//   open ──Shutdown()──► shutting ──peer's FIN──► closing ──► closed
//    │  └──Close(), peer's FIN─────────────────────▲            ▲
//    └─────────ForceClose(), RST, error, server or loop stopped─┘
//
//   open      reads and sends.
//   shutting  reads; sends what is queued, then FIN; takes nothing new.
//   closing   does not read; sends what is queued, then closes.
//   closed    on_close has been called; destroyed at the end of the turn. The
//             socket may stay a little, see LingeringClose.
//
// What it may hold and how long it may take is in the server's
// ConnectionLimits. A connection whose output is above the high water mark does
// not read until it is at the low one, so a peer that sends without reading
// stops itself.
//
// No method calls back: what they begin happens when the running handler
// returns, or, called from elsewhere, at the end of the turn.
//
// All that a handler sends leaves in one system call when the handler returns;
// all that others send leaves in one at the end of the turn. Files take more.
//
// Threading: the loop's thread only. Others use handle().
// Ownership and lifetime: the loop's table owns it. A reference is good until
// the callback that was given it returns; handle() for longer.
// Errors: end the connection with a CloseReason.
// Units: bytes.
class TcpConnection {
 public:
  TcpConnection(ConnectionTable* table, std::unique_ptr<Transport> transport,
                InetAddress peer, ConnectionMembership membership);
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;
  ~TcpConnection();

  EventLoop* loop() const;
  ConnectionHandle handle();

  // Something is still owed: keeps the peer's FIN, and a server that drains,
  // from closing the connection until the hold is destroyed. A RST, Close() and
  // the others end it all the same.
  [[nodiscard]] ConnectionHold Hold();

  // The same without a handle, for who is on this thread and says each time
  // whether anything is owed, as it then is only by who has said so.
  void SetOwing(bool owing);

  // A FIN of the peer is told by on_half_close and ends nothing else, also
  // after Shutdown(): for who reads the stream to its end and closes it then.
  void AllowHalfClose() { reads_to_end_ = true; }

  // Whose input becomes this one's output, as in a proxy: it is not read while
  // this one is above the high water mark. Itself, unless said otherwise; may
  // belong to another loop.
  void SetFeeder(const ConnectionHandle& feeder);

  const InetAddress& peer_address() const { return peer_; }
  absl::StatusOr<InetAddress> local_address() const;

  // Queues bytes to send: copied, moved, or shared and never copied. False,
  // and nothing is queued, after Shutdown() or Close() and once closed.
  bool Send(std::string_view bytes);
  bool Send(const char* text) { return Send(std::string_view(text)); }
  bool Send(std::string&& bytes);
  bool Send(std::shared_ptr<const std::string> payload);

  // Queues bytes of a regular file, which this thread reads as it sends them.
  // They count as output (a large file goes in parts, the next one when
  // is_sated() ends), but not as memory. If the file is shorter by then, or
  // cannot be read, the connection is reset: kFileError.
  // Requires: `file` is open.
  bool SendFile(std::shared_ptr<const UniqueFd> file, uint64_t offset,
                size_t bytes);

  // Sends what is queued, then FIN; goes on reading until the peer's FIN.
  void Shutdown();
  // Sends what is queued, then closes. Input that is unread then is swallowed
  // for a while; after LingerOnClose() also what only comes later, for a
  // protocol that refuses what the peer is still sending.
  void Close();
  void LingerOnClose() { linger_always_ = true; }
  // Closes and drops what is queued. Reset() does so with a RST, which tells
  // the peer that what it has got is not all.
  void ForceClose();
  void Reset();

  // Between them input waits in the kernel, and so does a FIN behind it or
  // behind what the handler left; a RST, and a FIN with nothing before it, are
  // heard all the same. What the handler left is passed again after
  // ResumeReading().
  void PauseReading();
  void ResumeReading();
  bool reading() const { return (pauses_ & kPausedByUser) == 0; }

  // Closes with kExpectationTimeout unless called again, or ExpectNothing(),
  // within `duration`: how a protocol bounds a whole request, which a peer that
  // trickles bytes cannot drag out. Costs no more than a store where the
  // deadline moves away.
  void ExpectWithin(absl::Duration duration);
  void ExpectNothing() { deadlines_.ExpectBy(ConnectionDeadlines::kNever); }
  bool expects() const { return deadlines_.expects(); }

  // The server is stopping: this reply had better be the last.
  bool draining() const { return deadlines_.draining(); }

  // Whether small writes leave at once. Servers' connections begin with
  // TcpServerOptions' values.
  void SetTcpNoDelay(bool on) { transport_->socket().SetNoDelay(on); }
  void SetKeepAlive(bool on) { transport_->socket().SetKeepAlive(on); }

  bool closed() const { return stage_ == Stage::kClosed; }
  // Its server or client has been stopped or destroyed.
  bool owner_stopped() const { return group()->stopped(); }
  // Whether Shutdown(), Close(), ForceClose() or Reset() was called.
  bool end_requested() const { return end_requested_; }
  uint64_t bytes_received() const { return bytes_received_; }
  uint64_t bytes_sent() const { return bytes_sent_; }
  // Queued and not yet taken by the kernel.
  size_t output_bytes() const;
  // Not yet at the low water mark again.
  bool above_high_water() const { return above_high_water_; }
  // Better not send more for now: that, or this handler has sent so much. What
  // follows is on_low_water or on_write_complete.
  bool is_sated() const;
  // So many more bytes sate it; 0 if it is, or if there is no room for more.
  size_t room_bytes() const;
  // Left by the handler for its next call.
  size_t input_bytes() const { return input_.readable_bytes(); }
  size_t max_input_bytes() const { return limits().max_input_bytes; }
  size_t max_output_bytes() const { return limits().max_output_bytes; }
  // Open both ways, with nothing on its way in either, here or in the kernel,
  // and nothing held: as good as new, for whoever keeps it for later use.
  bool IsAtRest() const;

  // The user's object, destroyed with the connection or by the next Emplace.
  // context() is null if there is none of this type.
  template <typename T, typename... Args>
  T& EmplaceContext(Args&&... args) {
    return context_.Emplace<T>(std::forward<Args>(args)...);
  }
  template <typename T>
  T* context() const {
    return context_.Get<T>();
  }

 private:
  friend class ConnectionHandle;
  friend class ConnectionHold;
  friend class ConnectionTable;

  // Only ever moves down this list.
  enum class Stage : uint8_t { kOpen, kShutting, kClosing, kEnding, kClosed };
  // Why input is left in the kernel: a set.
  enum Pauses : uint8_t {
    kPausedByUser = 1,
    kPausedByPressure = 2,  // of its own output
    kPausedForMemory = 4,
  };
  using Link = ConnectionHandle::Link;

  ConnectionGroup* group() const { return membership_.group(); }
  const ConnectionCallbacks& callbacks() const { return group()->callbacks(); }
  const ConnectionLimits& limits() const { return group()->limits(); }

  // The table's and the handles' calls.
  void Begin();
  void StartDrain();
  void SettleInFlush();
  void EndNow(CloseReason reason);
  void ReleaseHold();
  void ExceedOutputLimit();
  void Resume(Pauses why);
  // One more, or one less, that it feeds is above its high water mark.
  void Press(int change);

  // What happens.
  void HandleEvents(IoEvents events);
  void HandleReadable();
  void HandleHangup();
  bool HandleError(IoEvents events);  // true if that ends it
  void HandleFin();
  void EndAfterFin();
  void HandleDeadline();
  void Deliver(Buffer& input);
  void DeliverKept();
  void DeliverKeptLater();

  // Bracket the user's handler: what it sends is gathered, then settled.
  void EnterHandler();
  void LeaveHandler();
  // Runs one of the user's callbacks from inside the settling.
  void CallInside(const ConnectionCallbacks::Callback& callback);

  OutputQueue& Output();
  bool AcceptsOutput() const { return stage_ == Stage::kOpen; }
  // After an append: writes at once what has grown above the high water mark.
  // False if it is above the maximum all the same.
  bool Bound(OutputQueue& output) {
    return output.bytes() <= limits().high_water_mark_bytes || Relieve(output);
  }
  bool Relieve(OutputQueue& output);
  bool Delivers() const {
    return pauses_ == 0 && pressed_ == 0 && stage_ < Stage::kClosing;
  }
  bool Reads() const { return Delivers() && !fin_received_; }
  // The handler has left input, and not because it could do nothing with it.
  bool OwesDelivery() const {
    return !input_.empty() && (deliver_again_ || !Delivers());
  }
  // Owes the peer nothing that anybody knows of.
  bool IsQuiet() const;
  bool IsLastReply();
  size_t BytesInMailbox() const;

  void Advance(Stage stage, CloseReason reason);
  void SettleLater();
  // Brings the socket in line with output and stage.
  void Settle(OutputQueue& output);
  void Flush(OutputQueue& output);
  void KeepOutput(OutputQueue& output);
  bool HoldsNothing() const;
  void UpdatePressure();
  void SetAboveHighWater(bool above);
  void PressFeeder(int change);
  void UpdateMemory();
  void UpdateDeadlines();
  void ArmDeadlines();
  void UpdateInterest();
  void Finish();
  bool MustLinger();
  void CloseSocket(bool linger);

  // What every message touches comes first, to lie in few cache lines.
  ConnectionTable* const table_;
  ConnectionMembership membership_;
  std::unique_ptr<Transport> transport_;
  Channel channel_;
  Stage stage_ = Stage::kOpen;
  CloseReason reason_ = CloseReason::kLocalClosed;  // from kClosing on
  uint8_t pauses_ = 0;
  bool fin_sent_ = false;
  bool fin_received_ = false;
  bool hangup_seen_ = false;  // a FIN waits behind unread input
  bool in_handler_ = false;
  bool settle_later_ = false;   // is in the table's list
  bool deliver_again_ = false;  // input_ waits for the handler, not for bytes
  bool above_high_water_ = false;
  bool linger_always_ = false;
  bool end_requested_ = false;
  bool reset_on_close_ = false;
  bool reads_to_end_ = false;  // see AllowHalfClose()
  bool owing_ = false;         // see SetOwing()
  bool says_owing_ = false;    // it was called
  bool relieved_ = false;      // all is written, which has not been told yet
  uint32_t pressed_ = 0;       // see Press()
  std::unique_ptr<OutputQueue> output_;  // what the kernel did not take
  Buffer input_;                         // what the handler left
  uint64_t bytes_received_ = 0;
  uint64_t bytes_sent_ = 0;
  ConnectionDeadlines deadlines_;

  size_t held_bytes_ = 0;  // of the table's share of the memory budget
  uint32_t table_index_ = 0;
  uint32_t holds_ = 0;
  std::shared_ptr<Link> link_;  // if there are handles
  ContextSlot context_;
  const InetAddress peer_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TCP_CONNECTION_H_
