#ifndef RONDO_TESTS_NET_HTTP_PEERS_TOKEN_USER_H_
#define RONDO_TESTS_NET_HTTP_PEERS_TOKEN_USER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "net/tcp/inet_address.h"
#include "tests/net/http/peers/answer_reader.h"
#include "tests/testing/loopback_client.h"

namespace rondo {

// What a TokenUser may ask of a WitnessServer.
struct TokenQuestion {
  enum class Body { kNone, kLength, kChunked, kExpected };

  const char* name;
  const char* method;
  const char* path;  // without the token
  Body body = Body::kNone;
  size_t max_body_bytes = 0;
  const char* fields = "";
  int status = 200;
  bool is_polite = true;  // can be asked again on the same connection
};

// Someone who asks a WitnessServer, directly or through a proxy, and whose
// every question has a token and, if any, a body that nobody else's has. An
// answer to another fails the test.
//
// Threading: one thread.
class TokenUser {
 public:
  // That is more than what max_body_bytes must be.
  static constexpr size_t kTooManyBytes = 600'000;
  static constexpr size_t kMaxBodyBytes = 512 * 1'024;

  // `name` is the beginning of all tokens; no two users' are the same.
  TokenUser(InetAddress server, std::string name, uint32_t seed);

  // Asks, over the same connection as before unless that has ended, and checks
  // the answer.
  void Ask(const TokenQuestion& question);
  // Any of Questions().
  void AskSomething();
  // Begins to ask, or asks, something; then goes away without an answer.
  void Abandon();

 private:
  struct Asked;

  size_t Random(size_t below);
  Asked Compose(const TokenQuestion& question);
  void Check(const Asked& asked, const ReceivedAnswer& answer);
  void Connect();

  const InetAddress server_;
  const std::string name_;
  std::mt19937 random_;
  int asked_ = 0;
  std::unique_ptr<LoopbackClient> client_;
  std::unique_ptr<AnswerReader> reader_;
};

// All that keep the connection, ...
const std::vector<TokenQuestion>& PoliteQuestions();
// ... and all.
const std::vector<TokenQuestion>& Questions();

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_PEERS_TOKEN_USER_H_
