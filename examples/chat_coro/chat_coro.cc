// Chat in coroutines: what one client says, all others hear.
//
//   bazel run -c opt //examples/chat_coro -- --port=7000
//   nc 127.0.0.1 7000                     from two terminals or more
//
// Each client has two tasks: one reads its lines and puts them into the others'
// channels, one writes what is in its own. Who does not read fills his channel,
// and misses what does not fit, rather than holding up the room. All are on one
// loop, and so the room needs no lock.
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/listener_main.h"
#include "net/coro/async_channel.h"
#include "net/coro/stream.h"
#include "net/coro/stream_listener.h"
#include "net/coro/task.h"
#include "net/coro/task_scope.h"
#include "net/coro/when_any.h"

namespace {

using rondo::AsyncChannel;
using rondo::EventLoop;
using rondo::Stream;
using rondo::StreamListener;
using rondo::Task;

constexpr size_t kMaxLineBytes = 4'096;
constexpr size_t kMaxLinesBehind = 1'000;

using Line = std::shared_ptr<const std::string>;

struct Client;
using Room = std::set<Client*>;

// Is in the room as long as it lives.
struct Client {
  explicit Client(Room& r) : room(r) { room.insert(this); }
  ~Client() { room.erase(this); }

  Room& room;
  AsyncChannel<Line> lines{kMaxLinesBehind};
  size_t missed = 0;
};

Task<> Listen(Stream& stream, const Client& client) {
  while (true) {
    const auto text = co_await stream.ReadUntil("\n", kMaxLineBytes);
    if (!text.ok()) co_return;
    const auto line = std::make_shared<const std::string>(*text);
    for (Client* other : client.room) {
      if (other == &client || other->lines.TrySend(Line(line))) continue;
      ++other->missed;
    }
  }
}

Task<> Talk(Stream& stream, Client& client) {
  while (auto line = co_await client.lines.Receive()) {
    if (!(co_await stream.Write(*std::move(line))).ok()) co_return;
    if (client.missed == 0) continue;
    const size_t missed = std::exchange(client.missed, 0);
    (void)co_await stream.Write(absl::StrCat("… ", missed, " lines missed\n"));
  }
}

Task<> Visit(Room& room, Stream stream) {
  Client client(room);
  co_await WhenAny(Listen(stream, client), Talk(stream, client));
}

// Until the listener is closed; then the clients are asked to stop.
Task<> Serve(EventLoop* loop, StreamListener& listener) {
  Room room;
  rondo::TaskScope visits(loop);
  while (true) {
    auto stream = co_await listener.Accept();
    if (!stream.ok()) break;
    visits.Spawn(Visit(room, *std::move(stream)));
  }
  visits.RequestStop();
  co_await visits.Join();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "chat_coro: passes lines to all others.");
  return rondo::examples::ListenUntilSignal("chat_coro", Serve);
}
