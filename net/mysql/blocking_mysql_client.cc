#include "net/mysql/blocking_mysql_client.h"

#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_error.h"
#include "net/mysql/mysql_handle.h"
#include "net/mysql/mysql_rows.h"

namespace rondo {
namespace {

// How long Connector/C really waits: an int of milliseconds at most.
absl::Duration RoundedUp(absl::Duration duration) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 24);
  if (duration == absl::InfiniteDuration()) return duration;
  return absl::Ceil(std::min(duration, kLongest), absl::Seconds(1));
}

// The same as it wants to be told: zero is for ever.
unsigned int WholeSeconds(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return 0;
  return static_cast<unsigned int>(absl::ToInt64Seconds(RoundedUp(duration)));
}

}  // namespace

absl::Status BlockingMySqlClientOptions::Check() const {
  absl::Status status = mysql.Check();
  if (read_timeout <= absl::ZeroDuration()) {
    status.Update(absl::InvalidArgumentError(
        absl::StrCat("read_timeout is ", absl::FormatDuration(read_timeout),
                     ", and must be more than 0")));
  }
  status.Update(CheckMySqlClient(idle_timeout, max_sends, retry));
  return status;
}

BlockingMySqlClient::BlockingMySqlClient(BlockingMySqlClientOptions options)
    : options_(std::move(options)),
      options_status_(options_.Check()),
      backoff_(options_.retry) {}

BlockingMySqlClient::~BlockingMySqlClient() = default;

absl::StatusOr<MySqlResult> BlockingMySqlClient::Query(const std::string& sql,
                                                       bool idempotent) {
  if (!options_status_.ok()) return options_status_;
  for (int sends = 1;; ++sends) {
    auto handle = Acquire();
    if (!handle.ok()) return handle.status();
    auto result = Ask(**handle, sql);
    const bool kept = result.ok() || (!EndsMySqlConnection(result.status()) &&
                                      RollBack(**handle));
    if (kept) {
      Return(*std::move(handle));
      return result;
    }
    if (IsMySqlResultTooLarge(result.status())) Count(&Counts::too_large);
    Count(&Counts::lost);
    const bool harmless = WasSurelyNotRun(result.status()) ||
                          (idempotent && WasLostMeanwhile(result.status()));
    if (!harmless || sends >= options_.max_sends) return result;
    Count(&Counts::resent);
  }
}

// --- Connections. ------------------------------------------------------------

absl::StatusOr<BlockingMySqlClient::Handle> BlockingMySqlClient::Acquire() {
  Handle idle = TakeIdle();
  if (idle != nullptr) return idle;
  const absl::StatusOr<int> failures = BeginAttempt();
  if (!failures.ok()) return failures.status();
  auto handle = Connect();
  EndAttempt(*failures, handle.status());
  return handle;
}

// What cannot be used goes when the lock is free again.
BlockingMySqlClient::Handle BlockingMySqlClient::TakeIdle() {
  std::vector<Handle> dropped;
  const MonotonicTime now = Clock::Real().Now();
  MutexLock lock(&mu_);
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    if (last.since + options_.idle_timeout <= now) {
      ++counts_.expired;
    } else if (!last.handle->IsAtRest()) {
      ++counts_.stale;
    } else {
      return std::move(last.handle);
    }
    dropped.push_back(std::move(last.handle));
  }
  return nullptr;
}

// Also drops those that nobody has used for long.
void BlockingMySqlClient::Return(Handle handle) {
  std::vector<Idle> expired;
  const MonotonicTime now = Clock::Real().Now();
  MutexLock lock(&mu_);
  idle_.push_back({.handle = std::move(handle), .since = now});
  const auto fresh = std::ranges::find_if(idle_, [&](const Idle& idle) {
    return idle.since + options_.idle_timeout > now;
  });
  counts_.expired += fresh - idle_.begin();
  std::move(idle_.begin(), fresh, std::back_inserter(expired));
  idle_.erase(idle_.begin(), fresh);
}

// While the server cannot be reached: one at a time, when it is time for it.
// Returns how many have failed before.
absl::StatusOr<int> BlockingMySqlClient::BeginAttempt() {
  MutexLock lock(&mu_);
  const int failures = backoff_.failures();
  if (failures == 0) return 0;
  if (retrying_ || Clock::Real().Now() < retry_at_) {
    return CopyMySqlError(last_failure_);
  }
  retrying_ = true;
  return failures;
}

