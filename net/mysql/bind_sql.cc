#include "net/mysql/bind_sql.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace rondo {

namespace {

// Whether it and a value that it touches would be read as one: 'a''b' is a text
// with a quote, X'61' has hexadecimal digits, @'a' is a variable, 1 and 2
// are 12.
bool Clings(char c) {
  return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("'\"`?_$@.").find(c) != std::string_view::npos;
}

}  // namespace

// Reads `sql` once, from its beginning to its end.
class SqlBinder {
 public:
  SqlBinder(std::string_view sql, std::span<const SqlValue> values)
      : sql_(sql), rest_(sql), values_(values) {}

  absl::StatusOr<std::string> Bind();

 private:
  // What the server reads, past space and comments.
  enum class Token { kOther, kText, kMark };

  absl::Status TakeNext();
  absl::Status TakeQuoted();
  absl::Status TakeComment();
  void TakeLine();
  absl::Status TakeMark();
  absl::Status Follow(Token token);
  absl::Status Write(const SqlValue& value);
  void WriteText(std::string_view text);
  void WriteHex(std::string_view bytes);

  void Take(size_t bytes) {
    out_.append(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
  }
  // A comment only if it is followed by space, or by nothing.
  bool AtDashes() const {
    return rest_.starts_with("--") &&
           (rest_.size() == 2 || static_cast<unsigned char>(rest_[2]) <= ' ');
  }

  const std::string_view sql_;
  std::string_view rest_;
  const std::span<const SqlValue> values_;
  size_t used_ = 0;
  Token last_ = Token::kOther;
  size_t mark_at_ = 0;  // the last one
  std::string out_;
};

absl::StatusOr<std::string> SqlBinder::Bind() {
  while (!rest_.empty()) {
    const absl::Status status = TakeNext();
    if (!status.ok()) return status;
  }
  if (used_ == values_.size()) return std::move(out_);
  return absl::InvalidArgumentError(absl::StrCat("there are ", values_.size(),
                                                 " values and ", used_,
                                                 " question marks for them"));
}

absl::Status SqlBinder::TakeNext() {
  const char c = rest_[0];
  if (c == '?') return TakeMark();
  if (c == '\'' || c == '"' || c == '`') return TakeQuoted();
  if (rest_.starts_with("/*")) return TakeComment();
  if (c == '#' || AtDashes()) {
    TakeLine();
  } else {
    if (!absl::ascii_isspace(c)) last_ = Token::kOther;
    Take(1);
  }
  return absl::OkStatus();
}

// The server makes one text of two that follow each other: 'a' 'b' is 'ab'. Any
// mark may become one.
absl::Status SqlBinder::Follow(Token token) {
  const Token last = std::exchange(last_, token);
  if (last == Token::kOther || token == Token::kOther ||
      (last == Token::kText && token == Token::kText)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the question mark at ", mark_at_,
                   " must stand by itself: 'a' ? would make one text of two"));
}

// A doubled quote is the end of one part and the beginning of the next, which
// the server makes one text of as well.
absl::Status SqlBinder::TakeQuoted() {
  const char quote = rest_[0];
  const size_t end = rest_.find(quote, 1);
  if (end == std::string_view::npos) {
    return absl::InvalidArgumentError("the query ends inside quotes");
  }
  if (quote != '`' &&
      rest_.substr(0, end).find('\\') != std::string_view::npos) {
    return absl::InvalidArgumentError(
        "a backslash in quotes means what the server is set to: pass the text "
        "as a value");
  }
  Take(end + 1);
  return Follow(quote == '`' ? Token::kOther : Token::kText);
}

absl::Status SqlBinder::TakeComment() {
  constexpr std::string_view kEnd = "*/";
  const size_t end = rest_.find(kEnd, kEnd.size());
  if (end == std::string_view::npos) {
    return absl::InvalidArgumentError("the query ends inside a comment");
  }
  const bool is_read = rest_.starts_with("/*!") || rest_.starts_with("/*M!");
  Take(end + kEnd.size());
  return is_read ? Follow(Token::kText) : absl::OkStatus();  // it may be one
}

void SqlBinder::TakeLine() {
  const size_t end = rest_.find('\n');
  Take(end == std::string_view::npos ? rest_.size() : end + 1);
}

absl::Status SqlBinder::TakeMark() {
  if (used_ == values_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", used_, " values and more question marks for them"));
  }
  mark_at_ = sql_.size() - rest_.size();
  rest_.remove_prefix(1);
  if ((mark_at_ > 0 && Clings(sql_[mark_at_ - 1])) ||
      (!rest_.empty() && Clings(rest_[0]))) {
    return absl::InvalidArgumentError(
        absl::StrCat("the question mark at ", mark_at_,
                     " must stand by itself: its value would become part of "
                     "what it touches"));
  }
  const absl::Status followed = Follow(Token::kMark);
  if (!followed.ok()) return followed;
  return Write(values_[used_++]);
}

absl::Status SqlBinder::Write(const SqlValue& value) {
  const auto& v = value.value_;
  if (const auto* signed_number = std::get_if<int64_t>(&v)) {
    absl::StrAppend(&out_, *signed_number);
  } else if (const auto* number = std::get_if<uint64_t>(&v)) {
    absl::StrAppend(&out_, *number);
  } else if (const auto* real = std::get_if<double>(&v)) {
    if (!std::isfinite(*real)) {
      return absl::InvalidArgumentError("SQL has no NaN and no infinity");
    }
    char digits[32];  // of the shortest that reads as the same number
    const auto end = std::to_chars(digits, std::end(digits), *real,
                                   std::chars_format::scientific);
    out_.append(digits, end.ptr);
  } else if (const auto* text = std::get_if<std::string_view>(&v)) {
    WriteText(*text);
  } else if (const auto* bytes = std::get_if<SqlBytes>(&v)) {
    out_ += "X'";
    WriteHex(bytes->bytes);
    out_ += '\'';
  } else {
    out_ += "NULL";
  }
  return absl::OkStatus();
}

void SqlBinder::WriteText(std::string_view text) {
  if (text.find_first_of(std::string_view("\\\0", 2)) != text.npos) {
    out_ += "_utf8mb4 X'";
    WriteHex(text);
  } else {
    out_ += '\'';
    for (const char c : text) {
      if (c == '\'') out_ += c;
      out_ += c;
    }
  }
  out_ += '\'';
}

void SqlBinder::WriteHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const unsigned char byte : bytes) {
    out_ += kDigits[byte >> 4];
    out_ += kDigits[byte & 15];
  }
}

absl::StatusOr<std::string> BindSql(std::string_view sql,
                                    std::span<const SqlValue> values) {
  return SqlBinder(sql, values).Bind();
}

}  // namespace rondo
