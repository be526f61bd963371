#ifndef RONDO_NET_MYSQL_MYSQL_HANDLE_H_
#define RONDO_NET_MYSQL_MYSQL_HANDLE_H_

#include <mariadb/mysql.h>

#include <string>

#include "absl/status/status.h"
#include "net/client/endpoint.h"
#include "net/mysql/mysql_options.h"

namespace rondo {

// A MYSQL of Connector/C, and what its two kinds of use have in common.
//
// Threading: one thread at a time.
// Ownership: owns the MYSQL; the destructor closes the connection as Close()
// does.
// Errors: too little memory for a MYSQL is a CHECK.
class MySqlHandle {
 public:
  enum class Use { kBlocking, kNonBlocking };

  MySqlHandle(Use use, const MySqlOptions& options);
  MySqlHandle(const MySqlHandle&) = delete;
  MySqlHandle& operator=(const MySqlHandle&) = delete;
  ~MySqlHandle() { Close(); }

  MYSQL* get() const { return mysql_; }

  // What the last call has failed of. Requires: it has.
  absl::Status Error() const;

  // Requires: it is connected, or a call is suspended. Otherwise Connector/C
  // would look at what it has freed.
  int fd() const { return mysql_get_socket(mysql_); }
  // What this process starts does not have the socket too. Connector/C does so
  // by itself only in later versions. As fd().
  void CloseOnExec() const;
  // The server has neither closed it nor sent anything unasked. As above.
  bool IsAtRest() const;
  // The last query has left a transaction open.
  bool in_transaction() const {
    return (mysql_->server_status & SERVER_STATUS_IN_TRANS) != 0;
  }

  // Makes reading and writing fail from now on. As fd().
  void Cut() const { mariadb_cancel(mysql_); }

  // Takes leave of the server, if that needs no waiting, and closes the socket.
  // Requires: no call is suspended.
  void Close();

 private:
  const Use use_;
  const std::string address_;
  MYSQL* mysql_;  // null once closed
};

// Whether there is a server to connect to, as far as that can be known without:
// of a unix socket only. Ask before connecting: Connector/C 3.3 closes the
// socket of a unix connection that fails twice, and the second time it may be
// another thread's.
absl::Status FindMySqlServer(const Endpoint& server);

// How Connector/C wants to be told of a server; lives as long as it connects.
struct MySqlTarget {
  explicit MySqlTarget(const Endpoint& server);

  const char* host_or_null() const {
    return host.empty() ? nullptr : host.c_str();
  }
  const char* path_or_null() const {
    return path.empty() ? nullptr : path.c_str();
  }

  std::string host;  // a name or a number; empty for a unix socket
  std::string path;  // empty for the others
  unsigned int port;
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_HANDLE_H_
