#include "net/client/answer_cache.h"

#include <utility>

namespace rondo {

AnswerCache::Answer AnswerCache::Find(const Question& question,
                                      MonotonicTime now) {
  DropExpired(now);
  const auto found = entries_.find(question);
  return found == entries_.end() ? nullptr : found->second.answer;
}

void AnswerCache::Put(const Question& question, Answer answer,
                      MonotonicTime expiry) {
  const auto old = entries_.find(question);
  if (old != entries_.end()) {
    by_expiry_.erase(old->second.place);
    entries_.erase(old);
  }
  const auto place = by_expiry_.emplace(expiry, question);
  entries_.emplace(question, Entry{std::move(answer), place});
  while (entries_.size() > max_answers_) DropFirst();
}

void AnswerCache::Clear() {
  entries_.clear();
  by_expiry_.clear();
}

size_t AnswerCache::Count(MonotonicTime now) {
  DropExpired(now);
  return entries_.size();
}

void AnswerCache::DropExpired(MonotonicTime now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) DropFirst();
}

void AnswerCache::DropFirst() {
  const auto first = by_expiry_.begin();
  entries_.erase(first->second);
  by_expiry_.erase(first);
}

}  // namespace rondo
