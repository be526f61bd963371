#include "net/tcp/takeover_request.h"

#include <glog/logging.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "net/tcp/fd_passing.h"
#include "net/tcp/takeover_protocol.h"

namespace rondo {
namespace {

// Reads `bytes` bytes and what descriptors come with them.
absl::StatusOr<std::string> ReceiveExactly(Socket& from, size_t bytes,
                                           MonotonicTime deadline,
                                           std::vector<UniqueFd>* fds) {
  std::string received(bytes, '\0');
  size_t done = 0;
  while (done < bytes) {
    if (!AwaitInput(from, deadline)) {
      return absl::DeadlineExceededError("the running process does not answer");
    }
    const IoResult result =
        ReceiveFds(from, received.data() + done, bytes - done, fds);
    if (result.error == EAGAIN) continue;
    if (result.error == EMFILE) {
      return absl::ResourceExhaustedError(
          "too many open files to take over more; raise `ulimit -n`");
    }
    if (result.error != 0 || result.bytes == 0) {
      return absl::UnavailableError(
          "the running process hung up while it answered; try again");
    }
    done += result.bytes;
  }
  return received;
}

absl::Status ReceiveDescriptors(Socket& from, MonotonicTime deadline,
                                std::vector<UniqueFd>* fds) {
  const auto bytes = ReceiveExactly(from, kTakeoverAnswerBytes, deadline, fds);
  if (!bytes.ok()) return bytes.status();
  const auto answer = TakeoverAnswer::Decode(*bytes);
  if (!answer.ok()) return answer.status();
  while (fds->size() < answer->descriptors) {
    const auto more = ReceiveExactly(from, kTakeoverMore.size(), deadline, fds);
    if (!more.ok()) return more.status();
    if (*more == kTakeoverMore) continue;
    return absl::UnavailableError(
        "the running process withdrew while it answered; try again");
  }
  if (fds->size() == answer->descriptors) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the running process announced ", answer->descriptors,
      " descriptors and sent ", fds->size(), "; stop that one first"));
}

absl::Status AtPath(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat("taking over from ", path,
                                                  ": ", status.message()));
}

}  // namespace

absl::StatusOr<TakeoverRequest> TakeoverRequest::Send(const std::string& path,
                                                      absl::Duration timeout) {
  auto connection = ConnectUnix(path, timeout);
  if (!connection.ok()) return AtPath(connection.status(), path);
  TakeoverRequest request(*std::move(connection), timeout);
  if (auto status = request.Receive(); !status.ok()) {
    return AtPath(status, path);
  }
  return request;
}

absl::Status TakeoverRequest::Receive() {
  const auto user = connection_.PeerUid();
  if (!user.ok()) return user.status();
  if (!MayTakeOver(*user)) {
    return absl::PermissionDeniedError(
        absl::StrCat("user ", *user, " listens there, and this is user ",
                     geteuid(), "; stop that process, or choose another path"));
  }
  const MonotonicTime deadline = Clock::Real().Now() + timeout_;
  // What went wrong with this shows when reading.
  SendFds(connection_, kTakeoverRequest, {});
  std::vector<UniqueFd> fds;
  auto status = ReceiveDescriptors(connection_, deadline, &fds);
  if (!status.ok()) return status;
  for (UniqueFd& fd : fds) {
    auto socket = Socket::Adopt(std::move(fd));
    if (!socket.ok()) return socket.status();
    listeners_.push_back(*std::move(socket));
  }
  control_ = std::move(listeners_.front());
  listeners_.erase(listeners_.begin());
  return absl::OkStatus();
}

absl::Status TakeoverRequest::Confirm() {
  CHECK(connection_.valid());
  Socket connection = std::move(connection_);
  const MonotonicTime deadline = Clock::Real().Now() + timeout_;
  SendFds(connection, kTakeoverConfirmed, {});
  std::vector<UniqueFd> none;
  const auto reply =
      ReceiveExactly(connection, kTakeoverDone.size(), deadline, &none);
  if (absl::IsDeadlineExceeded(reply.status())) {
    return absl::DeadlineExceededError(
        "the process that was taken over from does not say that it accepts no "
        "more; look what it does, and stop it");
  }
  if (reply.ok() && *reply == kTakeoverWithdrawn) {
    return absl::FailedPreconditionError(
        "the running process has waited too long for this one, and serves on; "
        "start again");
  }
  LOG_IF(WARNING, !reply.ok())
      << "the process that was taken over from ended before it said that it "
         "accepts no more";
  return absl::OkStatus();
}

}  // namespace rondo
