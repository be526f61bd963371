#ifndef RONDO_NET_MYSQL_MYSQL_OPTIONS_H_
#define RONDO_NET_MYSQL_MYSQL_OPTIONS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/client/backoff.h"
#include "net/client/endpoint.h"

namespace rondo {

// Which server, and as whom. Text is UTF-8 (utf8mb4) both ways.
struct MySqlOptions {
  // An address, a name, or a unix socket's path: usually 127.0.0.1:3306 or
  // unix:/run/mysqld/mysqld.sock. A name's addresses are tried in order.
  Endpoint server = {};
  std::string user = {};  // must be given
  std::string password = {};
  std::string database = {};  // empty: none at first
  // For all of it: looking the name up, connecting, to each of its addresses if
  // need be, and logging in.
  absl::Duration connect_timeout = absl::Seconds(5);
  // A result that is larger ends its connection, with ResourceExhausted. That
  // of a procedure which is not the first is dropped, and does not count.
  size_t max_result_bytes = 64 << 20;
  // So does a row that is larger as it is sent: Connector/C keeps one whole
  // before anybody can look at it. Less than 8 KiB, its smallest buffer, is as
  // good as these.
  size_t max_packet_bytes = 64 << 20;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// What Check() says of the server.
absl::Status CheckMySqlServer(const Endpoint& server);

// And of what a pool and a blocking client both have, see MySqlPoolOptions.
absl::Status CheckMySqlClient(absl::Duration idle_timeout, int max_sends,
                              const RetryOptions& retry);

struct MySqlQueryOptions {
  static constexpr absl::Duration kDefaultTimeout = absl::Seconds(5);

  // For waiting for a connection and for the answer together.
  absl::Duration timeout = kDefaultTimeout;
  // To run it twice does no harm: it may be sent again when its connection was
  // lost before the answer. Otherwise only what the server surely has not got
  // is sent again.
  bool idempotent = false;
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_OPTIONS_H_
