#include "tests/net/http/peers/answer_reader.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "net/http/http_chars.h"

namespace rondo {
namespace {

constexpr int kPatienceMs = 60'000;

}  // namespace

std::optional<std::string_view> ReceivedAnswer::Find(
    std::string_view name) const {
  for (const auto& [n, value] : fields) {
    if (EqualsIgnoringCase(n, name)) return value;
  }
  return std::nullopt;
}

void PrintTo(const ReceivedAnswer& answer, std::ostream* out) {
  *out << answer.status << (answer.whole ? "" : " (cut off)");
  for (const auto& [name, value] : answer.fields) {
    *out << "\n" << name << ": " << value;
  }
  *out << "\n\n" << answer.body.substr(0, 200) << "\n";
}

ReceivedAnswer AnswerReader::Read(std::string_view method) {
  ReceivedAnswer answer = ReadAny(method);
  while (answer.status / 100 == 1) answer = ReadAny(method);
  return answer;
}

ReceivedAnswer AnswerReader::ReadAny(std::string_view method) {
  ReceivedAnswer answer;
  if (!ReadHead(answer)) {
    answer.status = 0;
    return answer;
  }
  const bool has_body = method != "HEAD" && answer.status / 100 != 1 &&
                        answer.status != 204 && answer.status != 304;
  answer.whole = !has_body || ReadBody(answer);
  return answer;
}

bool AnswerReader::AtEnd() { return kept_.empty() && !Receive(); }

bool AnswerReader::Receive() {
  pollfd watched = {.fd = client_->fd().get(), .events = POLLIN, .revents = 0};
  const int ready = poll(&watched, 1, kPatienceMs);
  EXPECT_EQ(ready, 1) << "nothing came in " << kPatienceMs << " ms";
  if (ready != 1) return false;
  char block[16 * 1'024];
  const ssize_t n = recv(watched.fd, block, sizeof(block), 0);
  if (n > 0) kept_.append(block, n);
  return n > 0;
}

std::optional<std::string> AnswerReader::ReadLine() {
  size_t end;
  while ((end = kept_.find("\r\n")) == std::string::npos) {
    if (!Receive()) return std::nullopt;
  }
  std::string line = kept_.substr(0, end);
  kept_.erase(0, end + 2);
  return line;
}

bool AnswerReader::ReadBytes(size_t bytes, std::string& to) {
  while (kept_.size() < bytes) {
    if (!Receive()) break;
  }
  const bool all = kept_.size() >= bytes;
  to += kept_.substr(0, bytes);
  kept_.erase(0, bytes);
  return all;
}

bool AnswerReader::ReadHead(ReceivedAnswer& answer) {
  const std::optional<std::string> line = ReadLine();
  if (!line.has_value()) return false;
  const bool good = line->starts_with("HTTP/1.") && line->size() >= 12 &&
                    absl::SimpleAtoi(line->substr(9, 3), &answer.status);
  EXPECT_TRUE(good) << "no status line: " << *line;
  return good && ReadFields(answer);
}

bool AnswerReader::ReadFields(ReceivedAnswer& answer) {
  while (const std::optional<std::string> line = ReadLine()) {
    if (line->empty()) return true;
    const size_t colon = line->find(':');
    EXPECT_NE(colon, std::string::npos) << "no field: " << *line;
    if (colon == std::string::npos) return false;
    answer.fields.emplace_back(line->substr(0, colon),
                               TrimOws(line->substr(colon + 1)));
  }
  return false;
}

bool AnswerReader::ReadChunks(ReceivedAnswer& answer) {
  std::string line_end;
  while (const std::optional<std::string> line = ReadLine()) {
    const size_t bytes = std::strtoull(line->c_str(), nullptr, 16);
    if (bytes == 0) return ReadFields(answer);
    if (!ReadBytes(bytes, answer.body) || !ReadBytes(2, line_end)) return false;
  }
  return false;
}

bool AnswerReader::ReadBody(ReceivedAnswer& answer) {
  if (answer.Find("Transfer-Encoding") == "chunked") return ReadChunks(answer);
  const auto length = answer.Find("Content-Length");
  if (length.has_value()) {
    return ReadBytes(std::strtoull(length->data(), nullptr, 10), answer.body);
  }
  while (Receive()) {
  }
  answer.body = std::exchange(kept_, "");
  return true;
}

}  // namespace rondo
