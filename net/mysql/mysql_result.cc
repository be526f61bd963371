#include "net/mysql/mysql_result.h"

#include <glog/logging.h>

#include <algorithm>
#include <charconv>

namespace rondo {

const std::string& MySqlResult::column_name(size_t column) const {
  CHECK_LT(column, columns());
  return names_[column];
}

std::optional<size_t> MySqlResult::FindColumn(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) return std::nullopt;
  return found - names_.begin();
}

const MySqlResult::Cell& MySqlResult::At(size_t row, size_t column) const {
  CHECK_LT(row, rows_);
  CHECK_LT(column, columns());
  return cells_[row * columns() + column];
}

std::optional<std::string_view> MySqlResult::Text(size_t row,
                                                  size_t column) const {
  const Cell& cell = At(row, column);
  if (cell.length == kNull) return std::nullopt;
  return std::string_view(text_).substr(cell.begin, cell.length);
}

bool MySqlResult::IsNull(size_t row, size_t column) const {
  return At(row, column).length == kNull;
}

template <typename T>
std::optional<T> MySqlResult::Number(size_t row, size_t column) const {
  const auto text = Text(row, column);
  if (!text) return std::nullopt;
  T number;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<int64_t> MySqlResult::Int(size_t row, size_t column) const {
  return Number<int64_t>(row, column);
}

std::optional<uint64_t> MySqlResult::Unsigned(size_t row, size_t column) const {
  return Number<uint64_t>(row, column);
}

std::optional<double> MySqlResult::Double(size_t row, size_t column) const {
  return Number<double>(row, column);
}

size_t MySqlResult::bytes() const {
  return text_.size() + cells_.size() * kCellBytes +
         names_.size() * sizeof(std::string);
}

void MySqlResult::AddRow(const char* const* values,
                         const unsigned long* lengths) {
  ++rows_;
  for (size_t i = 0; i < columns(); ++i) {
    if (values[i] == nullptr) {
      cells_.push_back({.begin = 0, .length = kNull});
      continue;
    }
    cells_.push_back({.begin = text_.size(), .length = lengths[i]});
    text_.append(values[i], lengths[i]);
  }
}

void MySqlResult::SetEffects(uint64_t affected_rows, uint64_t last_insert_id) {
  affected_rows_ = affected_rows;
  last_insert_id_ = last_insert_id;
}

}  // namespace rondo
