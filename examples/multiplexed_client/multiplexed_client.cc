// Multiplexed client: all requests at once, on one loop in one thread.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 &
//   bazel run -c opt //examples/multiplexed_client -- --port=8080
//
// prints that 3 requests took 1.0 s, as in the article: they wait together. So
// do 10000, with --requests=10000, but for the time to connect them.
// //examples/blocking_client takes 3.0 s for 3.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/init.h"
#include "examples/client_main.h"
#include "net/client/dialer.h"
#include "net/reactor/event_loop.h"

namespace rondo::examples {
namespace {

// More than a backlog holds would be dropped, and come again a second later.
constexpr size_t kMaxDialing = 256;

// Each on its own connection. Stops the loop when all are done, or one fails.
struct Requests {
  void DialMore() {
    for (; to_dial > 0 && dialer.dialing() < kMaxDialing; --to_dial) {
      dials.push_back(
          dialer.Dial(server, [this](absl::StatusOr<TcpConnection*> dialed) {
            if (!dialed.ok()) return Fail(dialed.status());
            (*dialed)->Send(kRequest);
            (*dialed)->Shutdown();  // it is all
            most_open = std::max(most_open, dialer.open_connections());
            DialMore();
          }));
    }
  }

  // Leaves the answer where it is until all of it has come.
  void HandleInput(const Buffer& input) {
    if (!input.Find('\n') || input.view().starts_with(kAnswerBegin)) return;
    Fail(absl::UnavailableError("the server does not answer with 200 OK"));
  }

  // The server closes behind its answer.
  void HandleClose(const TcpConnection& connection, CloseReason reason) {
    if (reason != CloseReason::kPeerClosed || connection.input_bytes() == 0) {
      return Fail(absl::UnavailableError(
          absl::StrFormat("no answer: %s; %d requests were answered",
                          std::string(ToString(reason)), progress.answers())));
    }
    progress.AddAnswer();
    if (progress.answers() == count) loop->Stop();
  }

  void Fail(const absl::Status& why) {
    status.Update(why);
    loop->Stop();
  }

  EventLoop* const loop;
  const Endpoint server;
  const int count;
  int to_dial = count;
  size_t most_open = 0;
  absl::Status status = {};
  Progress progress{count};
  std::vector<Request> dials = {};
  Dialer dialer{loop,
                {},
                {.on_message = [this](auto&, Buffer& in) { HandleInput(in); },
                 .on_close = [this](auto& c, auto r) { HandleClose(c, r); }}};
};

absl::Status AskAll(const Endpoint& server, int count) {
  auto loop = EventLoop::Create();
  if (!loop.ok()) return loop.status();
  Requests requests{loop->get(), server, count};
  requests.DialMore();
  (*loop)->RunEvery(requests.progress.kShowEvery,
                    [&requests] { requests.progress.Show(); });
  (*loop)->Run();
  requests.progress.Clear();
  if (!requests.status.ok()) return requests.status;
  absl::PrintF(
      "%d requests, all at once: %.1f s, at most %d connections open, "
      "%.1f MiB of memory\n",
      count, absl::ToDoubleSeconds(requests.progress.elapsed()),
      requests.most_open, PeakMebibytes());
  return absl::OkStatus();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "multiplexed_client: asks for all at once.");
  return rondo::examples::RunClient(rondo::examples::AskAll);
}
