#include "net/mysql/mysql_options.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

// Connector/C takes text that ends with a NUL.
absl::Status CheckText(const char* name, std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " has a NUL in it, and must not"));
}

}  // namespace

absl::Status CheckMySqlServer(const Endpoint& server) {
  if (!server.is_name() && server.address().is_unix()) {
    const std::string& path = server.address().unix_path();
    if (!path.empty() && path[0] != '@') return absl::OkStatus();
  } else if (server.port() != 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("server is ", server.ToString(),
                   ", and must have a port, or the path of a unix socket"));
}

absl::Status CheckMySqlClient(absl::Duration idle_timeout, int max_sends,
                              const RetryOptions& retry) {
  absl::Status status = retry.Check();
  if (retry.max_attempts != 0) {  // nobody would ever connect again
    status.Update(absl::InvalidArgumentError(absl::StrCat(
        "retry.max_attempts is ", retry.max_attempts, ", and must be 0")));
  }
  if (max_sends < 1) {
    status.Update(absl::InvalidArgumentError(
        absl::StrCat("max_sends is ", max_sends, ", and must be at least 1")));
  }
  if (idle_timeout < absl::ZeroDuration()) {
    status.Update(absl::InvalidArgumentError(
        absl::StrCat("idle_timeout is ", absl::FormatDuration(idle_timeout),
                     ", and must not be negative")));
  }
  return status;
}

absl::Status MySqlOptions::Check() const {
  absl::Status status = CheckMySqlServer(server);
  status.Update(CheckText("user", user));
  if (user.empty()) {  // Connector/C would take one from the environment
    status.Update(
        absl::InvalidArgumentError("user is empty, and must be a name"));
  }
  status.Update(CheckText("password", password));
  status.Update(CheckText("database", database));
  if (connect_timeout <= absl::ZeroDuration()) {
    status.Update(absl::InvalidArgumentError(absl::StrCat(
        "connect_timeout is ", absl::FormatDuration(connect_timeout),
        ", and must be more than 0")));
  }
  if (max_result_bytes == 0) {
    status.Update(absl::InvalidArgumentError(
        "max_result_bytes is 0, and must be at least 1"));
  }
  if (max_packet_bytes == 0) {  // which Connector/C takes for a gigabyte
    status.Update(absl::InvalidArgumentError(
        "max_packet_bytes is 0, and must be at least 1"));
  }
  return status;
}

}  // namespace rondo
