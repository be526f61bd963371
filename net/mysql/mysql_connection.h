#ifndef RONDO_NET_MYSQL_MYSQL_CONNECTION_H_
#define RONDO_NET_MYSQL_MYSQL_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/client/request.h"
#include "net/client/resolver.h"
#include "net/mysql/mysql_handle.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_result.h"
#include "net/mysql/mysql_rows.h"
#include "net/reactor/channel.h"
#include "net/reactor/io_events.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/inet_address.h"

namespace rondo {

class EventLoop;

// What a MySqlConnection tells. Each may close it, and is the last thing that
// the connection does then; none may destroy it.
struct MySqlConnectionCallbacks {
  // Once: it is idle, or closed.
  absl::AnyInvocable<void(const absl::Status&)> on_connect;
  // Once for each Query(): it is idle again, or closed.
  absl::AnyInvocable<void(absl::StatusOr<MySqlResult>)> on_answer;
  // The server has closed it, or spoken unasked, while it was idle.
  absl::AnyInvocable<void()> on_lost;
};

// One connection to a server: Connector/C's non-blocking calls, each continued
// when the loop says that the socket is ready for what it waits for.
//
//   looking up ──► connecting ──► idle ──Query()──► asking ──► reading rows
//                                  ▲                   │            │
//                                  │                 error          │
//                                  │                   ▼            │
//                                  ├───────────── rolling back      │
//                                  └── further results, dropped ◄───┘
//   any ──Close(), lost, or an error that ends it──► closed
//
// A call that waits has a stack of its own, in Connector/C. To end it early it
// is continued with the news that its time is over: it then fails at once,
// frees what it has and reads nothing more. So Close() never waits, nothing
// leaks, and a late answer finds no socket.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows loop and options. Closed inside one of its
// callbacks, it is to be destroyed by EventLoop::DeferDelete().
// Errors: MySqlError()'s; DeadlineExceeded if connecting takes too long.
// Reference: the MariaDB manual, "Non-blocking Client Library".
class MySqlConnection {
 public:
  MySqlConnection(EventLoop* loop, const MySqlOptions* options,
                  MySqlConnectionCallbacks callbacks);
  MySqlConnection(const MySqlConnection&) = delete;
  MySqlConnection& operator=(const MySqlConnection&) = delete;
  ~MySqlConnection();

  // Begins to connect. Of the addresses that a name has it tries one after the
  // other, from this one on (modulo their number), until there is a server. May
  // call back inside this call. Requires: not called before.
  void Connect(size_t first_address);

  // Asks. May call back inside this call. Requires: idle.
  void Query(std::string sql);

  // Nobody hears of what was under way.
  void Close();

  bool closed() const { return step_ == Step::kClosed; }
  bool idle() const { return step_ == Step::kIdle; }
  // Idle, and has nothing to say: an idle connection that the server has
  // closed may not have been told so yet. Costs a system call.
  bool IsAtRest() const { return idle() && handle_->IsAtRest(); }
  // What the query has failed of that is being rolled back; OK if it has not
  // failed yet. Requires: Query() was called, and on_answer was not.
  const absl::Status& failure() const { return failure_; }
  // How often a large result has let others have their turn.
  uint64_t pauses() const { return pauses_; }

 private:
  enum class Step {
    kNew,
    kLookUp,
    kConnect,
    kIdle,
    kQuery,
    kRow,
    kPause,  // between two rows, until the loop's next turn
    kNextResult,
    kClosed,
  };
  // What is read before others surely have their turn. It may be read in
  // several turns: then they have one too many.
  static constexpr size_t kMaxBytesPerTurn = 1 << 20;

  bool suspended() const { return waits_ != 0; }

  void LookUp(AddressFamily family);
  void HandleAddresses(const Resolver::Answer& answer);
  void ConnectToNext();
  void ConnectTo(const Endpoint& address);
  void HandleConnectFailure();
  void HandleConnectTimeout();

  // Go through the steps until one waits: for `waits`, if that is not 0.
  void GoOn(int waits);
  int ContinueCall(int events);
  // What comes after the call that has ended; returns what that waits for, or
  // none if there is nothing more to do.
  std::optional<int> BeginNext();
  std::optional<int> BeginReading();
  std::optional<int> TakeRow();
  int FetchRow();
  std::optional<int> BeginNextResult();

  void Ask(std::string sql);
  void Wait(int waits);
  void Pause();
  void HandleEvents(IoEvents events);
  void FinishConnect();
  void Finish();
  void Fail(absl::Status status);
  void LeaveChannel();
  void AbortCall();

  EventLoop* const loop_;
  const MySqlOptions& options_;
  MySqlConnectionCallbacks callbacks_;

  Step step_ = Step::kNew;
  std::optional<MySqlHandle> handle_;  // none before it has an address
  std::unique_ptr<Channel> channel_;
  int waits_ = 0;  // of the call that is suspended
  TimerId timer_;  // for connecting, then for pauses

  // While it connects.
  size_t first_address_ = 0;
  std::vector<Request> lookups_;
  size_t lookups_open_ = 0;
  std::vector<InetAddress> addresses_;  // to be tried yet
  absl::Status lookup_failure_;
  std::optional<MySqlTarget> target_;

  // Of a query.
  std::string sql_;
  absl::Status failure_;     // told when all is rolled back
  bool has_result_ = false;  // what comes now is dropped
  MySqlResult result_;
  std::optional<MySqlRows> rows_;
  size_t bytes_in_turn_ = 0;  // since the last pause
  uint64_t pauses_ = 0;

  // Where Connector/C leaves what a call returns.
  MYSQL* returned_mysql_ = nullptr;
  int returned_int_ = 0;
  MYSQL_ROW returned_row_ = nullptr;
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_CONNECTION_H_
