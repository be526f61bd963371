#include "net/mysql/mysql_pool.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_pool_core.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

absl::Status CheckAtLeastOne(const char* name, size_t value) {
  if (value >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is ", value, ", and must be at least 1"));
}

}  // namespace

absl::Status MySqlPoolOptions::Check() const {
  absl::Status status = mysql.Check();
  status.Update(CheckAtLeastOne("max_connections", max_connections));
  status.Update(CheckAtLeastOne("max_waiting", max_waiting));
  status.Update(CheckMySqlClient(idle_timeout, max_sends, retry));
  return status;
}

MySqlPool::MySqlPool(EventLoop* loop, MySqlPoolOptions options)
    : loop_(loop), core_(new Core(loop, std::move(options))) {}

// What it forgets may own this, and so nothing of this is touched after.
MySqlPool::~MySqlPool() {
  loop_->DeferDelete(std::unique_ptr<Core>(core_));
  core_->End();
}

Request MySqlPool::Query(std::string sql, const MySqlQueryOptions& options,
                         Callback callback) {
  return core_->Query(std::move(sql), options, std::move(callback));
}

size_t MySqlPool::idle() const { return core_->idle(); }
size_t MySqlPool::busy() const { return core_->busy(); }
size_t MySqlPool::connecting() const { return core_->connecting(); }
size_t MySqlPool::waiting() const { return core_->waiting(); }
const MySqlPool::Counts& MySqlPool::counts() const { return core_->counts(); }

}  // namespace rondo
