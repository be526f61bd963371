#ifndef RONDO_NET_HTTP_HTTP_SERVER_H_
#define RONDO_NET_HTTP_HTTP_SERVER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "net/http/http_metrics.h"
#include "net/http/http_options.h"
#include "net/http/http_service.h"
#include "net/http/router.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/socket.h"
#include "net/tcp/tcp_server.h"
#include "net/tcp/tcp_server_options.h"

namespace rondo {

// An HTTP/1.1 server: a router of handlers on a TcpServer.
//
//   bytes ► TcpConnection ► requests ► Router ► handler ► answer
//
// A drain lets each connection answer what it has been asked, with
// `Connection: close`.
//
// Threading: as TcpServer. Handlers run on the loop of their connection, those
// of several loops at the same time.
// Ownership and lifetime: as TcpServer; the handlers live until the last of its
// connections has gone.
// Errors: Start() says what is wrong with options or addresses. A client's are
// answered; a handler's exceptions are logged and answered with 500.
// Reference: RFC 9110, RFC 9112.
// Example:
//   Router router;
//   router.Add("GET", "/hello/{name}",
//              [](const HttpRequest& request, ResponseWriter& writer) {
//                writer.Send(*request.parameter("name"));
//              });
//   HttpServer server(loop, {.listen = {address}}, std::move(router));
//   absl::Status status = server.Start();
class HttpServer {
 public:
  HttpServer(EventLoop* acceptor_loop, TcpServerOptions tcp_options,
             Router router, HttpOptions options = {});
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As TcpServer::Start().
  absl::Status Start(std::vector<Socket> listening = {});

  // What its routes have done until now, on all loops. Thread-safe.
  HttpMetrics::Snapshot TakeSnapshot() const {
    return service_->metrics().TakeSnapshot();
  }

  // To drain and stop it, and for its port, loops and counters.
  TcpServer& tcp() { return tcp_; }
  const TcpServer& tcp() const { return tcp_; }

 private:
  const std::shared_ptr<const HttpService> service_;
  TcpServer tcp_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_SERVER_H_
