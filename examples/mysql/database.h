#ifndef RONDO_EXAMPLES_MYSQL_DATABASE_H_
#define RONDO_EXAMPLES_MYSQL_DATABASE_H_

#include <memory>

#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_pool.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"

namespace rondo::examples {

// Which database, and what it is asked.

inline constexpr char kQuery[] = "SELECT 1";

// Ends the program with kExitBadFlags if one of them makes no sense. To be
// called before the others.
void CheckDatabaseFlags();
MySqlPoolOptions DatabaseOptions();
MySqlQueryOptions QueryOptions();

// A loop's connections to the database.
class LoopDatabase final : public LoopLocal {
 public:
  explicit LoopDatabase(EventLoop* loop)
      : pool_(std::make_unique<MySqlPool>(loop, DatabaseOptions())) {}

  static MySqlPool& Of(EventLoop* loop) {
    return *loop->Local<LoopDatabase>().pool_;
  }
  void OnLoopEnd() override { pool_.reset(); }

 private:
  std::unique_ptr<MySqlPool> pool_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_MYSQL_DATABASE_H_
