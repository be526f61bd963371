#ifndef RONDO_NET_MYSQL_MYSQL_POOL_CORE_H_
#define RONDO_NET_MYSQL_MYSQL_POOL_CORE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "net/mysql/mysql_connection.h"
#include "net/mysql/mysql_pool.h"
#include "net/reactor/timer_id.h"

namespace rondo {

// What a MySqlPool does.
//
// Queries are sent in Serve(), by a timer; all else only changes what can be
// sent where. So no callback runs inside the user's calls, and a query that is
// asked while the loop dispatches still leaves in the same turn.
class MySqlPool::Core {
 public:
  Core(EventLoop* loop, MySqlPoolOptions options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  Request Query(std::string sql, const MySqlQueryOptions& options,
                Callback callback);
  // What destroying the pool does at once. This object goes at the end of the
  // turn, for one of its functions may be running.
  void End();

  size_t idle() const { return idle_.size(); }
  size_t busy() const { return busy_.size(); }
  size_t connecting() const { return connecting_.size(); }
  size_t waiting() const { return waiting_.size(); }
  const Counts& counts() const { return counts_; }

 private:
  struct Question;
  struct Slot;
  using Questions = std::list<std::shared_ptr<Question>>;
  using Slots = std::list<Slot>;

  // Queries sent between two turns of the loop.
  static constexpr int kMaxServedPerTurn = 256;

  // Who asks.
  Request Refuse(std::shared_ptr<Question> question,
                 const absl::Status& status);
  void Withdraw(Question& question);
  void Expire(Question& question);
  absl::Status TimeOut(const Question& question) const;
  std::shared_ptr<Question> TakeOut(Question& question);
  void Answer(std::shared_ptr<Question> question,
              absl::StatusOr<MySqlResult> result);
  void AnswerAllThatWait(const absl::Status& status);

  // Who is served.
  void ServeSoon();
  void Serve();
  bool ServeFirst();
  bool FindIdle();
  void Send(Slots::iterator slot);
  void HandleAnswer(Slots::iterator slot, absl::StatusOr<MySqlResult> result);
  bool SendAgain(const absl::Status& status,
                 std::shared_ptr<Question>& question);

  // What is open.
  bool MayConnect() const;
  void Connect();
  void HandleConnected(Slots::iterator slot, const absl::Status& status);
  void HandleLost(Slots::iterator slot);
  void BecomeIdle(Slots& from, Slots::iterator slot);
  void Drop(Slots& from, Slots::iterator slot);
  void CloseExpired();
  void ArmIdleTimer();

  EventLoop* const loop_;
  const MySqlPoolOptions options_;
  const absl::Status options_status_;

  bool ended_ = false;
  Questions waiting_;  // by number
  Questions refused_;  // to be told so
  uint64_t last_number_ = 0;
  Slots connecting_;
  Slots busy_;
  Slots idle_;  // the one that has been so for longest first
  Counts counts_;

  Backoff backoff_;
  bool backing_off_ = false;  // until retry_
  TimerId retry_;
  size_t first_address_ = 0;  // the next, after one that was silent
  TimerId serving_;
  bool serving_armed_ = false;
  TimerId expiring_;
  bool expiring_armed_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_POOL_CORE_H_
