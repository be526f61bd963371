#ifndef RONDO_EXAMPLES_MYSQL_DESIGNS_H_
#define RONDO_EXAMPLES_MYSQL_DESIGNS_H_

#include "base/thread_pool.h"
#include "net/tcp/connection_group.h"

namespace rondo::examples {

// Three ways to wait for a database.
ConnectionCallbacks WithCallbacks();
ConnectionCallbacks WithCoroutines();
ConnectionCallbacks WithThreadPool(ThreadPool& threads);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_MYSQL_DESIGNS_H_
