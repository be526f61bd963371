// Chat in coroutines: what one client says, all others hear.
//
//   bazel run -c opt //examples/chat_coro -- --port=7000
//   nc 127.0.0.1 7000                     from two terminals or more
//
// Each client has two tasks: one reads its lines and puts them into the others'
// channels, one writes what is in its own. Who does not read fills his channel,
// and misses what does not fit, rather than holding up the room. All clients
// are on one loop, and so the room needs no lock: --threads is for other
// servers.
#include <gflags/gflags.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/server_main.h"
#include "net/coro/async_channel.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task.h"
#include "net/coro/when_any.h"

DECLARE_int32(threads);

namespace {

using rondo::AsyncChannel;
using rondo::Stream;
using rondo::Task;

constexpr size_t kMaxLineBytes = 4'096;
constexpr size_t kMaxLinesBehind = 1'000;

using Line = std::shared_ptr<const std::string>;

struct Client {
  AsyncChannel<Line> lines{kMaxLinesBehind};
  size_t missed = 0;
};

// Those who are there; the loop's.
std::set<Client*> room;

void Say(const Client& who, const Line& line) {
  for (Client* client : room) {
    if (client == &who) continue;
    if (!client->lines.TrySend(Line(line))) ++client->missed;
  }
}

Task<> Listen(Stream& stream, Client& client) {
  while (true) {
    const auto line = co_await stream.ReadUntil("\n", kMaxLineBytes);
    if (!line.ok()) co_return;
    Say(client, std::make_shared<const std::string>(*line));
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

Task<> Chat(Stream stream) {
  // Leaves the room however this ends.
  struct Visit {
    Visit() { room.insert(&client); }
    ~Visit() { room.erase(&client); }
    Client client;
  } visit;
  co_await WhenAny(Listen(stream, visit.client), Talk(stream, visit.client));
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "chat_coro: passes lines to all others.");
  google::SetCommandLineOptionWithMode("threads", "0",
                                       google::SET_FLAGS_DEFAULT);
  if (FLAGS_threads > 0) {
    rondo::examples::RejectFlag("threads", absl::StrCat(FLAGS_threads),
                                "0: the room is of one loop");
  }
  return rondo::examples::ServeUntilSignal("chat_coro",
                                           rondo::StreamCallbacks(Chat));
}
