#ifndef RONDO_TESTS_NET_HTTP_PEERS_ANSWER_READER_H_
#define RONDO_TESTS_NET_HTTP_PEERS_ANSWER_READER_H_

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/testing/loopback_client.h"

namespace rondo {

// An answer as a client got it.
struct ReceivedAnswer {
  int status = 0;      // 0: the stream has ended before, or in, its head
  bool whole = false;  // its body has come to its end
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};

  // The value of the first field of that name, in any case.
  std::optional<std::string_view> Find(std::string_view name) const;
  // Whether the connection ends with it.
  bool closes() const { return Find("Connection") == "close"; }
};

// How GoogleTest prints it.
void PrintTo(const ReceivedAnswer& answer, std::ostream* out);

// Cuts what comes from a server, or from the proxy before it, into answers.
//
// Threading: one thread. Ownership: borrows the client.
// Errors: as LoopbackClient: what does not come in a minute fails the test.
class AnswerReader {
 public:
  explicit AnswerReader(LoopbackClient* client) : client_(client) {}

  // The next answer, to a request of that method, interim ones left out.
  ReceivedAnswer Read(std::string_view method = "GET");
  // The next one, which may be interim.
  ReceivedAnswer ReadAny(std::string_view method = "GET");

  // Waits for more, or for the end. True if that is it.
  bool AtEnd();

 private:
  // False at the end of the stream.
  bool Receive();
  // The next line without its end; none if the stream ends before that.
  std::optional<std::string> ReadLine();
  bool ReadBytes(size_t bytes, std::string& to);
  bool ReadHead(ReceivedAnswer& answer);
  bool ReadFields(ReceivedAnswer& answer);
  bool ReadChunks(ReceivedAnswer& answer);
  bool ReadBody(ReceivedAnswer& answer);

  LoopbackClient* const client_;
  std::string kept_;  // received, and of no answer yet
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_PEERS_ANSWER_READER_H_
