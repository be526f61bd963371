#ifndef RONDO_NET_HTTP_HTTP_CALLBACKS_H_
#define RONDO_NET_HTTP_HTTP_CALLBACKS_H_

#include <memory>

#include "net/http/http_service.h"
#include "net/tcp/connection_group.h"

namespace rondo {

// What makes a TcpServer an HTTP server, see HttpServer. The callbacks share
// the service. Requires: HttpOptions::Check() finds nothing wrong with its
// options.
ConnectionCallbacks HttpCallbacks(std::shared_ptr<const HttpService> service);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_CALLBACKS_H_
