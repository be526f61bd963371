// Offload: heavy work runs on a thread pool, so that the loops stay quick.
//
//   bazel run -c opt //examples/offload -- --port=7002 --worker_threads=2
//   printf '20000000\nping\n' | nc -q9 127.0.0.1 7002
//                        prints pong at once, then 1270607 primes below
//                        20000000
//
// It answers the article that hands epoll's ready callbacks to a thread pool.
// Here a connection never leaves its loop: only the work goes away and its
// result comes back. When the pool's queue is full the answer is "busy".

#include "net/tcp/offload.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/init.h"
#include "examples/server_main.h"

namespace {

constexpr int kMaxNumber = 100'000'000;
constexpr size_t kMaxLineBytes = 64;
constexpr std::string_view kUsage =
    "send ping, or a number up to 100000000 to have the primes below counted\n";

// The sieve of Eratosthenes: slow enough to be worth a thread.
std::string CountPrimes(int below) {
  std::vector<bool> composite(below);
  int primes = 0;
  for (int64_t i = 2; i < below; ++i) {
    if (composite[i]) continue;
    ++primes;
    for (int64_t j = i * i; j < below; j += i) composite[j] = true;
  }
  return absl::StrCat(primes, " primes below ", below, "\n");
}

std::optional<int> ParseNumber(std::string_view text) {
  int number;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number > kMaxNumber) return std::nullopt;
  return number;
}

void OnLine(rondo::ThreadPool& pool, rondo::TcpConnection& connection,
            std::string_view line) {
  if (line == "ping") {
    connection.Send("pong\n");
    return;
  }
  const std::optional<int> number = ParseNumber(line);
  if (!number.has_value()) {
    connection.Send(kUsage);
    return;
  }
  const auto result = rondo::Offload(
      pool, connection, [n = *number] { return CountPrimes(n); },
      [](rondo::TcpConnection* c, std::string answer) {
        if (c != nullptr) c->Send(std::move(answer));
      });
  if (result != rondo::ThreadPool::SubmitResult::kAccepted) {
    connection.Send("busy\n");
  }
}

void OnMessage(rondo::ThreadPool& pool, rondo::TcpConnection& connection,
               rondo::Buffer& input) {
  while (auto end = input.Find('\n')) {
    std::string_view line = input.view().substr(0, *end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    OnLine(pool, connection, line);
    input.Consume(*end + 1);
  }
  if (input.readable_bytes() <= kMaxLineBytes) return;
  connection.Send(kUsage);
  input.Clear();
  connection.Close();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "offload: counts primes on a thread pool.");
  return rondo::examples::ServeUntilSignal(
      "offload", [](rondo::ThreadPool& pool) -> rondo::examples::ServerParts {
        return {{.on_message = [&pool](rondo::TcpConnection& connection,
                                       rondo::Buffer& input) {
          OnMessage(pool, connection, input);
        }}};
      });
}
