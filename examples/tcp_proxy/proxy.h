#ifndef RONDO_EXAMPLES_TCP_PROXY_PROXY_H_
#define RONDO_EXAMPLES_TCP_PROXY_PROXY_H_

#include "absl/time/time.h"
#include "examples/tcp_proxy/backends.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_limits.h"

namespace rondo::examples {

struct ProxyOptions {
  absl::Duration connect_timeout;
  ConnectionLimits limits;  // of connections to backends
};

// A server's callbacks that pass each connection on to one of `backends`, over
// a connection of its own on the same loop. A client whose backend cannot be
// reached gets the next, and a RST once all were tried. Clients and backends
// must be allowed to half close.
//
// Ownership: borrows the backends, which must outlive the server.
ConnectionCallbacks ProxyCallbacks(Backends* backends, ProxyOptions options);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_TCP_PROXY_PROXY_H_
