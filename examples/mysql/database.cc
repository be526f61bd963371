#include "examples/mysql/database.h"

#include <gflags/gflags.h>

#include "examples/flag_check.h"
#include "net/client/backoff.h"

DEFINE_string(mysql_host, "127.0.0.1", "the database's address or name");
DEFINE_int32(mysql_port, 3306, "its TCP port, 1 to 65535");
DEFINE_string(mysql_socket, "", "the path of its unix socket, instead of both");
DEFINE_string(mysql_user, "root", "whom to log in as");
DEFINE_string(mysql_password, "",
              "and how; --fromenv=mysql_password takes it from the environment "
              "variable FLAGS_mysql_password, which others do not see");
DEFINE_string(mysql_database, "", "the database to use; none needed");
DEFINE_int32(mysql_connections, 8,
             "each loop's connections at most, 1 or more");
DEFINE_int32(mysql_max_waiting, 10'000,
             "each loop's queries that may wait for one, 1 or more");
DEFINE_string(mysql_connect_timeout, "5s", "for connecting and logging in");
DEFINE_string(mysql_query_timeout, "5s",
              "for an answer; whole seconds with --design=thread_pool");
DEFINE_string(mysql_idle_timeout, "1m", "closes a connection that nobody uses");
DEFINE_uint64(mysql_max_result_bytes, 67'108'864,
              "a result that is larger fails, 1 or more");
DEFINE_uint64(mysql_max_packet_bytes, 67'108'864,
              "a row that is larger as it is sent fails, 1 or more");
DEFINE_int32(mysql_max_sends, 3,
             "how often a query is sent at most, if its connection is lost "
             "before the answer, 1 or more");
DEFINE_string(mysql_retry_delay, "100ms",
              "while the database cannot be reached: the longest time between "
              "the first attempts to connect, doubled for each that follows");
DEFINE_string(mysql_max_retry_delay, "2s", "and between the last ones");

namespace rondo::examples {
namespace {

MySqlPoolOptions pool_options;    // the flags'
MySqlQueryOptions query_options;  // the flags'

Endpoint ServerFromFlags() {
  if (!FLAGS_mysql_socket.empty()) {
    const auto server = Endpoint::Parse("unix:" + FLAGS_mysql_socket);
    if (server.ok() && CheckMySqlServer(*server).ok()) {
      return *server;
    }
    RejectFlag("mysql_socket", FLAGS_mysql_socket,
               "the path of a unix socket, of at most 107 bytes");
  }
  CheckRange("mysql_port", FLAGS_mysql_port, 1, 65'535);
  const auto server =
      Endpoint::FromHostAndPort(FLAGS_mysql_host, FLAGS_mysql_port);
  if (server.ok() && CheckMySqlServer(*server).ok()) {
    return *server;
  }
  RejectFlag("mysql_host", FLAGS_mysql_host, "an address or a name");
}

RetryOptions RetryFromFlags() {
  RetryOptions retry;
  retry.initial_delay =
      CheckDuration("mysql_retry_delay", FLAGS_mysql_retry_delay, false);
  retry.max_delay = CheckDuration("mysql_max_retry_delay",
                                  FLAGS_mysql_max_retry_delay, false);
  if (retry.Check().ok()) return retry;
  RejectFlag("mysql_max_retry_delay", FLAGS_mysql_max_retry_delay,
             "a duration, not less than --mysql_retry_delay");
}

}  // namespace

void CheckDatabaseFlags() {
  CheckRange("mysql_connections", FLAGS_mysql_connections, 1, kUnlimited);
  CheckRange("mysql_max_waiting", FLAGS_mysql_max_waiting, 1, kUnlimited);
  CheckRange("mysql_max_sends", FLAGS_mysql_max_sends, 1, kUnlimited);
  CheckAtLeastOne("mysql_max_result_bytes", FLAGS_mysql_max_result_bytes);
  CheckAtLeastOne("mysql_max_packet_bytes", FLAGS_mysql_max_packet_bytes);
  if (FLAGS_mysql_user.empty()) {
    RejectFlag("mysql_user", "", "the name of a user");
  }
  pool_options.mysql = {
      .server = ServerFromFlags(),
      .user = FLAGS_mysql_user,
      .password = FLAGS_mysql_password,
      .database = FLAGS_mysql_database,
      .connect_timeout = CheckDuration("mysql_connect_timeout",
                                       FLAGS_mysql_connect_timeout, false),
      .max_result_bytes = FLAGS_mysql_max_result_bytes,
      .max_packet_bytes = FLAGS_mysql_max_packet_bytes};
  pool_options.max_connections = FLAGS_mysql_connections;
  pool_options.max_waiting = FLAGS_mysql_max_waiting;
  pool_options.idle_timeout =
      CheckDuration("mysql_idle_timeout", FLAGS_mysql_idle_timeout, true);
  pool_options.max_sends = FLAGS_mysql_max_sends;
  pool_options.retry = RetryFromFlags();
  query_options.idempotent = true;
  query_options.timeout =
      CheckDuration("mysql_query_timeout", FLAGS_mysql_query_timeout, false);
}

MySqlPoolOptions DatabaseOptions() { return pool_options; }
MySqlQueryOptions QueryOptions() { return query_options; }

}  // namespace rondo::examples
