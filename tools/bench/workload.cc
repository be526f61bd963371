#include "tools/bench/workload.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <random>

namespace rondo::bench {
namespace {

// Echo messages start at one of this many places: a prime, so that no pattern
// of connections and sequence numbers falls into step with it.
constexpr uint32_t kWindows = 4093;
// Varied requests are one of this many, which a client has in its cache: a
// prime, too.
constexpr uint32_t kVariants = 509;
constexpr size_t kMaxHeadBytes = 16 * 1024;

// The length of the whole reply that begins with `head` (a status line and
// fields, up to and with the blank line), 0 if it is not a 200 reply.
uint64_t ReplyLength(std::string_view head) {
  constexpr std::string_view kField = "Content-Length:";
  if (head.substr(0, 7) != "HTTP/1." || head.substr(8, 5) != " 200 ") return 0;
  size_t line = head.find("\r\n") + 2;
  while (line + 2 < head.size()) {
    if (strncasecmp(head.data() + line, kField.data(), kField.size()) == 0) {
      size_t digits = line + kField.size();
      while (head[digits] == ' ') ++digits;
      uint64_t length = 0;
      const auto [end, error] = std::from_chars(
          head.data() + digits, head.data() + head.size(), length);
      return error == std::errc() && *end == '\r' ? head.size() + length : 0;
    }
    line = head.find("\r\n", line) + 2;
  }
  return Reply::kUntilEnd;
}

// Sets `reply->expected` once the head is complete; false if it is wrong.
bool ReadHead(std::string_view bytes, Reply* reply) {
  if (!reply->head.empty()) bytes = reply->head.append(bytes);
  const size_t end = bytes.find("\r\n\r\n");
  if (end != std::string_view::npos) {
    reply->expected = ReplyLength(bytes.substr(0, end + 4));
    return reply->expected != 0;
  }
  if (reply->head.empty()) reply->head = bytes;
  return reply->head.size() <= kMaxHeadBytes;
}

}  // namespace

Workload::Workload(Mode mode, size_t message_bytes, const std::string& host,
                   int pipeline, bool varied)
    : mode_(mode),
      pipeline_(pipeline),
      varied_(varied),
      message_bytes_(message_bytes) {
  if (is_echo()) {
    MakeEchoes();
  } else {
    MakeRequests(host);
  }
}

void Workload::MakeRequests(const std::string& host) {
  std::string end = " HTTP/1.1\r\nHost: " + host + "\r\n";
  if (closes()) end += "Connection: close\r\n";
  end += "\r\n";
  const uint32_t pipeline = static_cast<uint32_t>(pipeline_);
  const uint32_t count = varied_ ? kVariants + pipeline - 1 : pipeline;
  for (uint32_t i = 0; i < count; ++i) {
    bytes_ += "GET /";
    // All of them have as many digits.
    if (varied_) bytes_ += "?" + std::to_string(10'000 + i % kVariants);
    bytes_ += end;
  }
  request_bytes_ = bytes_.size() / count;
  message_bytes_ = request_bytes_ * pipeline;
}

void Workload::MakeEchoes() {
  std::mt19937 random(20'000'101);  // Any fixed seed: runs are to be alike.
  bytes_.resize(message_bytes_ + kWindows - 1);
  for (char& byte : bytes_) {
    const auto any = static_cast<char>(random());
    byte = mode_ == Mode::kEcho ? any : static_cast<char>('a' + (any & 15));
  }
  echoes_ = bytes_;
  if (mode_ == Mode::kUpper) {
    for (char& byte : echoes_) byte = static_cast<char>(byte - 'a' + 'A');
  }
}

std::string_view Workload::Request(uint32_t id, uint32_t sequence) const {
  if (varied_) {
    // Each connection goes round by itself, and begins elsewhere.
    const uint32_t first =
        (id * 61 + sequence * static_cast<uint32_t>(pipeline_)) % kVariants;
    return std::string_view(bytes_).substr(first * request_bytes_,
                                           message_bytes_);
  }
  if (!is_echo()) return bytes_;
  // Fibonacci hashing spreads neighbours; see Knuth, TAOCP 3, 6.4.
  const uint32_t hash = (id * 2'654'435'769u) ^ (sequence * 2'246'822'519u);
  return std::string_view(bytes_).substr(hash % kWindows, message_bytes_);
}

Workload::Verdict Workload::OnBytes(std::string_view request,
                                    std::string_view bytes,
                                    Reply* reply) const {
  if (is_echo()) {
    const uint64_t offset = reply->received;
    reply->received += bytes.size();
    if (reply->received > request.size()) return Verdict::kWrong;
    if (Echo(request).substr(offset, bytes.size()) != bytes) {
      return Verdict::kWrong;
    }
    return reply->received == request.size() ? Verdict::kDone : Verdict::kMore;
  }
  while (!bytes.empty()) {
    if (reply->whole == pipeline_) return Verdict::kWrong;  // More than asked.
    if (reply->expected == 0 && !ReadHead(bytes, reply)) return Verdict::kWrong;
    if (mode_ == Mode::kHello && reply->expected == Reply::kUntilEnd) {
      return Verdict::kWrong;  // Nothing says where such a reply ends.
    }
    const uint64_t left =
        reply->expected == 0 ? bytes.size() : reply->expected - reply->received;
    const size_t taken = std::min<uint64_t>(left, bytes.size());
    reply->received += taken;
    bytes.remove_prefix(taken);
    if (reply->expected == 0 || reply->received < reply->expected) break;
    if (closes()) return bytes.empty() ? Verdict::kMore : Verdict::kWrong;
    *reply = {.whole = reply->whole + 1, .head = {}};
  }
  return reply->whole == pipeline_ ? Verdict::kDone : Verdict::kMore;
}

Workload::Verdict Workload::OnEnd(const Reply& reply) const {
  if (!closes() || reply.expected == 0) return Verdict::kWrong;
  const bool whole =
      reply.expected == Reply::kUntilEnd || reply.received == reply.expected;
  return whole ? Verdict::kDone : Verdict::kWrong;
}

}  // namespace rondo::bench
