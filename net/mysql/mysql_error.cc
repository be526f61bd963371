#include "net/mysql/mysql_error.h"

#include <mariadb/errmsg.h>
#include <mariadb/mysqld_error.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr char kNumberPayload[] = "rondo/mysql_error";

absl::StatusCode CodeOf(int number) {
  switch (number) {
    case ER_PARSE_ERROR:
    case ER_EMPTY_QUERY:
    case ER_WRONG_VALUE_COUNT_ON_ROW:
    case ER_DATA_TOO_LONG:
      return absl::StatusCode::kInvalidArgument;
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
      return absl::StatusCode::kNotFound;
    case ER_DUP_ENTRY:
    case ER_TABLE_EXISTS_ERROR:
      return absl::StatusCode::kAlreadyExists;
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
    case ER_HOST_IS_BLOCKED:
      return absl::StatusCode::kPermissionDenied;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
      return absl::StatusCode::kAborted;
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
    case ER_NET_PACKET_TOO_LARGE:
    case CR_NET_PACKET_TOO_LARGE:
    case CR_OUT_OF_MEMORY:
      return absl::StatusCode::kResourceExhausted;
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_FORCING_CLOSE:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_CONNECTION_KILLED:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_IPSOCK_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
      return absl::StatusCode::kUnavailable;
    case ER_QUERY_INTERRUPTED:  // Cancelled is for who asks to be
      return absl::StatusCode::kAborted;
    case ER_STATEMENT_TIMEOUT:
      return absl::StatusCode::kDeadlineExceeded;
    default:
      return absl::StatusCode::kUnknown;
  }
}

// By the view: clang and gcc give the constructor from a string two names.
absl::Cord ToCord(int number) {
  const std::string text = absl::StrCat(number);
  return absl::Cord(absl::string_view(text));
}

bool IsClients(int number) {
  return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
}

}  // namespace

absl::Status MySqlError(int number, std::string_view sql_state,
                        std::string_view text, std::string_view address) {
  absl::Status status(
      CodeOf(number),
      IsClients(number)
          ? absl::StrCat(std::string(address), ": ", std::string(text), " (",
                         number, ")")
          : absl::StrCat(std::string(address), " says ", number, " (",
                         std::string(sql_state), "): ", std::string(text)));
  status.SetPayload(kNumberPayload, ToCord(number));
  return status;
}

std::optional<int> MySqlErrorNumber(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kNumberPayload);
  int number;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &number)) {
    return std::nullopt;
  }
  return number;
}

absl::Status CopyMySqlError(const absl::Status& status) {
  absl::Status copy(status.code(), status.message());
  const std::optional<int> number = MySqlErrorNumber(status);
  if (number) copy.SetPayload(kNumberPayload, ToCord(*number));
  return copy;
}

// Of what the server says only the last words. Those of Rondo itself, such as
// a time-out, come when it has given the connection up.
bool EndsMySqlConnection(const absl::Status& status) {
  const std::optional<int> number = MySqlErrorNumber(status);
  if (!number || IsClients(*number)) return true;
  switch (*number) {
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_FORCING_CLOSE:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_CONNECTION_KILLED:
    case ER_NET_PACKET_TOO_LARGE:
    case ER_NET_READ_ERROR:
    case ER_NET_ERROR_ON_WRITE:
      return true;
    default:
      return false;
  }
}

// Connector/C says so when a write has failed. The server begins with a query
// when it has got its last byte.
bool WasSurelyNotRun(const absl::Status& status) {
  return MySqlErrorNumber(status) == CR_SERVER_GONE_ERROR;
}

// The server's and the client's own limits have a number.
bool IsMySqlResultTooLarge(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && !MySqlErrorNumber(status);
}

bool WasLostMeanwhile(const absl::Status& status) {
  const std::optional<int> number = MySqlErrorNumber(status);
  return number == CR_SERVER_LOST || number == ER_SERVER_SHUTDOWN ||
         number == ER_CONNECTION_KILLED;
}

}  // namespace rondo
