// Sleep server: answers each HTTP request after a while, which a timer holds:
// thousands of requests wait at once, and no thread does.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 --delay=1s
//   time curl http://127.0.0.1:8080/        prints done, after a second
//
// It is the server of the article that compares a blocking client with one that
// multiplexes; see //examples/blocking_client and
// //examples/multiplexed_client. One request for each connection; what comes
// after it is not read.
#include <gflags/gflags.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/init.h"
#include "examples/flag_check.h"
#include "examples/limit_flags.h"
#include "examples/server_main.h"
#include "net/reactor/event_loop.h"

DEFINE_string(delay, "1s", "how long each answer waits, such as 1s or 250ms");

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kMaxHeadBytes = 8 * 1024;
constexpr std::string_view kReply =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 5\r\n\r\ndone\n";
constexpr std::string_view kTooLong =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

void Answer(rondo::TcpConnection& connection, std::string_view reply) {
  connection.Send(reply);
  connection.Close();
}

// Answers later. The hold keeps a client that has sent FIN, or a server that
// drains, from closing the connection before.
void AnswerAfter(absl::Duration delay, rondo::TcpConnection& connection) {
  connection.PauseReading();
  connection.loop()->RunAfter(
      delay, [peer = connection.handle(), hold = connection.Hold()]() mutable {
        if (peer.local() != nullptr) Answer(*peer.local(), kReply);
        hold.Release(peer.local());
      });
}

}  // namespace

int main(int argc, char** argv) {
  using rondo::examples::CheckDuration;
  rondo::InitProgram(argc, argv, "sleep_server: answers HTTP after a while.");
  // All its clients come from one address, as a rule.
  google::SetCommandLineOptionWithMode("max_connections_per_ip", "1000000",
                                       google::SET_FLAGS_DEFAULT);
  const absl::Duration delay =
      CheckDuration("delay", FLAGS_delay, /*zero_allowed=*/true);
  return rondo::examples::ServeUntilSignal(
      "sleep_server", {.on_message = [delay](rondo::TcpConnection& connection,
                                             rondo::Buffer& input) {
        if (input.view().find(kHeadEnd) != std::string_view::npos) {
          input.Clear();
          connection.ExpectNothing();
          AnswerAfter(delay, connection);
        } else if (input.readable_bytes() > kMaxHeadBytes) {
          input.Clear();
          Answer(connection, kTooLong);
        } else if (!connection.expects()) {
          connection.ExpectWithin(rondo::examples::RequestTimeout());
        }
      }});
}
