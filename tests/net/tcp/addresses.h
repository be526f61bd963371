#ifndef RONDO_TESTS_NET_TCP_ADDRESSES_H_
#define RONDO_TESTS_NET_TCP_ADDRESSES_H_

#include <string>

#include "net/tcp/inet_address.h"

namespace rondo {

// Unix addresses of this process alone: a socket file, which the test removes,
// and an abstract one, another for each call.
InetAddress UnixAddress(const std::string& name);
InetAddress AbstractAddress();

bool FileExists(const std::string& path);

// A loopback host that hardly any other process has, port 0: a port that is
// free again must not become another test's while clients still try it.
InetAddress OwnLoopback();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_ADDRESSES_H_
