#include "tests/net/tcp/addresses.h"

#include <unistd.h>

#include <atomic>
#include <random>

namespace rondo {
namespace {

// Of this process. Not its number: each sandbox counts its own, and they share
// /tmp and the network.
uint32_t Token() {
  static const uint32_t token = std::random_device()();
  return token;
}

}  // namespace

InetAddress UnixAddress(const std::string& name) {
  // Short: TEST_TMPDIR can be longer than a unix path may be.
  return *InetAddress::Parse("unix:/tmp/rondo-" + std::to_string(Token()) +
                             "-" + name + ".sock");
}

InetAddress AbstractAddress() {
  static std::atomic<int> calls = 0;
  return *InetAddress::Parse("unix:@rondo-test-" + std::to_string(Token()) +
                             "-" + std::to_string(++calls));
}

bool FileExists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

InetAddress OwnLoopback() {
  const auto byte = [](int shift) {
    return "." + std::to_string(1 + (Token() >> shift) % 254);
  };
  return *InetAddress::Parse("127" + byte(0) + byte(8) + byte(16) + ":0");
}

}  // namespace rondo
