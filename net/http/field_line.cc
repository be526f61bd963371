#include "net/http/field_line.h"

#include "net/http/http_chars.h"

namespace rondo {
namespace {

// What stands where the colon should, after a name of `name_bytes`.
const char* WhatIsWrong(std::string_view line, size_t name_bytes) {
  const bool space = name_bytes < line.size() &&
                     (line[name_bytes] == ' ' || line[name_bytes] == '\t');
  if (space && name_bytes == 0) return "a field line begins with whitespace";
  if (space) return "whitespace stands before a field's colon";
  if (name_bytes == 0) return "a field line has no name";
  if (name_bytes == line.size()) return "a field line has no colon";
  return "a field's name has a byte that no token has";
}

}  // namespace

bool ParseFieldLine(std::string_view line, HttpField& field, HttpError& error) {
  const size_t name_bytes = CountFirst(HttpChars::kToken, line);
  if (name_bytes == 0 || name_bytes == line.size() || line[name_bytes] != ':') {
    error = {HttpStatus::kBadRequest, WhatIsWrong(line, name_bytes)};
    return false;
  }
  field.name = line.substr(0, name_bytes);
  field.value = TrimOws(line.substr(name_bytes + 1));
  if (!AreAll(HttpChars::kFieldValue, field.value)) {
    error = {HttpStatus::kBadRequest, "a field's value has a control byte"};
    return false;
  }
  return true;
}

}  // namespace rondo
