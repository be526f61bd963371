#include "net/client/answer_cache.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace rondo {
namespace {

MonotonicTime At(int seconds) {
  return MonotonicTime::FromNanoseconds(seconds * int64_t{1'000'000'000});
}

Question Ask(std::string name, int family = AF_INET) {
  return {std::move(name), family};
}

AnswerCache::Answer NewAnswer() {
  return std::make_shared<const absl::StatusOr<std::vector<InetAddress>>>(
      std::vector<InetAddress>{});
}

TEST(AnswerCacheTest, FindsByNameAndFamilyUntilTheExpiry) {
  AnswerCache cache(10);
  const auto answer = NewAnswer();
  cache.Put(Ask("a"), answer, At(5));
  EXPECT_EQ(cache.Find(Ask("a"), At(4)), answer);
  EXPECT_EQ(cache.Find(Ask("b"), At(4)), nullptr);
  EXPECT_EQ(cache.Find(Ask("a", AF_INET6), At(4)), nullptr);
  EXPECT_EQ(cache.Find(Ask("a"), At(5)), nullptr);
  EXPECT_EQ(cache.Count(At(5)), 0);
}

TEST(AnswerCacheTest, ANewAnswerTakesTheOldOnesPlace) {
  AnswerCache cache(10);
  const auto answer = NewAnswer();
  cache.Put(Ask("a"), NewAnswer(), At(1));
  cache.Put(Ask("a"), answer, At(5));
  EXPECT_EQ(cache.Count(At(0)), 1);
  EXPECT_EQ(cache.Find(Ask("a"), At(4)), answer);
}

TEST(AnswerCacheTest, DropsTheFirstToExpireWhenThereAreTooMany) {
  AnswerCache cache(2);
  cache.Put(Ask("a"), NewAnswer(), At(3));
  cache.Put(Ask("b"), NewAnswer(), At(1));
  cache.Put(Ask("c"), NewAnswer(), At(2));
  EXPECT_EQ(cache.Count(At(0)), 2);
  EXPECT_EQ(cache.Find(Ask("b"), At(0)), nullptr);
  cache.Put(Ask("d"), NewAnswer(), At(1));  // itself the first to expire
  EXPECT_EQ(cache.Find(Ask("d"), At(0)), nullptr);
  EXPECT_NE(cache.Find(Ask("a"), At(0)), nullptr);
}

TEST(AnswerCacheTest, OfNoneKeepsNone) {
  AnswerCache cache(0);
  cache.Put(Ask("a"), NewAnswer(), At(3));
  EXPECT_EQ(cache.Count(At(0)), 0);
}

TEST(AnswerCacheTest, ForgetsAll) {
  AnswerCache cache(2);
  const auto answer = NewAnswer();
  cache.Put(Ask("a"), answer, At(3));
  cache.Clear();
  EXPECT_EQ(cache.Find(Ask("a"), At(0)), nullptr);
  EXPECT_EQ(answer.use_count(), 1);
}

}  // namespace
}  // namespace rondo
