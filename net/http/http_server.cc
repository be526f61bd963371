#include "net/http/http_server.h"

#include <algorithm>
#include <utility>

#include "net/http/http_callbacks.h"

namespace rondo {
namespace {

TcpServerOptions WithRoomForBodies(TcpServerOptions tcp,
                                   const HttpService& service) {
  size_t& max_input_bytes = tcp.limits.max_input_bytes;
  max_input_bytes =
      std::max(max_input_bytes,
               NeededInputBytes(service.router(), service.options().limits));
  return tcp;
}

// None for wrong options, with which Start() will not start it.
ConnectionCallbacks CallbacksOf(
    const std::shared_ptr<const HttpService>& service) {
  if (!service->options().Check().ok()) return {};
  return HttpCallbacks(service);
}

}  // namespace

HttpServer::HttpServer(EventLoop* acceptor_loop, TcpServerOptions tcp_options,
                       Router router, HttpOptions options)
    : service_(std::make_shared<const HttpService>(std::move(router),
                                                   std::move(options))),
      tcp_(acceptor_loop, WithRoomForBodies(std::move(tcp_options), *service_),
           CallbacksOf(service_)) {}

absl::Status HttpServer::Start(std::vector<Socket> listening) {
  const absl::Status status = service_->options().Check();
  if (!status.ok()) return status;
  return tcp_.Start(std::move(listening));
}

}  // namespace rondo
