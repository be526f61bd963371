#include "tests/net/tcp/addresses.h"

#include <unistd.h>

#include <atomic>

namespace rondo {

InetAddress UnixAddress(const std::string& name) {
  // Short: TEST_TMPDIR can be longer than a unix path may be.
  return *InetAddress::Parse("unix:/tmp/rondo-" + std::to_string(getpid()) +
                             "-" + name + ".sock");
}

InetAddress AbstractAddress() {
  static std::atomic<int> calls = 0;
  return *InetAddress::Parse("unix:@rondo-test-" + std::to_string(getpid()) +
                             "-" + std::to_string(++calls));
}

}  // namespace rondo
