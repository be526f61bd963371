// A thread of a pool waits for each answer, with Connector/C's blocking calls.
#include <memory>
#include <utility>

#include "examples/mysql/database.h"
#include "examples/mysql/designs.h"
#include "examples/mysql/requests.h"
#include "net/mysql/blocking_mysql_client.h"
#include "net/tcp/offload.h"

namespace rondo::examples {
namespace {

using Client = std::shared_ptr<BlockingMySqlClient>;
using Result = absl::StatusOr<MySqlResult>;

Client NewClient() {
  const MySqlPoolOptions options = DatabaseOptions();
  return std::make_shared<BlockingMySqlClient>(
      BlockingMySqlClientOptions{.mysql = options.mysql,
                                 .read_timeout = QueryOptions().timeout,
                                 .idle_timeout = options.idle_timeout,
                                 .max_sends = options.max_sends,
                                 .retry = options.retry});
}

void Answer(TcpConnection& connection, const HelloHead& head,
            const Result& result) {
  connection.Send(AnswerTo(head, result));
  connection.Close();
}

void OnMessage(ThreadPool& threads, const Client& client,
               TcpConnection& connection, Buffer& input) {
  const std::optional<HelloHead> head = TakeRequest(connection, input);
  if (!head) return;
  const auto submitted = Offload(
      threads, connection,
      [client] { return client->Query(kQuery, QueryOptions().idempotent); },
      [head = *head](TcpConnection* c, const Result& result) {
        if (c != nullptr) Answer(*c, head, result);
      });
  if (submitted == ThreadPool::SubmitResult::kAccepted) return;
  Answer(connection, *head,
         absl::ResourceExhaustedError("all threads are busy"));
}

}  // namespace

ConnectionCallbacks WithThreadPool(ThreadPool& threads) {
  return {.on_message = [&threads, client = NewClient()](
                            TcpConnection& connection, Buffer& input) {
    OnMessage(threads, client, connection, input);
  }};
}

}  // namespace rondo::examples
