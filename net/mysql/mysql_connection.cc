#include "net/mysql/mysql_connection.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_error.h"
#include "net/reactor/event_loop.h"

namespace rondo {

MySqlConnection::MySqlConnection(EventLoop* loop, const MySqlOptions* options,
                                 MySqlConnectionCallbacks callbacks)
    : loop_(loop), options_(*options), callbacks_(std::move(callbacks)) {}

MySqlConnection::~MySqlConnection() { Close(); }

// --- Connecting. -------------------------------------------------------------

void MySqlConnection::Connect(size_t first_address) {
  DCHECK(step_ == Step::kNew);
  first_address_ = first_address;
  if (options_.connect_timeout != absl::InfiniteDuration()) {
    timer_ = loop_->RunAfter(options_.connect_timeout,
                             [this] { HandleConnectTimeout(); });
  }
  if (!options_.server.is_name()) return ConnectTo(options_.server);
  step_ = Step::kLookUp;
  LookUp(AddressFamily::kIpv4);
  LookUp(AddressFamily::kIpv6);
}

// Not by Connector/C, which would hold the loop for it.
void MySqlConnection::LookUp(AddressFamily family) {
  ++lookups_open_;
  lookups_.push_back(loop_->Local<Resolver>().Resolve(
      options_.server.name(), family, absl::InfiniteDuration(),
      [this](const Resolver::Answer& answer) { HandleAddresses(answer); }));
}

void MySqlConnection::HandleAddresses(const Resolver::Answer& answer) {
  if (answer.ok()) {
    const bool first = answer->front().family() == AF_INET;
    addresses_.insert(first ? addresses_.begin() : addresses_.end(),
                      answer->begin(), answer->end());
  } else {
    lookup_failure_ = answer.status();
  }
  if (--lookups_open_ > 0) return;
  if (addresses_.empty()) return Fail(lookup_failure_);
  const auto first = addresses_.begin() + first_address_ % addresses_.size();
  std::rotate(addresses_.begin(), first, addresses_.end());
  ConnectToNext();
}

void MySqlConnection::ConnectToNext() {
  const InetAddress address = std::move(addresses_.front());
  addresses_.erase(addresses_.begin());
  ConnectTo(address.WithPort(options_.server.port()));
}

void MySqlConnection::ConnectTo(const Endpoint& address) {
  step_ = Step::kConnect;
  const absl::Status found = FindMySqlServer(address);
  if (!found.ok()) return Fail(found);
  handle_.emplace(MySqlHandle::Use::kNonBlocking, options_);
  target_.emplace(address);
  const char* const database =
      options_.database.empty() ? nullptr : options_.database.c_str();
  GoOn(mysql_real_connect_start(&returned_mysql_, handle_->get(),
                                target_->host_or_null(), options_.user.c_str(),
                                options_.password.c_str(), database,
                                target_->port, target_->path_or_null(),
                                /*clientflag=*/0));
}

// Where there is a server, what it says is the answer.
void MySqlConnection::HandleConnectFailure() {
  const absl::Status status = handle_->Error();
  if (addresses_.empty() || !absl::IsUnavailable(status)) return Fail(status);
  LeaveChannel();
  ConnectToNext();
}

void MySqlConnection::HandleConnectTimeout() {
  Fail(absl::DeadlineExceededError(
      absl::StrCat(options_.server.ToString(), ": not connected within ",
                   absl::FormatDuration(options_.connect_timeout))));
}

void MySqlConnection::FinishConnect() {
  loop_->Cancel(timer_);
  target_.reset();
  Wait(MYSQL_WAIT_READ);
  if (closed()) return;
  step_ = Step::kIdle;
  callbacks_.on_connect(absl::OkStatus());
}

// --- Asking. -----------------------------------------------------------------

void MySqlConnection::Query(std::string sql) {
  DCHECK(idle());
  result_ = MySqlResult();
  failure_ = absl::OkStatus();
  bytes_in_turn_ = 0;
  Ask(std::move(sql));
}

void MySqlConnection::Ask(std::string sql) {
  sql_ = std::move(sql);  // which Connector/C reads while it sends
  has_result_ = false;
  step_ = Step::kQuery;
  GoOn(mysql_real_query_start(&returned_int_, handle_->get(), sql_.data(),
                              sql_.size()));
}

void MySqlConnection::GoOn(int waits) {
  while (waits == 0) {
    waits_ = 0;
    const std::optional<int> next = BeginNext();
    if (!next) return;
    waits = *next;
  }
  waits_ = waits;
  Wait(waits);
}

int MySqlConnection::ContinueCall(int events) {
  MYSQL* const mysql = handle_->get();
  switch (step_) {
    case Step::kConnect:
      return mysql_real_connect_cont(&returned_mysql_, mysql, events);
    case Step::kQuery:
      return mysql_real_query_cont(&returned_int_, mysql, events);
    case Step::kRow:
      return mysql_fetch_row_cont(&returned_row_, rows_->get(), events);
    case Step::kNextResult:
      return mysql_next_result_cont(&returned_int_, mysql, events);
    default:
      LOG(FATAL) << "no call is suspended";
  }
}

std::optional<int> MySqlConnection::BeginNext() {
  switch (step_) {
    case Step::kConnect:
      if (returned_mysql_ != nullptr) {
        FinishConnect();
      } else {
        HandleConnectFailure();
      }
      return std::nullopt;
    case Step::kQuery:
      if (returned_int_ == 0) return BeginReading();
      break;
    case Step::kRow:
      if (returned_row_ != nullptr) return TakeRow();
      if (mysql_errno(handle_->get()) == 0) return BeginNextResult();
      Fail(MySqlRowError(*handle_, options_));
      return std::nullopt;
    case Step::kNextResult:
      if (returned_int_ == 0) return BeginReading();
      break;
    default:
      LOG(FATAL) << "no call has ended";
  }
  Fail(handle_->Error());
  return std::nullopt;
}

std::optional<int> MySqlConnection::BeginReading() {
  rows_.emplace(*handle_);
  if (!has_result_) rows_->ReadHead(result_);
  if (rows_->get() != nullptr) return FetchRow();
  if (mysql_field_count(handle_->get()) == 0) return BeginNextResult();
  Fail(handle_->Error());
  return std::nullopt;
}

int MySqlConnection::FetchRow() {
  step_ = Step::kRow;
  return mysql_fetch_row_start(&returned_row_, rows_->get());
}

std::optional<int> MySqlConnection::TakeRow() {
  bytes_in_turn_ += rows_->LastRowBytes();
  if (!has_result_ &&
      !rows_->ReadRow(returned_row_, options_.max_result_bytes, result_)) {
    Fail(MySqlResultTooLarge(options_));
    return std::nullopt;
  }
  if (bytes_in_turn_ < kMaxBytesPerTurn) return FetchRow();
  Pause();
  return std::nullopt;
}

std::optional<int> MySqlConnection::BeginNextResult() {
  if (!has_result_) rows_->ReadEnd(result_);
  rows_.reset();
  has_result_ = true;
  if (!mysql_more_results(handle_->get())) {
    Finish();
    return std::nullopt;
  }
  step_ = Step::kNextResult;
  return mysql_next_result_start(&returned_int_, handle_->get());
}

// What comes next may have been read already, and then no event tells of it.
void MySqlConnection::Pause() {
  step_ = Step::kPause;
  ++pauses_;
  bytes_in_turn_ = 0;
  timer_ = loop_->RunAfter(absl::ZeroDuration(), [this] { GoOn(FetchRow()); });
}

// --- Waiting. ----------------------------------------------------------------

// As a rule for the same as before, which costs nothing.
void MySqlConnection::Wait(int waits) {
  IoEvents interest = IoEvents::kNone;
  if (waits & MYSQL_WAIT_READ) interest = interest | IoEvents::kReadable;
  if (waits & MYSQL_WAIT_WRITE) interest = interest | IoEvents::kWritable;
  if (channel_ != nullptr) return channel_->SetInterest(interest);
  handle_->CloseOnExec();
  channel_ = std::make_unique<Channel>(
      loop_, handle_->fd(), [this](IoEvents events) { HandleEvents(events); });
  channel_->SetInterest(interest);
  const absl::Status watched = channel_->Commit();
  if (!watched.ok()) Fail(watched);
}

void MySqlConnection::HandleEvents(IoEvents) {
  if (suspended()) return GoOn(ContinueCall(waits_ & ~MYSQL_WAIT_TIMEOUT));
  if (!idle()) return;  // it pauses
  Close();
  callbacks_.on_lost();
}

// --- Ending. -----------------------------------------------------------------

void MySqlConnection::Finish() {
  step_ = Step::kIdle;
  sql_.clear();
  Wait(MYSQL_WAIT_READ);
  if (handle_->in_transaction()) {
    Close();
    failure_.Update(MySqlTransactionLeftOpen(options_));
  }
  if (!failure_.ok()) return callbacks_.on_answer(std::move(failure_));
  callbacks_.on_answer(std::move(result_));
}

// What the query has failed of first is what is told.
void MySqlConnection::Fail(absl::Status status) {
  const bool connecting = step_ <= Step::kConnect;
  const bool rolling_back = !failure_.ok();
  failure_.Update(status);
  if (!connecting && !rolling_back && !EndsMySqlConnection(status)) {
    rows_.reset();
    return Ask(kMySqlRollBack);
  }
  Close();
  if (connecting) return callbacks_.on_connect(std::move(failure_));
  callbacks_.on_answer(std::move(failure_));
}

void MySqlConnection::Close() {
  if (closed()) return;
  loop_->Cancel(timer_);
  lookups_.clear();
  LeaveChannel();
  AbortCall();
  if (rows_ && rows_->get() != nullptr && rows_->get()->handle != nullptr) {
    handle_->Cut();  // or freeing the rows would wait for the rest of them
  }
  rows_.reset();
  step_ = Step::kClosed;
  if (handle_) handle_->Close();
}

// Connector/C may have closed the socket itself, after an error: what is told
// to the channel is right in both cases. It may be what calls this.
void MySqlConnection::LeaveChannel() {
  if (channel_ == nullptr) return;
  channel_->CloseNext();
  loop_->DeferDelete(std::move(channel_));
}

// More than once only if it tries something else instead.
void MySqlConnection::AbortCall() {
  while (suspended()) waits_ = ContinueCall(MYSQL_WAIT_TIMEOUT);
}

}  // namespace rondo
