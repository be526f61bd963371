#ifndef RONDO_NET_MYSQL_BIND_SQL_H_
#define RONDO_NET_MYSQL_BIND_SQL_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "absl/status/statusor.h"

namespace rondo {

// Bytes that are no text, for BindSql(): a BLOB's.
struct SqlBytes {
  std::string_view bytes;
};

// What can stand for a parameter. Borrows text and bytes.
class SqlValue {
 public:
  SqlValue(std::nullptr_t) {}  // NOLINT: NULL
  template <typename T>
  requires(std::is_arithmetic_v<T> && !std::is_same_v<T, char>)
      SqlValue(T number) {  // NOLINT: true is 1
    if constexpr (std::is_floating_point_v<T>) {
      value_ = static_cast<double>(number);
    } else if constexpr (std::is_signed_v<T>) {
      value_ = static_cast<int64_t>(number);
    } else {
      value_ = static_cast<uint64_t>(number);
    }
  }
  SqlValue(std::string_view text) : value_(text) {}    // NOLINT
  SqlValue(const std::string& text) : value_(text) {}  // NOLINT
  SqlValue(const char* text) {  // NOLINT: NULL if it is null
    if (text != nullptr) value_ = std::string_view(text);
  }
  SqlValue(SqlBytes bytes) : value_(bytes) {}  // NOLINT

 private:
  friend class SqlBinder;
  using Null = std::monostate;

  std::variant<Null, int64_t, uint64_t, double, std::string_view, SqlBytes>
      value_;
};

// Puts `values` in place of the question marks of `sql`, in order, so that none
// of them can be anything but a value, however it is made: a text is quoted, or
// written in hexadecimal digits where it has a backslash or a NUL, whose
// meaning is the server's to set (NO_BACKSLASH_ESCAPES). Question marks in
// quotes and comments stay. No server is asked.
//
// A question mark stands by itself. A value would become part of a quote or a
// letter that it touches; and of a text or another value that is only space or
// a comment away, for the server makes one text of 'a' 'b'. What a value means
// where it stands is not looked at: not that _latin1 ? or DATE ? tells the
// server how to read a text, nor that SELECT name ? makes a name of it.
//
// Errors: InvalidArgument if there are more or fewer values than question
// marks, for a number that SQL has not (NaN, infinity), and for an `sql` whose
// question marks do not stand by themselves, that ends inside quotes or a
// comment, or has a backslash in quotes, of which the same is to be said: make
// it a value.
//
// Example:
//   const auto sql = BindSql("SELECT name FROM users WHERE id = ?", {id});
absl::StatusOr<std::string> BindSql(std::string_view sql,
                                    std::span<const SqlValue> values);
inline absl::StatusOr<std::string> BindSql(
    std::string_view sql, std::initializer_list<SqlValue> values) {
  return BindSql(sql, std::span(values.begin(), values.size()));
}

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_BIND_SQL_H_
