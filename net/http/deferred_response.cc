#include "net/http/deferred_response.h"

#include <atomic>
#include <utility>

#include "net/http/http_call.h"
#include "net/http/http_connection.h"
#include "net/http/response_writer.h"

namespace rondo {

struct DeferredResponse::Debt {
  Debt(ConnectionHandle handle, uint64_t id)
      : connection(std::move(handle)), exchange_id(id) {}
  Debt(const Debt&) = delete;
  Debt& operator=(const Debt&) = delete;
  ~Debt() {
    if (sent) return;
    connection.Run([id = exchange_id](TcpConnection* c) {
      if (c != nullptr) c->context<HttpConnection>()->GiveUpOn(id);
    });
  }

  const ConnectionHandle connection;
  const uint64_t exchange_id;
  std::atomic<bool> sent{false};
};

DeferredResponse::DeferredResponse(ConnectionHandle connection,
                                   uint64_t exchange_id)
    : debt_(std::make_shared<Debt>(std::move(connection), exchange_id)) {}

bool DeferredResponse::Send(HttpResponse response) const {
  if (debt_->connection.closed() || debt_->sent.exchange(true)) return false;
  return debt_->connection.Run(
      [id = debt_->exchange_id,
       response = std::move(response)](TcpConnection* c) mutable {
        if (c == nullptr) return;
        c->context<HttpConnection>()->Answer(id, std::move(response));
      });
}

bool DeferredResponse::Run(absl::AnyInvocable<void(ResponseWriter*)> f) const {
  // The debt goes with it: while it is on its way, somebody is about to answer.
  return debt_->connection.Run(
      [debt = debt_, f = std::move(f)](TcpConnection* c) mutable {
        if (c == nullptr) {
          CallUser([&f] { f(nullptr); });
          return;
        }
        c->context<HttpConnection>()->WithExchange(
            debt->exchange_id, [&f](ResponseWriter* writer) { f(writer); });
      });
}

}  // namespace rondo
