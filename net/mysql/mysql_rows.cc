#include "net/mysql/mysql_rows.h"

#include <mariadb/errmsg.h>

#include <numeric>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

// In NET::error, where a failed read is 2. Connector/C 3.3 calls both a loss.
constexpr unsigned char kNoRoom = 1;

}  // namespace

MySqlRows::MySqlRows(const MySqlHandle& handle)
    : mysql_(handle.get()), rows_(mysql_use_result(mysql_)) {}

void MySqlRows::ReadHead(MySqlResult& result) const {
  if (rows_ == nullptr) {
    result.SetEffects(mysql_affected_rows(mysql_), mysql_insert_id(mysql_));
    return;
  }
  const MYSQL_FIELD* const fields = mysql_fetch_fields(rows_);
  for (unsigned int i = 0; i < mysql_num_fields(rows_); ++i) {
    result.AddColumn(std::string_view(fields[i].name, fields[i].name_length));
  }
}

size_t MySqlRows::LastRowBytes() const {
  const unsigned long* const lengths = mysql_fetch_lengths(rows_);
  const unsigned int columns = mysql_num_fields(rows_);
  return std::accumulate(lengths, lengths + columns,
                         columns * MySqlResult::kCellBytes);
}

bool MySqlRows::ReadRow(MYSQL_ROW row, size_t max_bytes,
                        MySqlResult& result) const {
  if (result.bytes() + LastRowBytes() > max_bytes) return false;
  result.AddRow(row, mysql_fetch_lengths(rows_));
  return true;
}

void MySqlRows::ReadEnd(MySqlResult& result) const {
  result.SetWarnings(mysql_warning_count(mysql_));
}

absl::Status MySqlResultTooLarge(const MySqlOptions& options) {
  return absl::ResourceExhaustedError(absl::StrCat(
      options.server.ToString(), ": the result has more bytes than ",
      options.max_result_bytes, ", which is max_result_bytes"));
}

absl::Status MySqlRowError(const MySqlHandle& handle,
                           const MySqlOptions& options) {
  const unsigned int number = mysql_errno(handle.get());
  const bool too_large =
      number == CR_NET_PACKET_TOO_LARGE ||
      (number == CR_SERVER_LOST && handle.get()->net.error == kNoRoom);
  if (!too_large) return handle.Error();
  return absl::ResourceExhaustedError(
      absl::StrCat(options.server.ToString(), ": a row has more bytes than ",
                   options.max_packet_bytes, ", which is max_packet_bytes"));
}

absl::Status MySqlTransactionLeftOpen(const MySqlOptions& options) {
  return absl::FailedPreconditionError(
      absl::StrCat(options.server.ToString(),
                   ": the query has left a transaction open, which was rolled "
                   "back: the next one could be on another connection"));
}

}  // namespace rondo
