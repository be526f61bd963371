#ifndef RONDO_TESTS_NET_CLIENT_DNS_MESSAGE_H_
#define RONDO_TESTS_NET_CLIENT_DNS_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

// As numbered in RFC 1035 and RFC 3596.
enum class DnsType : uint16_t { kA = 1, kCname = 5, kAaaa = 28 };
enum class DnsRcode : uint8_t {
  kNoError = 0,
  kServFail = 2,
  kNxDomain = 3,
  kRefused = 5,
};

// What a client asks.
struct DnsQuery {
  uint16_t id = 0;
  std::string name;  // in lower case, without a dot at the end
  DnsType type = DnsType::kA;
};

struct DnsRecord {
  DnsType type = DnsType::kA;
  std::string data;  // an address or a name, as text
  uint32_t ttl_seconds = 0;
  std::string owner = {};  // empty: the name that was asked for
};

struct DnsReply {
  DnsRcode rcode = DnsRcode::kNoError;
  std::vector<DnsRecord> records = {};
  bool truncated_over_udp = false;  // to be asked again over TCP
  bool silent = false;              // no reply at all
};

// Nothing if `bytes` are not a query.
std::optional<DnsQuery> ParseDnsQuery(std::string_view bytes);

// The reply to `query`; `truncated`: without its records.
std::string EncodeDnsReply(const DnsQuery& query, const DnsReply& reply,
                           bool truncated);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_DNS_MESSAGE_H_
