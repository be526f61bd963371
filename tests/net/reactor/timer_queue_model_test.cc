// TimerQueue at random against a model that is too simple to be wrong.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/reactor/timer_id.h"
#include "net/reactor/timer_queue.h"

namespace rondo {
namespace {

MonotonicTime At(int64_t ns) { return MonotonicTime::FromNanoseconds(ns); }

// What a timer does when it runs, decided when it is armed.
struct Plan {
  int label;
  int64_t interval;
  int cancels = -1;         // the label of another, or of its own
  int64_t arms_after = -1;  // another one, without a plan
};

// Timers in a multimap by deadline; equal ones stay in order of insertion.
class Model {
 public:
  void Add(int64_t deadline, const Plan& plan) {
    timers_.emplace(deadline, Timer{plan, ++sequence_});
  }

  bool Cancel(int label) {
    for (auto it = timers_.begin(); it != timers_.end(); ++it) {
      if (it->second.plan.label != label) continue;
      timers_.erase(it);
      return true;
    }
    return false;
  }

  // The plans that run, in order. Each is carried out by `carry_out`.
  template <typename F>
  std::vector<int> RunDue(int64_t now, int budget, F carry_out) {
    const uint64_t last_before = sequence_;
    std::vector<int> ran;
    while (static_cast<int>(ran.size()) < budget && !timers_.empty()) {
      const auto [deadline, timer] = *timers_.begin();
      if (deadline > now || timer.sequence > last_before) break;
      timers_.erase(timers_.begin());
      if (timer.plan.interval > 0) {
        int64_t next = deadline;
        while (next <= now) next += timer.plan.interval;
        Add(next, timer.plan);
      }
      ran.push_back(timer.plan.label);
      carry_out(timer.plan);
    }
    return ran;
  }

  size_t size() const { return timers_.size(); }
  MonotonicTime NextDeadline() const {
    return timers_.empty() ? MonotonicTime::InfiniteFuture()
                           : At(timers_.begin()->first);
  }

 private:
  struct Timer {
    Plan plan;
    uint64_t sequence;
  };
  std::multimap<int64_t, Timer> timers_;
  uint64_t sequence_ = 0;
};

// Stands for a seed that nobody has tried yet.
constexpr int kSeedOfToday = 0;

class TimerQueueModelTest : public ::testing::TestWithParam<int> {
 protected:
  static constexpr int kOperations = 4'000;

  int64_t Random(int64_t below) {
    return std::uniform_int_distribution<int64_t>(0, below - 1)(random_);
  }

  // Arms the same timer in both. Few distinct deadlines, so that many collide.
  void Add() {
    Plan plan = {.label = static_cast<int>(ids_.size()),
                 .interval = Random(5) == 0 ? 1 + Random(20) : 0};
    if (Random(4) == 0) plan.cancels = Random(ids_.size() + 1);
    if (Random(4) == 0) plan.arms_after = Random(30);
    const int64_t deadline = now_ + Random(50);
    model_.Add(deadline, plan);
    AddReal(deadline, plan);
  }

  void AddReal(int64_t deadline, const Plan& plan) {
    ids_.push_back(queue_.Add(At(deadline), absl::Nanoseconds(plan.interval),
                              [this, plan] {
                                ran_.push_back(plan.label);
                                CarryOut(plan);
                              }));
  }

  void CarryOut(const Plan& plan) {
    if (plan.cancels >= 0) {
      cancelled_.push_back(queue_.Cancel(ids_[plan.cancels]));
    }
    if (plan.arms_after >= 0 && plan.interval == 0) {
      const int label = static_cast<int>(ids_.size());
      AddReal(now_ + plan.arms_after, {.label = label, .interval = 0});
    }
  }

  void Cancel() {
    if (ids_.empty()) return;
    const int label = static_cast<int>(Random(ids_.size()));
    ASSERT_EQ(queue_.Cancel(ids_[label]), model_.Cancel(label));
  }

  void RunDue() {
    now_ += Random(3) == 0 ? Random(60) : Random(5);
    const int budget = Random(3) == 0 ? 1 + static_cast<int>(Random(4)) : 1'000;
    int next_label = static_cast<int>(ids_.size());
    std::vector<bool> cancelled;
    const auto expected = model_.RunDue(now_, budget, [&](const Plan& plan) {
      if (plan.cancels >= 0) cancelled.push_back(model_.Cancel(plan.cancels));
      if (plan.arms_after >= 0 && plan.interval == 0) {
        model_.Add(now_ + plan.arms_after,
                   {.label = next_label++, .interval = 0});
      }
    });
    const int count = queue_.RunDue(At(now_), budget);
    ASSERT_EQ(std::exchange(ran_, {}), expected);
    ASSERT_EQ(count, static_cast<int>(expected.size()));
    ASSERT_EQ(std::exchange(cancelled_, {}), cancelled);
  }

  void Operate() {
    const int64_t kind = Random(10);
    if (kind < 5) {
      Add();
    } else if (kind < 8) {
      Cancel();
    } else {
      RunDue();
    }
    ASSERT_EQ(queue_.size(), model_.size());
    ASSERT_EQ(queue_.NextDeadline(), model_.NextDeadline());
  }

  const unsigned seed_ =
      GetParam() == kSeedOfToday ? std::random_device{}() : GetParam();
  std::mt19937_64 random_{seed_};
  int64_t now_ = 1'000;
  TimerQueue queue_;
  Model model_;
  std::vector<TimerId> ids_;  // by label
  std::vector<int> ran_;
  std::vector<bool> cancelled_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, TimerQueueModelTest,
                         ::testing::Range(kSeedOfToday, 21));

TEST_P(TimerQueueModelTest, AgreesWithAMultimap) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int i = 0; i < kOperations && !HasFatalFailure(); ++i) Operate();
}

}  // namespace
}  // namespace rondo
