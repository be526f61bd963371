// Blocking client: one request after the other, on raw blocking sockets.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 &
//   bazel run -c opt //examples/blocking_client -- --port=8080
//
// prints that 3 requests took 3.0 s, as in the article: each of them waits for
// the one before. See //examples/multiplexed_client for the other way.
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/init.h"
#include "base/unique_fd.h"
#include "examples/client_main.h"

namespace rondo::examples {
namespace {

// Addresses are used as they are, names are looked up, and that blocks too.
absl::StatusOr<std::vector<InetAddress>> Resolve(const Endpoint& server) {
  if (!server.is_name()) return std::vector{server.address()};
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(server.name().c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat(server.ToString(), ": ", gai_strerror(error)));
  }
  std::vector<InetAddress> result;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    const auto address = InetAddress::FromSockaddr(a->ai_addr, a->ai_addrlen);
    if (address.ok()) result.push_back(address->WithPort(server.port()));
  }
  freeaddrinfo(found);
  return result;
}

// A connection to the first that takes it; if none does, errno says why.
UniqueFd Connect(const std::vector<InetAddress>& addresses) {
  for (const InetAddress& address : addresses) {
    UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage storage;
    const socklen_t length = address.ToSockaddr(&storage);
    const auto* native = reinterpret_cast<const sockaddr*>(&storage);
    if (fd.valid() && connect(fd.get(), native, length) == 0) return fd;
  }
  return UniqueFd();
}

// The whole answer, which ends when the server closes; else errno says why.
std::optional<std::string> Ask(const std::vector<InetAddress>& server) {
  const UniqueFd fd = Connect(server);
  if (!fd.valid()) return std::nullopt;
  const std::string_view request = kRequest;
  send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  shutdown(fd.get(), SHUT_WR);  // it is all
  std::string answer;
  char block[4'096];
  ssize_t n;
  while ((n = recv(fd.get(), block, sizeof(block), 0)) > 0) {
    answer.append(block, n);
  }
  return n < 0 ? std::nullopt : std::optional(std::move(answer));
}

absl::Status AskAll(const Endpoint& server, int requests) {
  const auto addresses = Resolve(server);
  if (!addresses.ok()) return addresses.status();
  Progress progress(requests);
  for (int i = 0; i < requests; ++i) {
    const auto answer = Ask(*addresses);
    if (!answer) return absl::ErrnoToStatus(errno, server.ToString());
    if (!answer->starts_with(kAnswerBegin)) {
      return absl::UnavailableError("the server does not answer with 200 OK");
    }
    progress.AddAnswer();
  }
  progress.Clear();
  absl::PrintF("%d requests, one after the other: %.1f s\n", requests,
               absl::ToDoubleSeconds(progress.elapsed()));
  return absl::OkStatus();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "blocking_client: asks again and again.");
  return rondo::examples::RunClient(rondo::examples::AskAll);
}
