#ifndef RONDO_TESTS_NET_TCP_ADDRESSES_H_
#define RONDO_TESTS_NET_TCP_ADDRESSES_H_

#include <string>

#include "net/tcp/inet_address.h"

namespace rondo {

// Unix addresses of this process alone: a socket file, which the test removes,
// and an abstract one, another for each call.
InetAddress UnixAddress(const std::string& name);
InetAddress AbstractAddress();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_ADDRESSES_H_
