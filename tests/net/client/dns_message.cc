#include "tests/net/client/dns_message.h"

#include <arpa/inet.h>
#include <glog/logging.h>

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace rondo {
namespace {

// RFC 1035 section 4.1.
constexpr size_t kHeaderBytes = 12;
constexpr uint16_t kClassIn = 1;
constexpr uint16_t kResponse = 0x8000;
constexpr uint16_t kTruncated = 0x0200;
constexpr uint16_t kRecursionDesired = 0x0100;
constexpr uint16_t kRecursionAvailable = 0x0080;

uint16_t Get16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) << 8 |
                               static_cast<uint8_t>(bytes[at + 1]));
}

void Put16(std::string& out, uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}

void Put32(std::string& out, uint32_t value) {
  Put16(out, static_cast<uint16_t>(value >> 16));
  Put16(out, static_cast<uint16_t>(value));
}

void PutName(std::string& out, const std::string& name) {
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    out += static_cast<char>(label.size());
    out.append(label.data(), label.size());
  }
  out += '\0';
}

std::string EncodeData(const DnsRecord& record) {
  std::string out;
  if (record.type == DnsType::kCname) {
    PutName(out, record.data);
    return out;
  }
  const bool is_v4 = record.type == DnsType::kA;
  out.resize(is_v4 ? sizeof(in_addr) : sizeof(in6_addr));
  const int family = is_v4 ? AF_INET : AF_INET6;
  CHECK_EQ(inet_pton(family, record.data.c_str(), out.data()), 1)
      << record.data;
  return out;
}

}  // namespace

std::optional<DnsQuery> ParseDnsQuery(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  DnsQuery query{.id = Get16(bytes, 0), .name = {}};
  size_t at = kHeaderBytes;
  while (at < bytes.size() && bytes[at] != 0) {
    const size_t length = static_cast<uint8_t>(bytes[at]);
    if (at + 1 + length >= bytes.size()) return std::nullopt;
    if (!query.name.empty()) query.name += '.';
    query.name += bytes.substr(at + 1, length);
    at += 1 + length;
  }
  ++at;  // the root's length
  if (at + 4 > bytes.size()) return std::nullopt;
  query.type = static_cast<DnsType>(Get16(bytes, at));
  absl::AsciiStrToLower(&query.name);
  return query;
}

std::string EncodeDnsReply(const DnsQuery& query, const DnsReply& reply,
                           bool truncated) {
  const size_t records = truncated ? 0 : reply.records.size();
  std::string out;
  Put16(out, query.id);
  Put16(out, static_cast<uint16_t>(kResponse | kRecursionDesired |
                                   kRecursionAvailable |
                                   (truncated ? kTruncated : 0) |
                                   static_cast<uint16_t>(reply.rcode)));
  Put16(out, 1);  // questions
  Put16(out, static_cast<uint16_t>(records));
  Put32(out, 0);  // authorities, additional
  PutName(out, query.name);
  Put16(out, static_cast<uint16_t>(query.type));
  Put16(out, kClassIn);
  for (size_t i = 0; i < records; ++i) {
    const DnsRecord& record = reply.records[i];
    PutName(out, record.owner.empty() ? query.name : record.owner);
    Put16(out, static_cast<uint16_t>(record.type));
    Put16(out, kClassIn);
    Put32(out, record.ttl_seconds);
    const std::string data = EncodeData(record);
    Put16(out, static_cast<uint16_t>(data.size()));
    out += data;
  }
  return out;
}

}  // namespace rondo
