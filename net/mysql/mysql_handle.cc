#include "net/mysql/mysql_handle.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <mariadb/errmsg.h>
#include <poll.h>

#include <cstring>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_error.h"
#include "net/tcp/socket.h"

namespace rondo {
namespace {

// mysql_init() would do so, without a lock. Nobody ends the library: what it
// has, such as its list of plugins, is the process's.
void InitLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    CHECK_EQ(mysql_library_init(0, nullptr, nullptr), 0) << "Connector/C";
  });
}

void SetFlag(MYSQL* mysql, mysql_option option, unsigned int value) {
  CHECK_EQ(mysql_options(mysql, option, &value), 0) << option;
}

}  // namespace

MySqlHandle::MySqlHandle(Use use, const MySqlOptions& options)
    : use_(use), address_(options.server.ToString()) {
  InitLibrary();
  mysql_ = mysql_init(nullptr);
  CHECK(mysql_ != nullptr) << "no memory";
  CHECK_EQ(mysql_options(mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4"), 0);
  // Else a server could ask for this machine's files.
  SetFlag(mysql_, MYSQL_OPT_LOCAL_INFILE, 0);
  // Nor may it ask for the password as it is, which nothing here encrypts.
  CHECK_EQ(mysql_options(mysql_, MARIADB_OPT_RESTRICTED_AUTH,
                         "mysql_native_password,client_ed25519,"
                         "caching_sha2_password"),
           0);
  // One row at most, before its size is looked at; by default a gigabyte.
  CHECK_EQ(mysql_options(mysql_, MYSQL_OPT_MAX_ALLOWED_PACKET,
                         &options.max_packet_bytes),
           0);
  // Else the name localhost would be a unix socket's.
  const Endpoint& server = options.server;
  const bool is_unix = !server.is_name() && server.address().is_unix();
  SetFlag(mysql_, MYSQL_OPT_PROTOCOL,
          is_unix ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP);
  if (use == Use::kBlocking) return;
  CHECK_EQ(mysql_options(mysql_, MYSQL_OPT_NONBLOCK, nullptr), 0);
}

absl::Status MySqlHandle::Error() const {
  const unsigned int number = mysql_errno(mysql_);
  if (number == 0) {  // never yet, but it must not count as a success
    return MySqlError(CR_UNKNOWN_ERROR, "HY000", "no reason given", address_);
  }
  return MySqlError(static_cast<int>(number), mysql_sqlstate(mysql_),
                    mysql_error(mysql_), address_);
}

void MySqlHandle::CloseOnExec() const {
  PCHECK(fcntl(fd(), F_SETFD, FD_CLOEXEC) == 0) << "fcntl";
}

bool MySqlHandle::IsAtRest() const {
  pollfd watched = {.fd = fd(), .events = POLLIN, .revents = 0};
  return poll(&watched, 1, /*timeout=*/0) == 0;
}

// The farewell fits into any socket's buffer but a full one's; then it fails,
// as if its time were over, and the socket is closed without it.
void MySqlHandle::Close() {
  MYSQL* const mysql = std::exchange(mysql_, nullptr);
  if (mysql == nullptr) return;
  if (use_ == Use::kBlocking) return mysql_close(mysql);
  int waits = mysql_close_start(mysql);
  while (waits != 0) waits = mysql_close_cont(mysql, MYSQL_WAIT_TIMEOUT);
}

absl::Status FindMySqlServer(const Endpoint& server) {
  if (server.is_name() || !server.address().is_unix()) return absl::OkStatus();
  const int error = Socket::ProbeUnix(server.address());
  if (error == 0) return absl::OkStatus();
  return MySqlError(CR_CONNECTION_ERROR, "HY000",
                    absl::StrCat("no server at that socket: ", strerror(error)),
                    server.ToString());
}

MySqlTarget::MySqlTarget(const Endpoint& server) : port(server.port()) {
  if (server.is_name()) {
    host = server.name();
  } else if (server.address().is_unix()) {
    path = server.address().unix_path();
  } else {
    host = server.address().HostToString();
  }
}

}  // namespace rondo
