#ifndef RONDO_TESTS_TESTING_LEAK_LISTENER_H_
#define RONDO_TESTS_TESTING_LEAK_LISTENER_H_

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/time/time.h"

namespace rondo {

// What the process holds, by number: descriptors with what they stand for
// ("socket:[4711]"), threads with their names.
using Descriptors = std::map<int, std::string>;
using Threads = std::map<int, std::string>;

// From /proc/self/fd and /proc/self/task.
Descriptors OpenDescriptors();
Threads RunningThreads();

// What `after` has and `before` has not. A descriptor that stands for something
// else now counts: the old one was closed, and the new one left open.
Descriptors DescriptorsLeft(const Descriptors& before,
                            const Descriptors& after);
Threads ThreadsLeft(const Threads& before, const Threads& after);

// Fails every test that leaves a descriptor open or a thread running.
//
// What was there when the test began is not the test's: the sanitizers' own
// threads and descriptors, and what earlier tests left, which were failed for
// it.
//
// A thread gets `grace` to end before it counts. The kernel takes a joined
// thread out of /proc a moment after pthread_join() returned, and a thread that
// destroyed the object it stands for was let go and ends by itself (see
// Thread). This waits for an end and synchronises nothing: a test that passes
// does so whatever the length of the grace.
class LeakListener : public ::testing::EmptyTestEventListener {
 public:
  static constexpr absl::Duration kDefaultGrace = absl::Seconds(5);

  explicit LeakListener(absl::Duration grace = kDefaultGrace) : grace_(grace) {}

  void OnTestStart(const ::testing::TestInfo& test) override;
  void OnTestEnd(const ::testing::TestInfo& test) override;

 private:
  const absl::Duration grace_;
  Descriptors descriptors_;  // when the test began
  Threads threads_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_LEAK_LISTENER_H_
