#ifndef RONDO_NET_HTTP_HTTP_SERVICE_H_
#define RONDO_NET_HTTP_HTTP_SERVICE_H_

#include "net/http/http_options.h"
#include "net/http/router.h"

namespace rondo {

// What a server answers, and how.
//
// Threading: constant; the loops of a server share it.
struct HttpService {
  Router router;
  HttpOptions options = {};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_SERVICE_H_
