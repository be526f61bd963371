#include "net/reactor/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/reactor/wakeup.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// What a read of an eventfd would return, without the read (proc(5)).
int EventFdCount(int fd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  const std::string label = "eventfd-count:";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with(label)) {
      return std::stoi(line.substr(label.size()), nullptr, 16);
    }
  }
  return 0;
}

class MailboxTest : public ::testing::Test {
 protected:
  // How often somebody wrote the wake-up descriptor since the last call.
  int Notifications() {
    const int count = EventFdCount(mailbox_->wakeup_fd());
    mailbox_->ClearWakeup();
    return count;
  }

  void MustPost(Mailbox::Task task) {
    ASSERT_TRUE(mailbox_->Post(std::move(task)));
  }

  // Runs what was posted, as a loop would, and returns how many.
  int RunAll() {
    const Mailbox::Chain chain = mailbox_->TakeAll();
    int count = 0;
    for (TaskNode* n = chain.first; n != nullptr; n = n->next, ++count) {
      n->task();
      n->task = nullptr;
    }
    if (count > 0) mailbox_->Recycle(chain, count);
    return count;
  }

  std::unique_ptr<Mailbox> mailbox_ =
      std::make_unique<Mailbox>(*Wakeup::Create());
};

TEST_F(MailboxTest, KeepsTasksInOrderOfPosting) {
  std::vector<int> order;
  for (int i : {1, 2, 3}) MustPost([&order, i] { order.push_back(i); });
  EXPECT_EQ(RunAll(), 3);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_EQ(RunAll(), 0);
}

TEST_F(MailboxTest, PostsToABusyLoopNotifyNobody) {
  for (int i = 0; i < 100; ++i) MustPost([] {});
  EXPECT_EQ(Notifications(), 0);
  EXPECT_FALSE(mailbox_->TrySleep()) << "there is work";
  RunAll();
}

TEST_F(MailboxTest, ManyPostsToASleepingLoopNotifyOnce) {
  ASSERT_TRUE(mailbox_->TrySleep());
  for (int i = 0; i < 100; ++i) MustPost([] {});
  EXPECT_EQ(Notifications(), 1);
  mailbox_->WakeUp();
  EXPECT_EQ(RunAll(), 100);
}

TEST_F(MailboxTest, EachSleepIsNotifiedOnce) {
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(mailbox_->TrySleep());
    MustPost([] {});
    MustPost([] {});
    EXPECT_EQ(Notifications(), 1);
    mailbox_->WakeUp();
    RunAll();
  }
}

TEST_F(MailboxTest, NobodyIsNotifiedAfterTheLoopWokeByItself) {
  ASSERT_TRUE(mailbox_->TrySleep());
  mailbox_->WakeUp();
  MustPost([] {});
  EXPECT_EQ(Notifications(), 0);
  RunAll();
}

TEST_F(MailboxTest, ClosedRefusesAndLeavesTheTaskUntouched) {
  EXPECT_EQ(mailbox_->Close().first, nullptr);
  bool ran = false;
  Mailbox::Task task = [&ran, owned = std::make_unique<int>(7)] {
    ran = *owned == 7;
  };
  EXPECT_FALSE(mailbox_->Post(std::move(task)));
  ASSERT_TRUE(task != nullptr);
  task();
  EXPECT_TRUE(ran);
}

// A producer that found the loop asleep is about to write the descriptor: it
// must still be there.
TEST_F(MailboxTest, CloseWaitsForAPostThatIsJustWakingTheLoop) {
  for (int round = 0; round < 200; ++round) {
    mailbox_ = std::make_unique<Mailbox>(*Wakeup::Create());
    ASSERT_TRUE(mailbox_->TrySleep());
    Thread producer = NewThread("producer", [this] {
      Mailbox::Task task = [] {};
      (void)mailbox_->Post(std::move(task));
    });
    Mailbox::Chain chain;
    while ((chain = mailbox_->TakeAll()).first == nullptr) {
    }
    mailbox_->WakeUp();
    Mailbox::DeleteNodes(chain.first);
    EXPECT_EQ(mailbox_->Close().first, nullptr);
    EXPECT_EQ(mailbox_->wakeup_fd(), -1);
  }
}

TEST_F(MailboxTest, CloseReturnsWhatWaits) {
  MustPost([] {});
  MustPost([] {});
  const Mailbox::Chain chain = mailbox_->Close();
  EXPECT_EQ(chain.first->next, chain.last);
  Mailbox::DeleteNodes(chain.first);
}

TEST_F(MailboxTest, DestructionDestroysTasksUnrun) {
  int destroyed = 0;
  bool ran = false;
  MustPost(
      [&ran, token = OnDestroy([&destroyed] { ++destroyed; })] { ran = true; });
  mailbox_.reset();
  EXPECT_EQ(destroyed, 1);
  EXPECT_FALSE(ran);
}

// In the long run posting takes no memory: nodes go round. On a thread of its
// own, because threads keep free nodes.
TEST_F(MailboxTest, ProducersGetRunNodesBack) {
  NewThread("producer", [this] {
    MustPost([] {});
    const Mailbox::Chain chain = mailbox_->TakeAll();
    TaskNode* const node = chain.first;
    node->task = nullptr;
    mailbox_->Recycle(chain, 1);
    MustPost([] {});
    EXPECT_EQ(mailbox_->TakeAll().first, node);
    Mailbox::DeleteNodes(node);
  }).Join();
}

TEST_F(MailboxTest, ABurstBeyondWhatIsKeptGoesThroughAndIsFreed) {
  int ran = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10'000; ++i) MustPost([&ran] { ++ran; });
    RunAll();
  }
  EXPECT_EQ(ran, 30'000);
}

TEST_F(MailboxTest, ManyProducersReuseNodesWithoutMixingThemUp) {
  constexpr int kProducers = 3;
  constexpr int kTasksEach = 20'000;
  int next[kProducers] = {};
  {
    std::vector<Thread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.push_back(NewThread("producer", [&, p] {
        for (int i = 0; i < kTasksEach; ++i) {
          MustPost([&next, p, i] { EXPECT_EQ(next[p]++, i); });
        }
      }));
    }
    for (int ran = 0; ran < kProducers * kTasksEach;) ran += RunAll();
  }
  EXPECT_THAT(next, ::testing::Each(kTasksEach));
}

}  // namespace
}  // namespace rondo
