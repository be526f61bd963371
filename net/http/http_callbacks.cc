#include "net/http/http_callbacks.h"

#include <glog/logging.h>

#include "net/http/http_connection.h"
#include "net/http/http_loop.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

ConnectionCallbacks HttpCallbacks(std::shared_ptr<const HttpService> service) {
  CHECK(service->options().Check().ok()) << service->options().Check();
  const auto on_room = [](TcpConnection& c) {
    c.context<HttpConnection>()->HandleRoom();
  };
  return {
      .on_connect =
          [service](TcpConnection& c) {
            c.AllowHalfClose();
            c.EmplaceContext<HttpConnection>(
                &c, &c.loop()->Local<HttpLoops>().Of(service));
          },
      .on_message =
          [](TcpConnection& c, Buffer& input) {
            c.context<HttpConnection>()->HandleInput(input);
          },
      .on_write_complete = on_room,
      .on_low_water = on_room,
      .on_half_close =
          [](TcpConnection& c) { c.context<HttpConnection>()->HandleEnd(); },
      .on_timeout =
          [](TcpConnection& c, CloseReason reason) {
            if (reason != CloseReason::kExpectationTimeout) return;
            c.context<HttpConnection>()->HandleTimeout();
          },
      .on_close =
          [](TcpConnection& c, CloseReason reason) {
            c.context<HttpConnection>()->HandleClose(reason);
          },
      .on_stop =
          [service](EventLoop* loop) {
            loop->Local<HttpLoops>().Drop(service.get());
          },
  };
}

}  // namespace rondo
