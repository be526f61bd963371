// Multiplexed client: all requests at once, on one loop in one thread.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 &
//   bazel run -c opt //examples/multiplexed_client -- --port=8080
//
// prints that 3 requests took 1.0 s, as in the article: they wait together. So
// do 10000, with --requests=10000. //examples/blocking_client takes 3.0 s.
#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/init.h"
#include "examples/client_main.h"
#include "net/client/dialer.h"
#include "net/reactor/event_loop.h"

namespace {

using rondo::CloseReason;
using rondo::TcpConnection;

// More than a backlog holds would be dropped, and come again a second later.
constexpr size_t kMaxDialing = 256;

// So many requests, each on a connection of its own.
class Requests {
 public:
  Requests(rondo::EventLoop* loop, rondo::Endpoint server, int count)
      : loop_(loop),
        server_(std::move(server)),
        count_(count),
        progress_(count),
        dialer_(loop, {},
                {.on_message = [this](TcpConnection&,
                                      rondo::Buffer& i) { HandleInput(i); },
                 .on_close = [this](TcpConnection& c,
                                    CloseReason r) { HandleClose(c, r); }}) {}

  // Stops the loop when all are answered, or one has failed.
  void Begin() { DialMore(); }

  absl::Duration elapsed() const { return progress_.elapsed(); }
  const absl::Status& status() const { return status_; }
  size_t most_open() const { return most_open_; }

 private:
  void DialMore() {
    for (; to_dial_ > 0 && dialer_.dialing() < kMaxDialing; --to_dial_) {
      requests_.push_back(
          dialer_.Dial(server_, [this](absl::StatusOr<TcpConnection*> dialed) {
            if (!dialed.ok()) return Fail(dialed.status());
            (*dialed)->Send(rondo::examples::kRequest);
            (*dialed)->Shutdown();  // it is all
            most_open_ = std::max(most_open_, dialer_.open_connections());
            DialMore();
          }));
    }
  }

  // Leaves the answer where it is until all of it has come.
  void HandleInput(const rondo::Buffer& input) {
    if (input.Find('\n') &&
        !input.view().starts_with(rondo::examples::kAnswerBegin)) {
      Fail(absl::UnavailableError("the server does not answer with 200 OK"));
    }
  }

  // The server closes behind its answer.
  void HandleClose(const TcpConnection& connection, CloseReason reason) {
    if (reason != CloseReason::kPeerClosed || connection.input_bytes() == 0) {
      return Fail(absl::UnavailableError(
          absl::StrFormat("no answer: %s; %d requests were answered",
                          std::string(ToString(reason)), progress_.answers())));
    }
    progress_.AddAnswer();
    if (progress_.answers() == count_) loop_->Stop();
  }

  void Fail(const absl::Status& status) {
    status_.Update(status);
    loop_->Stop();
  }

  rondo::EventLoop* const loop_;
  const rondo::Endpoint server_;
  const int count_;
  int to_dial_ = count_;
  size_t most_open_ = 0;
  absl::Status status_;
  rondo::examples::Progress progress_;
  std::vector<rondo::Request> requests_;
  rondo::Dialer dialer_;
};

absl::Status AskAll(const rondo::Endpoint& server, int count) {
  auto loop = rondo::EventLoop::Create();
  if (!loop.ok()) return loop.status();
  Requests requests(loop->get(), server, count);
  requests.Begin();
  (*loop)->Run();
  if (!requests.status().ok()) return requests.status();
  std::cout << absl::StrFormat(
      "%d requests, all at once: %.1f s, at most %d connections open, %.1f MiB "
      "of memory\n",
      count, absl::ToDoubleSeconds(requests.elapsed()), requests.most_open(),
      rondo::examples::PeakMebibytes());
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "multiplexed_client: asks for all at once.");
  return rondo::examples::RunClient(AskAll);
}
