// MySQL: answers each HTTP request with "hello world" once a MySQL or MariaDB
// server has answered SELECT 1, and closes.
//
//   bazel run -c opt //examples/mysql -- --port=8080 --design=coroutines
//       --mysql_socket=/run/mysqld/mysqld.sock --mysql_user=root
//                                                        (all in one line)
//   curl http://127.0.0.1:8080/     prints hello world; without a database
//                                   database unavailable, with status 503
//
// It answers the article that puts a database behind Tornado and asyncio, in
// three designs: callbacks on the loop (callbacks.cc), coroutines on the loop
// (coroutines.cc), and the blocking client on a thread pool (thread_pool.cc).
#include <gflags/gflags.h>

#include <string_view>

#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/mysql/database.h"
#include "examples/mysql/designs.h"
#include "examples/server_main.h"

DEFINE_string(design, "callbacks",
              "who waits for the database: callbacks, coroutines, or "
              "thread_pool (of --worker_threads)");

int main(int argc, char** argv) {
  using rondo::examples::ServeUntilSignal;
  constexpr std::string_view kName = "mysql";
  rondo::InitProgram(argc, argv,
                     "mysql: answers HTTP once a database has answered.");
  rondo::examples::CheckDatabaseFlags();
  if (FLAGS_design == "callbacks") {
    return ServeUntilSignal(kName, rondo::examples::WithCallbacks());
  }
  if (FLAGS_design == "coroutines") {
    return ServeUntilSignal(kName, rondo::examples::WithCoroutines());
  }
  if (FLAGS_design == "thread_pool") {
    return ServeUntilSignal(
        kName, [](rondo::ThreadPool& pool) -> rondo::examples::ServerParts {
          return {rondo::examples::WithThreadPool(pool)};
        });
  }
  rondo::examples::RejectFlag("design", FLAGS_design,
                              "callbacks, coroutines or thread_pool");
}
