#include "tests/soak/load_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/examples/process.h"
#include "tests/soak/connect_from.h"

namespace rondo {
namespace {

constexpr size_t kNoiseBytes = 2 * 1'024 * 1'024;
constexpr int kMaxNumber = 20'000;         // whose answers the client knows
constexpr int kLongNumber = 2'000'000;     // some milliseconds of work
constexpr size_t kSlowReadBytes = 16'384;  // at a time

std::string MakeNoise(uint32_t seed) {
  std::minstd_rand random(seed);
  std::string result(kNoiseBytes, '\0');
  for (char& byte : result) byte = static_cast<char>(random() >> 8);
  return result;
}

// How many primes are below each number up to kMaxNumber; found otherwise than
// the server does.
std::vector<int> CountPrimes() {
  std::vector<int> result = {0, 0, 0};
  for (int number = 2; number < kMaxNumber; ++number) {
    bool prime = true;
    for (int i = 2; i * i <= number && prime; ++i) prime = number % i != 0;
    result.push_back(result.back() + (prime ? 1 : 0));
  }
  return result;
}

std::string AnswerTo(int number) {
  static const std::vector<int>& counts = *new std::vector<int>(CountPrimes());
  return absl::StrCat(counts[number], " primes below ", number);
}

}  // namespace

void LoadOutcome::Add(const LoadOutcome& other) {
  talks += other.talks;
  half_closes += other.half_closes;
  resets += other.resets;
  slow_reads += other.slow_reads;
  offloads += other.offloads;
  abandoned += other.abandoned;
  checked_bytes += other.checked_bytes;
  busy += other.busy;
  faults += other.faults;
  if (first_fault.empty()) first_fault = other.first_fault;
}

LoadClient::LoadClient(Servers servers, uint32_t seed)
    : servers_(servers), random_(seed), noise_(MakeNoise(seed)) {}

void LoadClient::RunOne() {
  static constexpr void (LoadClient::*kKinds[])() = {
      &LoadClient::Talk,        &LoadClient::HalfClose,
      &LoadClient::Offload,     &LoadClient::ReadSlowly,
      &LoadClient::AbandonWork, &LoadClient::ResetSomewhere};
  (this->*kKinds[Random(0, std::size(kKinds) - 1)])();
}

void LoadClient::Talk() {
  ++outcome_.talks;
  ClientSocket client(servers_.echo_port);
  for (size_t i = Random(1, 10); i > 0; --i) {
    const std::string_view message = Message(1, 16'384);
    client.Send(message);
    Expect("an echo", message, client.Read(message.size()));
  }
}

void LoadClient::HalfClose() {
  ++outcome_.half_closes;
  ClientSocket client(servers_.echo_port);
  const std::string_view message = Message(0, 65'536);
  client.Send(message);
  client.ShutdownWrite();
  Expect("what was owed after FIN", message, client.ReadToEnd());
}

// Before anything, with a message just sent, or with part of the reply read.
void LoadClient::ResetSomewhere() {
  ++outcome_.resets;
  ClientSocket client(servers_.echo_port);
  const std::string_view message = Message(1, 65'536);
  const size_t stage = Random(0, 2);
  if (stage >= 1) client.Send(message);
  if (stage >= 2) {
    const std::string_view part = message.substr(0, message.size() / 2);
    Expect("part of an echo", part, client.Read(part.size()));
  }
  client.Reset();
}

// Sends what the connection takes, and reads only when it takes no more: the
// server has queued what it may and waits.
void LoadClient::ReadSlowly() {
  ++outcome_.slow_reads;
  const UniqueFd fd =
      ConnectFrom(1, servers_.echo_port,
                  {.max_segment_bytes = 1'448, .receive_buffer_bytes = 16'384});
  const std::string_view message = Message(262'144, 1'048'576);
  std::string received;
  size_t sent = 0;
  absl::Time moved = absl::Now();
  while (received.size() < message.size()) {
    const std::string_view rest = message.substr(sent);
    const ssize_t n =
        send(fd.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) sent += n;
    if (n > 0) continue;
    absl::SleepFor(absl::Milliseconds(Random(0, 3)));  // how slow it is
    char block[kSlowReadBytes];
    const ssize_t m = recv(fd.get(), block, sizeof(block), MSG_DONTWAIT);
    if (m > 0) received.append(block, m);
    if (m > 0) moved = absl::Now();
    const bool over = m == 0 || (m < 0 && errno != EAGAIN);
    if (over || absl::Now() - moved > Process::kBound) break;
  }
  Expect("an echo, slowly", message, received);
}

// Answers to numbers come as they are ready, not in order.
void LoadClient::Offload() {
  ++outcome_.offloads;
  ClientSocket client(servers_.offload_port);
  std::string question;
  std::vector<std::string> wanted;
  for (size_t i = Random(1, 20); i > 0; --i) {
    const bool ping = Random(0, 3) == 0;
    const int number = static_cast<int>(Random(0, kMaxNumber));
    wanted.push_back(ping ? "pong" : AnswerTo(number));
    absl::StrAppend(&question, ping ? "ping" : absl::StrCat(number), "\n");
  }
  client.Send(question);
  std::vector<std::string> got;
  if (Random(0, 1) == 0) {
    for (size_t i = 0; i < wanted.size(); ++i) got.push_back(client.ReadLine());
  } else {
    client.ShutdownWrite();
    got = absl::StrSplit(client.ReadToEnd(), '\n', absl::SkipEmpty());
  }
  ExpectAnswers(std::move(wanted), std::move(got));
}

void LoadClient::AbandonWork() {
  ++outcome_.abandoned;
  ClientSocket client(servers_.offload_port);
  for (size_t i = Random(1, 3); i > 0; --i) {
    client.Send(absl::StrCat(Random(0, kLongNumber), "\n"));
  }
  if (Random(0, 1) == 0) client.Reset();
}

size_t LoadClient::Random(size_t least, size_t most) {
  return std::uniform_int_distribution<size_t>(least, most)(random_);
}

std::string_view LoadClient::Message(size_t least, size_t most) {
  const size_t bytes = Random(least, most);
  return std::string_view(noise_).substr(Random(0, noise_.size() - bytes),
                                         bytes);
}

void LoadClient::Expect(std::string_view what, std::string_view sent,
                        std::string_view received) {
  outcome_.checked_bytes += received.size();
  if (received == sent) return;
  Fault(absl::StrCat(std::string(what), ": of ", sent.size(), " bytes came ",
                     received.size(),
                     sent.starts_with(received) ? "" : ", and not the same"));
}

// A full queue is answered by "busy".
void LoadClient::ExpectAnswers(std::vector<std::string> wanted,
                               std::vector<std::string> got) {
  const size_t busy = std::erase(got, "busy");
  outcome_.busy += busy;
  for (const std::string& answer : got) {
    outcome_.checked_bytes += answer.size() + 1;
    const auto found = std::ranges::find(wanted, answer);
    if (found == wanted.end()) {
      return Fault(absl::StrCat("nobody asked for \"", answer, "\""));
    }
    wanted.erase(found);
  }
  if (wanted.size() == busy) return;
  Fault(absl::StrCat(wanted.size() - busy, " answers are missing"));
}

void LoadClient::Fault(std::string what) {
  if (outcome_.faults++ == 0) outcome_.first_fault = std::move(what);
}

}  // namespace rondo
