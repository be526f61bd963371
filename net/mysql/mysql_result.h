#ifndef RONDO_NET_MYSQL_MYSQL_RESULT_H_
#define RONDO_NET_MYSQL_MYSQL_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

// What a query has brought: rows, or what it has changed. Of a procedure that
// has several results, the first.
//
// Threading: a value; const methods are Thread-safe.
// Ownership: owns all of it; what Text() gives points into it.
// Errors: a row or column that is not there is a CHECK.
//
// Example:
//   for (size_t row = 0; row < result.rows(); ++row) {
//     const auto name = result.Text(row, 0);  // none: NULL
//     const auto age = result.Int(row, 1);
//   }
class MySqlResult {
 public:
  size_t rows() const { return rows_; }
  size_t columns() const { return names_.size(); }
  const std::string& column_name(size_t column) const;
  // The first of that name, as the query gives it.
  std::optional<size_t> FindColumn(std::string_view name) const;

  // A cell as the server has sent it, in its text form; none if it is NULL.
  std::optional<std::string_view> Text(size_t row, size_t column) const;
  bool IsNull(size_t row, size_t column) const;
  // None if it is NULL, no number, or too large.
  std::optional<int64_t> Int(size_t row, size_t column) const;
  std::optional<uint64_t> Unsigned(size_t row, size_t column) const;
  std::optional<double> Double(size_t row, size_t column) const;

  // Of a query that gives no rows.
  uint64_t affected_rows() const { return affected_rows_; }
  uint64_t last_insert_id() const { return last_insert_id_; }  // 0: none
  // How many the server has for SHOW WARNINGS, which would have to come over
  // the same connection.
  uint64_t warnings() const { return warnings_; }

  // About as much memory as it takes: for each cell kCellBytes and its text.
  static constexpr size_t kCellBytes = 2 * sizeof(size_t);
  size_t bytes() const;

  // --- For who makes one. ---

  void AddColumn(std::string_view name) { names_.emplace_back(name); }
  // A null pointer is a NULL. Requires: there are as many as columns.
  void AddRow(const char* const* values, const unsigned long* lengths);
  void SetEffects(uint64_t affected_rows, uint64_t last_insert_id);
  void SetWarnings(uint64_t warnings) { warnings_ = warnings; }

 private:
  struct Cell {
    size_t begin;
    size_t length;
  };
  static_assert(sizeof(Cell) == kCellBytes);
  static constexpr size_t kNull = std::numeric_limits<size_t>::max();

  const Cell& At(size_t row, size_t column) const;
  template <typename T>
  std::optional<T> Number(size_t row, size_t column) const;

  std::vector<std::string> names_;
  size_t rows_ = 0;
  std::vector<Cell> cells_;  // row by row
  std::string text_;         // of all cells
  uint64_t affected_rows_ = 0;
  uint64_t last_insert_id_ = 0;
  uint64_t warnings_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_RESULT_H_