// Of those that were under way together only the first that fails counts.
void BlockingMySqlClient::EndAttempt(int failures_before,
                                     const absl::Status& status) {
  MutexLock lock(&mu_);
  if (failures_before > 0) retrying_ = false;
  if (status.ok()) {
    ++counts_.connected;
    return backoff_.Reset();
  }
  ++counts_.connect_failures;
  last_failure_ = CopyMySqlError(status);
  if (backoff_.failures() != failures_before) return;
  retry_at_ = Clock::Real().Now() + backoff_.Next();
}

absl::StatusOr<BlockingMySqlClient::Handle> BlockingMySqlClient::Connect()
    const {
  const MySqlOptions& mysql = options_.mysql;
  const absl::Status found = FindMySqlServer(mysql.server);
  if (!found.ok()) return found;
  auto handle =
      std::make_unique<MySqlHandle>(MySqlHandle::Use::kBlocking, mysql);
  const unsigned int connect_seconds = WholeSeconds(mysql.connect_timeout);
  const unsigned int read_seconds = WholeSeconds(options_.read_timeout);
  mysql_options(handle->get(), MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
  mysql_options(handle->get(), MYSQL_OPT_READ_TIMEOUT, &read_seconds);
  mysql_options(handle->get(), MYSQL_OPT_WRITE_TIMEOUT, &read_seconds);
  const MySqlTarget target(mysql.server);
  const char* const database =
      mysql.database.empty() ? nullptr : mysql.database.c_str();
  if (mysql_real_connect(handle->get(), target.host_or_null(),
                         mysql.user.c_str(), mysql.password.c_str(), database,
                         target.port, target.path_or_null(),
                         /*clientflag=*/0) == nullptr) {
    return handle->Error();
  }
  handle->CloseOnExec();
  return handle;
}

// --- Asking. -----------------------------------------------------------------

// Connector/C does not tell silence from loss, but how long it has waited does.
absl::StatusOr<MySqlResult> BlockingMySqlClient::Ask(
    const MySqlHandle& handle, const std::string& sql) const {
  const absl::Duration longest = RoundedUp(options_.read_timeout);
  MonotonicTime last_heard = Clock::Real().Now();
  auto result = mysql_real_query(handle.get(), sql.data(), sql.size()) == 0
                    ? Read(handle, last_heard)
                    : absl::StatusOr<MySqlResult>(handle.Error());
  if (MySqlErrorNumber(result.status()) == CR_SERVER_LOST &&
      Clock::Real().Now() - last_heard >= longest) {
    return absl::DeadlineExceededError(absl::StrCat(
        options_.mysql.server.ToString(), ": no answer within ",
        absl::FormatDuration(longest), ", and the query may still run"));
  }
  return result;
}

absl::StatusOr<MySqlResult> BlockingMySqlClient::Read(
    const MySqlHandle& handle, MonotonicTime& last_heard) const {
  MySqlResult result;
  for (bool is_first = true;; is_first = false) {
    last_heard = Clock::Real().Now();
    const MySqlRows rows(handle);
    if (rows.get() == nullptr && mysql_field_count(handle.get()) != 0) {
      return handle.Error();
    }
    if (is_first) rows.ReadHead(result);
    while (rows.get() != nullptr) {
      const MYSQL_ROW row = mysql_fetch_row(rows.get());
      if (row == nullptr) break;
      last_heard = Clock::Real().Now();
      if (!is_first) continue;
      if (rows.ReadRow(row, options_.mysql.max_result_bytes, result)) continue;
      handle.Cut();
      return MySqlResultTooLarge(options_.mysql);
    }
    if (mysql_errno(handle.get()) != 0) {
      return MySqlRowError(handle, options_.mysql);
    }
    if (is_first) rows.ReadEnd(result);
    const int more = mysql_next_result(handle.get());
    if (more > 0) return handle.Error();
    if (more < 0) break;
  }
  if (!handle.in_transaction()) return result;
  return MySqlTransactionLeftOpen(options_.mysql);
}

// See kMySqlRollBack. False: it is of no more use.
bool BlockingMySqlClient::RollBack(const MySqlHandle& handle) {
  return mysql_query(handle.get(), kMySqlRollBack) == 0 &&
         !handle.in_transaction();
}

void BlockingMySqlClient::Count(uint64_t Counts::*which) {
  MutexLock lock(&mu_);
  ++(counts_.*which);
}

size_t BlockingMySqlClient::idle() const {
  MutexLock lock(&mu_);
  return idle_.size();
}

BlockingMySqlClient::Counts BlockingMySqlClient::counts() const {
  MutexLock lock(&mu_);
  return counts_;
}

}  // namespace rondo
