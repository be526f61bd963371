#ifndef RONDO_NET_TCP_OFFLOAD_H_
#define RONDO_NET_TCP_OFFLOAD_H_

#include <type_traits>
#include <utility>

#include "base/thread_pool.h"
#include "net/tcp/connection_handle.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

// Runs `work` on the pool, then `then` on the connection's loop:
//
//   R work();
//   void then(TcpConnection* connection, R result);   without R if R is void
//
// `connection` is null if it has closed meanwhile; the peer's FIN alone does
// not close it before `then` has run. If its loop has ended, or the pool
// cancels the work, `then` is destroyed without running.
//
// Threading: the connection's loop.
// Ownership and lifetime: `work` and `then` own what they capture; a reference
// to the connection is not among it.
// Errors: anything but kAccepted means that neither will run: say "busy".
//
// Example:
//   auto result = Offload(pool, connection, [] { return Render(); },
//                         [](TcpConnection* c, std::string page) {
//                           if (c != nullptr) c->Send(std::move(page));
//                         });
//   if (result != ThreadPool::SubmitResult::kAccepted) connection.Send(kBusy);
template <typename Work, typename Then>
[[nodiscard]] ThreadPool::SubmitResult Offload(ThreadPool& pool,
                                               TcpConnection& connection,
                                               Work work, Then then) {
  return pool.Submit([handle = connection.handle(), hold = connection.Hold(),
                      work = std::move(work),
                      then = std::move(then)]() mutable {
    if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
      work();
      handle.Run([hold = std::move(hold),
                  then = std::move(then)](TcpConnection* c) mutable {
        then(c);
        hold.Release(c);
      });
    } else {
      handle.Run([hold = std::move(hold), then = std::move(then),
                  result = work()](TcpConnection* c) mutable {
        then(c, std::move(result));
        hold.Release(c);
      });
    }
  });
}

}  // namespace rondo

#endif  // RONDO_NET_TCP_OFFLOAD_H_
