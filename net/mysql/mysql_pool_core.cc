#include "net/mysql/mysql_pool_core.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_error.h"
#include "net/reactor/event_loop.h"

namespace rondo {

// One Query(), until it is answered or withdrawn.
struct MySqlPool::Core::Question final : Request::State {
  Question(Core* c, std::string s, const MySqlQueryOptions& o, Callback cb)
      : core(c), sql(std::move(s)), options(o), callback(std::move(cb)) {}
  void Withdraw() override {
    if (core != nullptr) core->Withdraw(*this);
  }
  void Enter(Questions& questions, Questions::iterator before,
             std::shared_ptr<Question> self) {
    list = &questions;
    position = questions.insert(before, std::move(self));
  }

  Core* core;  // null once it is answered
  std::string sql;
  const MySqlQueryOptions options;
  Callback callback;  // null once withdrawn
  uint64_t number = 0;
  int sends = 0;
  TimerId timer;              // the deadline, or to tell it is refused
  Questions* list = nullptr;  // null while it is with a connection
  Questions::iterator position;
  Slots::iterator slot;  // otherwise
};

// A connection, in one of three lists until it is closed.
struct MySqlPool::Core::Slot {
  std::unique_ptr<MySqlConnection> connection = nullptr;
  std::shared_ptr<Question> question = nullptr;  // if it is busy
  size_t first_address = 0;  // from which on it was connected
  MonotonicTime idle_since = {};
};

MySqlPool::Core::Core(EventLoop* loop, MySqlPoolOptions options)
    : loop_(loop),
      options_(std::move(options)),
      options_status_(options_.Check()),
      backoff_(options_.retry) {}

MySqlPool::Core::~Core() = default;

// What the callbacks own goes last: it may be other requests.
void MySqlPool::Core::End() {
  ended_ = true;
  loop_->Cancel(serving_);
  loop_->Cancel(retry_);
  loop_->Cancel(expiring_);
  Questions forgotten = std::move(waiting_);
  forgotten.splice(forgotten.end(), refused_);
  for (Slot& slot : busy_) forgotten.push_back(std::move(slot.question));
  for (Slots* slots : {&connecting_, &busy_, &idle_}) {
    for (Slot& slot : *slots) slot.connection->Close();
  }
  for (const auto& question : forgotten) {
    question->core = nullptr;
    loop_->Cancel(question->timer);
  }
}

// --- Who asks. ---------------------------------------------------------------

Request MySqlPool::Core::Query(std::string sql,
                               const MySqlQueryOptions& options,
                               Callback callback) {
  DCHECK(loop_->IsInLoopThread());
  if (ended_) return Request();  // by what a forgotten callback owned
  auto question = std::make_shared<Question>(this, std::move(sql), options,
                                             std::move(callback));
  if (!options_status_.ok()) return Refuse(question, options_status_);
  const size_t served = std::min(waiting_.size(), idle_.size());
  if (waiting_.size() - served >= options_.max_waiting) {
    ++counts_.refused;
    return Refuse(
        question,
        absl::ResourceExhaustedError(absl::StrCat(
            options_.mysql.server.ToString(), ": ", waiting_.size(),
            " queries wait already, with max_waiting ", options_.max_waiting)));
  }
  question->number = ++last_number_;
  question->Enter(waiting_, waiting_.end(), question);
  ServeSoon();  // before the deadline, even if that is now
  if (options.timeout != absl::InfiniteDuration()) {
    question->timer = loop_->RunAfter(
        options.timeout, [this, q = question.get()] { Expire(*q); });
  }
  return Request(question);
}

Request MySqlPool::Core::Refuse(std::shared_ptr<Question> question,
                                const absl::Status& status) {
  Question* const q = question.get();
  q->Enter(refused_, refused_.end(), question);
  q->timer = loop_->RunAfter(
      absl::ZeroDuration(), [this, q, status] { Answer(TakeOut(*q), status); });
  return Request(question);
}

// The connection of one that was sent goes on until the answer has come.
void MySqlPool::Core::Withdraw(Question& question) {
  Callback dropped = std::move(question.callback);  // goes last
  question.callback = nullptr;
  if (question.list == nullptr) return;
  const auto taken = TakeOut(question);
  taken->core = nullptr;
  loop_->Cancel(taken->timer);
}

void MySqlPool::Core::Expire(Question& question) {
  const bool sent = question.list == nullptr;
  absl::Status status;
  if (sent) status = question.slot->connection->failure();
  ++(status.ok() ? counts_.timed_out : counts_.failed);
  status.Update(TimeOut(question));
  auto taken = sent ? std::move(question.slot->question) : TakeOut(question);
  if (sent) {
    ++counts_.lost;
    Drop(busy_, taken->slot);
    ServeSoon();
  }
  Answer(std::move(taken), status);
}

absl::Status MySqlPool::Core::TimeOut(const Question& question) const {
  const bool sent = question.list == nullptr;
  return absl::DeadlineExceededError(absl::StrCat(
      options_.mysql.server.ToString(), ": no answer within ",
      absl::FormatDuration(question.options.timeout),
      sent ? ", and the query may still run"
           : absl::StrCat(": the query was not sent, with ", busy_.size(),
                          " connections busy, ", connecting_.size(),
                          " connecting, ", waiting_.size(), " waiting")));
}

std::shared_ptr<MySqlPool::Core::Question> MySqlPool::Core::TakeOut(
    Question& question) {
  std::shared_ptr<Question> taken = std::move(*question.position);
  std::exchange(taken->list, nullptr)->erase(taken->position);
  return taken;
}

// The last thing that its caller does: the callback may end this.
void MySqlPool::Core::Answer(std::shared_ptr<Question> question,
                             absl::StatusOr<MySqlResult> result) {
  question->core = nullptr;
  loop_->Cancel(question->timer);
  if (question->callback == nullptr) return;  // withdrawn
  question->callback(std::move(result));
}

// Those who come meanwhile are for the next attempt.
void MySqlPool::Core::AnswerAllThatWait(const absl::Status& status) {
  const uint64_t last = last_number_;
  while (!ended_ && !waiting_.empty() && waiting_.front()->number <= last) {
    ++counts_.failed;
    Answer(TakeOut(*waiting_.front()), status);
  }
}

// --- Who is served. ----------------------------------------------------------

void MySqlPool::Core::ServeSoon() {
  if (serving_armed_ || waiting_.empty()) return;
  serving_armed_ = true;
  serving_ = loop_->RunAfter(absl::ZeroDuration(), [this] {
    serving_armed_ = false;
    Serve();
  });
}

// A callback may end this, if a query has its answer at once.
void MySqlPool::Core::Serve() {
  for (int served = 0; !ended_ && !waiting_.empty(); ++served) {
    if (served == kMaxServedPerTurn) return ServeSoon();
    if (!ServeFirst()) break;
  }
  while (!ended_ && MayConnect()) Connect();
}

bool MySqlPool::Core::ServeFirst() {
  if (!FindIdle()) return false;
  const Slots::iterator slot = std::prev(idle_.end());
  busy_.splice(busy_.end(), idle_, slot);
  Send(slot);
  return true;
}

// Leaves one that can be used at the end of the list, if there is one. One that
// has brought an answer in this turn has been looked at enough.
bool MySqlPool::Core::FindIdle() {
  while (!idle_.empty()) {
    const Slots::iterator slot = std::prev(idle_.end());
    if (slot->idle_since == loop_->now()) return true;
    if (slot->connection->IsAtRest()) return true;
    ++counts_.stale;
    Drop(idle_, slot);
  }
  return false;
}

void MySqlPool::Core::Send(Slots::iterator slot) {
  slot->question = TakeOut(*waiting_.front());
  Question& question = *slot->question;
  question.slot = slot;
  const bool may_be_sent_again = ++question.sends < options_.max_sends;
  slot->connection->Query(may_be_sent_again ? question.sql
                                            : std::move(question.sql));
}

void MySqlPool::Core::HandleAnswer(Slots::iterator slot,
                                   absl::StatusOr<MySqlResult> result) {
  auto question = std::move(slot->question);
  if (IsMySqlResultTooLarge(result.status())) ++counts_.too_large;
  if (slot->connection->idle()) {
    BecomeIdle(busy_, slot);
  } else {
    ++counts_.lost;
    Drop(busy_, slot);
    if (SendAgain(result.status(), question)) return;
  }
  ++(result.ok() ? counts_.answered : counts_.failed);
  ServeSoon();
  Answer(std::move(question), std::move(result));
}

// Puts it in front of those who came later.
bool MySqlPool::Core::SendAgain(const absl::Status& status,
                                std::shared_ptr<Question>& question) {
  const bool harmless =
      WasSurelyNotRun(status) ||
      (question->options.idempotent && WasLostMeanwhile(status));
  const bool wanted = question->callback != nullptr;
  if (!harmless || !wanted || question->sends >= options_.max_sends) {
    return false;
  }
  ++counts_.resent;
  auto before = waiting_.begin();
  while (before != waiting_.end() && (*before)->number < question->number) {
    ++before;
  }
  Question& q = *question;
  q.Enter(waiting_, before, std::move(question));
  ServeSoon();
  return true;
}

// --- What is open. -----------------------------------------------------------

// For each who waits, but one at a time while the server cannot be reached. One
// that is near may be idle as soon as it is begun.
bool MySqlPool::Core::MayConnect() const {
  const size_t usable = connecting_.size() + idle_.size();
  if (usable >= waiting_.size()) return false;
  if (usable + busy_.size() >= options_.max_connections) return false;
  if (backing_off_) return false;
  return backoff_.failures() == 0 || connecting_.empty();
}

void MySqlPool::Core::Connect() {
  const auto slot = connecting_.insert(connecting_.end(),
                                       Slot{.first_address = first_address_});
  slot->connection = std::make_unique<MySqlConnection>(
      loop_, &options_.mysql,
      MySqlConnectionCallbacks{
          .on_connect =
              [this, slot](const absl::Status& status) {
                HandleConnected(slot, status);
              },
          .on_answer =
              [this, slot](absl::StatusOr<MySqlResult> result) {
                HandleAnswer(slot, std::move(result));
              },
          .on_lost = [this, slot] { HandleLost(slot); }});
  slot->connection->Connect(slot->first_address);
}

// Whoever waits is told of a failure unless he may still be served by others.
void MySqlPool::Core::HandleConnected(Slots::iterator slot,
                                      const absl::Status& status) {
  if (status.ok()) {
    ++counts_.connected;
    backoff_.Reset();
    BecomeIdle(connecting_, slot);
    return ServeSoon();
  }
  ++counts_.connect_failures;
  // Of those that have begun with a silent one together, the first tells.
  if (absl::IsDeadlineExceeded(status) &&
      slot->first_address == first_address_) {
    ++first_address_;
  }
  Drop(connecting_, slot);
  if (!backing_off_) {
    backing_off_ = true;
    retry_ = loop_->RunAfter(backoff_.Next(), [this] {
      backing_off_ = false;
      Serve();
    });
  }
  if (connecting_.empty() && busy_.empty() && idle_.empty()) {
    AnswerAllThatWait(status);
  }
}

void MySqlPool::Core::HandleLost(Slots::iterator slot) {
  ++counts_.stale;
  Drop(idle_, slot);
  ServeSoon();
}

void MySqlPool::Core::BecomeIdle(Slots& from, Slots::iterator slot) {
  idle_.splice(idle_.end(), from, slot);
  slot->idle_since = loop_->now();
  ArmIdleTimer();
}

// It may be what calls this.
void MySqlPool::Core::Drop(Slots& from, Slots::iterator slot) {
  slot->connection->Close();
  loop_->DeferDelete(std::move(slot->connection));
  from.erase(slot);
}

// Not what is about to be used: with an idle_timeout of 0 nothing else would
// be.
void MySqlPool::Core::CloseExpired() {
  const MonotonicTime now = loop_->now();
  while (idle_.size() > waiting_.size() &&
         idle_.front().idle_since + options_.idle_timeout <= now) {
    ++counts_.expired;
    Drop(idle_, idle_.begin());
  }
  ArmIdleTimer();
}

// For the one that expires first. If that is used meanwhile, the timer finds
// another, or nothing to do.
void MySqlPool::Core::ArmIdleTimer() {
  if (expiring_armed_ || idle_.empty() ||
      options_.idle_timeout == absl::InfiniteDuration()) {
    return;
  }
  expiring_armed_ = true;
  expiring_ =
      loop_->RunAt(idle_.front().idle_since + options_.idle_timeout, [this] {
        expiring_armed_ = false;
        CloseExpired();
      });
}

}  // namespace rondo
