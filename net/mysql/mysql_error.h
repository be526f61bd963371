#ifndef RONDO_NET_MYSQL_MYSQL_ERROR_H_
#define RONDO_NET_MYSQL_MYSQL_ERROR_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace rondo {

// What the server or its client says, as a Status: "127.0.0.1:3306 says 1064
// (42000): You have an error in your SQL syntax; …". By kind:
//
//   InvalidArgument    what was asked makes no sense to the server
//   NotFound           no such database, table or column
//   AlreadyExists      a key or a name that is there already
//   PermissionDenied   wrong user or password, or no right to do this
//   Aborted            a deadlock, or a lock's time-out: ask again; or somebody
//                      has killed the query
//   DeadlineExceeded   the server's own limit for a statement
//   ResourceExhausted  too many connections, or too large a packet
//   Unavailable        the server cannot be reached, or was lost meanwhile
//   Unknown            all else
absl::Status MySqlError(int number, std::string_view sql_state,
                        std::string_view text, std::string_view address);

// The number in such a Status: 1000 and up are the server's, 2000 to 2999 the
// client's. None for those of Rondo itself, as a time-out.
std::optional<int> MySqlErrorNumber(const absl::Status& status);

// --- For those that keep connections. ---

// One that shares nothing with `status`, for another thread: ThreadSanitizer
// does not see how Debian's Abseil counts those who share one.
absl::Status CopyMySqlError(const absl::Status& status);

// The connection is of no more use after it.
bool EndsMySqlConnection(const absl::Status& status);
// The server has not got all of the query, and so has not run it.
bool WasSurelyNotRun(const absl::Status& status);
// It had more bytes than max_result_bytes, or a row than max_packet_bytes.
bool IsMySqlResultTooLarge(const absl::Status& status);
// The connection was lost, and it cannot be told whether the query was run.
bool WasLostMeanwhile(const absl::Status& status);

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_ERROR_H_
