#ifndef RONDO_NET_TCP_TAKEOVER_REQUEST_H_
#define RONDO_NET_TCP_TAKEOVER_REQUEST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/tcp/socket.h"

namespace rondo {

// A new process's side of a restart that refuses and resets nobody: it gets the
// listening sockets of the running process, with the connections that wait in
// them, and says so once it accepts.
//
//   Send() ──► TakeListeners(), TakeControl() ──► accept ──► Confirm()
//
// Until Confirm() both processes may accept. If this one ends before, or is
// destroyed, the running one goes on as if it had never been asked; what this
// one has accepted by then is lost with it, so accept and confirm at once.
//
// Threading: one thread, which Send() and Confirm() block: for set-up.
// Ownership: owns the sockets until they are taken.
// Errors: Send() gives
//   NotFound            nobody listens at the path: this is the first process
//   PermissionDenied    the running process is another user's
//   FailedPrecondition  it does not hand over, or not to this version
//   DeadlineExceeded    it has not answered
//   Unavailable         it went away while it answered: try again
//   ResourceExhausted   this process cannot open that many descriptors
// Reference: takeover_protocol.h.
//
// Example:
//   auto request = TakeoverRequest::Send(path, absl::Seconds(5));
//   if (absl::IsNotFound(request.status())) return StartFirst(path);
//   if (!request.ok()) return request.status();
//   Accept(request->TakeListeners());
//   if (absl::Status done = request->Confirm(); !done.ok()) return done;
//   TakeoverListener::Create(loop, path, request->TakeControl(), …);
class TakeoverRequest {
 public:
  static absl::StatusOr<TakeoverRequest> Send(const std::string& path,
                                              absl::Duration timeout);
  TakeoverRequest(TakeoverRequest&&) = default;
  TakeoverRequest& operator=(TakeoverRequest&&) = default;

  // The sockets, in the order in which the running process gave them.
  std::vector<Socket> TakeListeners() { return std::move(listeners_); }

  // The socket at the path, on which the next new process is to be awaited.
  Socket TakeControl() { return std::move(control_); }

  // Tells the running process that this one accepts, and waits, as long as
  // Send(), until it has stopped. OK also if it has ended meanwhile: then too
  // this one is the only one. FailedPrecondition if it has withdrawn, tired of
  // waiting, and serves on: this process must not. DeadlineExceeded if it does
  // not say: this process must then accept, with or without the other.
  // Requires: called once.
  absl::Status Confirm();

 private:
  TakeoverRequest(Socket connection, absl::Duration timeout)
      : connection_(std::move(connection)), timeout_(timeout) {}

  absl::Status Receive();

  Socket connection_;
  absl::Duration timeout_;
  Socket control_;
  std::vector<Socket> listeners_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TAKEOVER_REQUEST_H_
