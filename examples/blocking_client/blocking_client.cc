// Blocking client: one request after the other, on raw blocking sockets.
//
//   bazel run -c opt //examples/sleep_server -- --port=8080 &
//   bazel run -c opt //examples/blocking_client -- --port=8080
//
// prints that 3 requests took 3.0 s, as in the article: each of them waits for
// the one before. See //examples/multiplexed_client for the other way.
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/init.h"
#include "base/unique_fd.h"
#include "examples/client_main.h"

namespace {

using rondo::Endpoint;
using rondo::InetAddress;
using rondo::UniqueFd;

// Addresses are used as they are, names are looked up, and that blocks too.
absl::StatusOr<InetAddress> Resolve(const Endpoint& server) {
  if (!server.is_name()) return server.address();
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(server.name().c_str(), absl::StrCat(server.port()).c_str(),
                  &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat(server.ToString(), ": ", gai_strerror(error)));
  }
  auto result = InetAddress::FromSockaddr(found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return result;
}

// The whole answer, which ends when the server closes.
absl::StatusOr<std::string> Ask(const InetAddress& server) {
  const UniqueFd fd(socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const socklen_t length = server.ToSockaddr(&storage);
  const auto* address = reinterpret_cast<const sockaddr*>(&storage);
  const std::string_view request = rondo::examples::kRequest;
  std::string answer;
  char block[4'096];
  ssize_t n = -1;
  if (connect(fd.get(), address, length) == 0 &&
      send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    shutdown(fd.get(), SHUT_WR);  // it is all
    while ((n = recv(fd.get(), block, sizeof(block), 0)) > 0) {
      answer.append(block, n);
    }
  }
  if (n == 0) return answer;
  return absl::ErrnoToStatus(errno, server.ToString());
}

absl::Status AskAll(const Endpoint& server, int requests) {
  const auto address = Resolve(server);
  if (!address.ok()) return address.status();
  rondo::examples::Progress progress(requests);
  for (int i = 0; i < requests; ++i) {
    const auto answer = Ask(*address);
    if (!answer.ok()) return answer.status();
    if (!answer->starts_with(rondo::examples::kAnswerBegin)) {
      return absl::UnavailableError(
          absl::StrCat(address->ToString(),
                       " answers: ", answer->substr(0, answer->find('\r'))));
    }
    progress.AddAnswer();
  }
  std::cout << absl::StrFormat("%d requests, one after the other: %.1f s\n",
                               requests,
                               absl::ToDoubleSeconds(progress.elapsed()));
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "blocking_client: asks again and again.");
  return rondo::examples::RunClient(AskAll);
}
