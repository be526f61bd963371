#include "examples/client_main.h"

#include <gflags/gflags.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>

#include "absl/strings/str_format.h"
#include "base/init.h"
#include "examples/flag_check.h"

DEFINE_string(host, "127.0.0.1",
              "the server: a name, an address, or unix:/path");
DEFINE_int32(port, 8080, "the server's port, 1 to 65535; not for unix:/path");
DEFINE_int32(requests, 3, "how many requests, 1 or more");

namespace rondo::examples {
namespace {

constexpr int kMaxPort = 65'535;
// When a line that says how far it has come begins to be of use.
constexpr absl::Duration kShowAfter = absl::Milliseconds(500);

Endpoint ServerFromFlags() {
  CheckRange("port", FLAGS_port, 1, kMaxPort);
  auto endpoint = Endpoint::FromHostAndPort(FLAGS_host, FLAGS_port);
  if (!endpoint.ok()) {
    RejectFlag("host", FLAGS_host,
               "a name, an IPv4 or IPv6 address, or unix:/path");
  }
  return *std::move(endpoint);
}

}  // namespace

int RunClient(absl::FunctionRef<absl::Status(const Endpoint&, int)> ask_all) {
  const Endpoint server = ServerFromFlags();
  CheckRange("requests", FLAGS_requests, 1, kUnlimited);
  const absl::Status status = ask_all(server, FLAGS_requests);
  if (status.ok()) return kExitOk;
  std::cerr << "ERROR: " << status.message() << "\n";
  return kExitBadAddress;
}

double PeakMebibytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1'024;  // it is in KiB
}

Progress::Progress(int requests)
    : requests_(requests),
      on_terminal_(isatty(STDOUT_FILENO) == 1),
      next_show_(start_ + kShowAfter) {}

void Progress::AddAnswer() {
  ++answers_;
  Show();
}

void Progress::Show() {
  if (!on_terminal_ || Clock::Real().Now() < next_show_) return;
  Clear();
  shown_ = true;
  next_show_ = Clock::Real().Now() + kShowEvery;
  const double seconds = absl::ToDoubleSeconds(elapsed());
  std::cout << absl::StrFormat("%d of %d answers, %.1f s", answers_, requests_,
                               seconds);
  if (answers_ > 0) {
    std::cout << absl::StrFormat(", about %.1f s left",
                                 seconds * (requests_ - answers_) / answers_);
  }
  std::cout << std::flush;
}

void Progress::Clear() {
  if (shown_) std::cout << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace rondo::examples
