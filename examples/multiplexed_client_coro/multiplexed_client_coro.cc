// Multiplexed client in coroutines: a task for each request, all at once, on
// one loop in one thread.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 &
//   bazel run -c opt //examples/multiplexed_client_coro -- --port=8080
//
// prints that 3 requests took 1.0 s, as //examples/multiplexed_client does.
// Each task reads like //examples/blocking_client, which takes 3.0 s.
#include <algorithm>
#include <exception>
#include <string_view>

#include "absl/strings/str_format.h"
#include "base/init.h"
#include "examples/client_main.h"
#include "net/coro/async_channel.h"
#include "net/coro/connect.h"
#include "net/coro/spawn.h"
#include "net/coro/stream.h"
#include "net/coro/task.h"
#include "net/coro/task_scope.h"
#include "net/reactor/event_loop.h"

namespace rondo::examples {
namespace {

// More than a backlog holds would be dropped, and come again a second later.
constexpr size_t kMaxDialing = 256;

// What the requests share.
struct Requests {
  EventLoop* const loop;
  const Endpoint server;
  const int count;
  Progress progress{count};
  AsyncChannel<int> dialing{kMaxDialing};  // a value for each that dials
  size_t open = 0;
  size_t most_open = 0;
  absl::Status status = {};
};

Task<absl::Status> Ask(Requests& all) {
  const bool may_dial = co_await all.dialing.Send(1);
  if (!may_dial) co_return absl::CancelledError("stopped");
  auto stream = co_await Connect(all.server);
  (void)co_await all.dialing.Receive();
  if (!stream.ok()) co_return stream.status();
  all.most_open = std::max(all.most_open, ++all.open);
  (void)co_await stream->Write(kRequest);
  const absl::Status sent = co_await stream->Shutdown();
  if (!sent.ok()) co_return sent;
  const auto answer = co_await stream->ReadUntil("\n", 1'000);
  --all.open;
  if (!answer.ok()) co_return answer.status();
  if (answer->starts_with(kAnswerBegin)) co_return absl::OkStatus();
  co_return absl::UnavailableError("the server does not answer with 200 OK");
}

// One of all: the first that fails ends the others.
Task<> AskOnce(Requests& all) {
  const absl::Status status = co_await Ask(all);
  all.status.Update(status);
  all.progress.AddAnswer();
  if (!status.ok()) all.loop->Stop();
}

Task<> AskAllAtOnce(Requests& all) {
  TaskScope scope(all.loop);
  for (int i = 0; i < all.count; ++i) scope.Spawn(AskOnce(all));
  co_await scope.Join();
  all.loop->Stop();
}

absl::Status AskAll(const Endpoint& server, int count) {
  auto loop = EventLoop::Create();
  if (!loop.ok()) return loop.status();
  Requests all{loop->get(), server, count};
  Spawn(all.loop, AskAllAtOnce(all));
  all.loop->RunEvery(Progress::kShowEvery, [&all] { all.progress.Show(); });
  all.loop->Run();
  loop->reset();  // and what still waits
  all.progress.Clear();
  if (!all.status.ok()) return all.status;
  absl::PrintF(
      "%d requests, all at once: %.1f s, at most %d connections open, "
      "%.1f MiB of memory\n",
      count, absl::ToDoubleSeconds(all.progress.elapsed()), all.most_open,
      PeakMebibytes());
  return absl::OkStatus();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "multiplexed_client_coro: asks for all at once.");
  return rondo::examples::RunClient(rondo::examples::AskAll);
}
