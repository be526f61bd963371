// A callback for each answer, on the connection's loop.
#include <utility>

#include "examples/mysql/database.h"
#include "examples/mysql/designs.h"
#include "examples/mysql/requests.h"
#include "net/client/request.h"

namespace rondo::examples {
namespace {

// The connection keeps the question: if the client leaves, both go. Until then
// it owes an answer, which a server that drains waits for.
void OnMessage(TcpConnection& connection, Buffer& input) {
  const std::optional<HelloHead> head = TakeRequest(connection, input);
  if (!head) return;
  connection.SetOwing(true);
  MySqlPool& pool = LoopDatabase::Of(connection.loop());
  connection.EmplaceContext<Request>(pool.Query(
      kQuery, QueryOptions(),
      [&connection, head = *head](const absl::StatusOr<MySqlResult>& result) {
        connection.Send(AnswerTo(head, result));
        connection.SetOwing(false);
        connection.Close();
      }));
}

}  // namespace

ConnectionCallbacks WithCallbacks() { return {.on_message = OnMessage}; }

}  // namespace rondo::examples
