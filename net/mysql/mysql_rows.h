#ifndef RONDO_NET_MYSQL_MYSQL_ROWS_H_
#define RONDO_NET_MYSQL_MYSQL_ROWS_H_

#include <mariadb/mysql.h>

#include <cstddef>

#include "absl/status/status.h"
#include "net/mysql/mysql_handle.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_result.h"

namespace rondo {

// Reads a result's head, and one row after the other.
//
// Threading: one thread at a time.
// Ownership: borrows the handle, and owns a result of it that is not read to
// its end. Destroying it then may wait for the server: Cut() first.
class MySqlRows {
 public:
  explicit MySqlRows(const MySqlHandle& handle);
  MySqlRows(const MySqlRows&) = delete;
  MySqlRows& operator=(const MySqlRows&) = delete;
  ~MySqlRows() { mysql_free_result(rows_); }

  // Null if the query has none, or has failed.
  MYSQL_RES* get() const { return rows_; }
  // Begins `result`: its columns, or what the query has done.
  void ReadHead(MySqlResult& result) const;
  // What the row that was fetched last adds to a result's bytes().
  size_t LastRowBytes() const;
  // False, and `result` is as before, if it would be larger than `max_bytes`.
  [[nodiscard]] bool ReadRow(MYSQL_ROW row, size_t max_bytes,
                             MySqlResult& result) const;
  // When all rows are read, for only then the server says how many warnings
  // there are.
  void ReadEnd(MySqlResult& result) const;

 private:
  MYSQL* const mysql_;
  MYSQL_RES* const rows_;
};

// That it has grown beyond its limit.
absl::Status MySqlResultTooLarge(const MySqlOptions& options);

// What fetching a row has failed of, which may be a limit as well.
absl::Status MySqlRowError(const MySqlHandle& handle,
                           const MySqlOptions& options);

// To be asked after an error: the server does not say whether the query, such
// as a procedure's, has left a transaction open.
inline constexpr char kMySqlRollBack[] = "ROLLBACK";

// What a query has left behind that nobody may find.
absl::Status MySqlTransactionLeftOpen(const MySqlOptions& options);

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_ROWS_H_
