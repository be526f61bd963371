#include "net/tcp/inherited_sockets.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"

namespace rondo {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

// All that sd_listen_fds(3) and its relatives read.
constexpr const char* kVariables[] = {"LISTEN_PID", "LISTEN_PIDFDID",
                                      "LISTEN_FDS", "LISTEN_FDNAMES"};

std::optional<std::string> Variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

// A number from 0 to `max`.
absl::StatusOr<int64_t> ToNumber(const char* name, const std::string& text,
                                 int64_t max) {
  int64_t number;
  if (absl::SimpleAtoi(text, &number) && number >= 0 && number <= max) {
    return number;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(name, "=\"", text, "\" is not a number from 0 to ", max,
                   "; unset it, or start this by a service manager"));
}

}  // namespace

absl::StatusOr<std::vector<Socket>> TakeInheritedSockets() {
  const std::optional<std::string> pid_text = Variable("LISTEN_PID");
  const std::optional<std::string> count_text = Variable("LISTEN_FDS");
  for (const char* name : kVariables) unsetenv(name);
  std::vector<Socket> sockets;
  if (!pid_text.has_value() || !count_text.has_value()) return sockets;

  const auto pid =
      ToNumber("LISTEN_PID", *pid_text, std::numeric_limits<pid_t>::max());
  if (!pid.ok()) return pid.status();
  if (*pid != getpid()) return sockets;
  const auto count = ToNumber("LISTEN_FDS", *count_text,
                              std::numeric_limits<int>::max() - kFirst);
  if (!count.ok()) return count.status();

  for (int fd = kFirst; fd < kFirst + *count; ++fd) {
    auto socket = Socket::Adopt(UniqueFd(fd));
    if (!socket.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("LISTEN_FDS=", *count, ": ", socket.status().message()));
    }
    sockets.push_back(*std::move(socket));
  }
  return sockets;
}

}  // namespace rondo
