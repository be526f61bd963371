#ifndef RONDO_NET_CLIENT_ANSWER_CACHE_H_
#define RONDO_NET_CLIENT_ANSWER_CACHE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "net/client/question.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// Answers of the DNS until they expire. When there are too many, the one that
// expires first goes.
//
// Threading: none of its own.
class AnswerCache {
 public:
  // Shared with those who are being told it.
  using Answer =
      std::shared_ptr<const absl::StatusOr<std::vector<InetAddress>>>;

  explicit AnswerCache(size_t max_answers) : max_answers_(max_answers) {}

  // Null if there is none that is still good at `now`.
  Answer Find(const Question& question, MonotonicTime now);

  // In place of an earlier answer to the same question. Good until `expiry`.
  void Put(const Question& question, Answer answer, MonotonicTime expiry);

  void Clear();

  // How many are good at `now`.
  size_t Count(MonotonicTime now);

 private:
  using ByExpiry = std::multimap<MonotonicTime, Question>;
  struct Entry {
    Answer answer;
    ByExpiry::iterator place;
  };

  void DropExpired(MonotonicTime now);
  void DropFirst();

  const size_t max_answers_;
  std::map<Question, Entry> entries_;
  ByExpiry by_expiry_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_ANSWER_CACHE_H_
