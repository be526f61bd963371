#include "net/tcp/admission_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/memory_budget.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using Verdict = AdmissionControl::Verdict;

AddressKey KeyOf(std::string_view address) {
  return AddressKeyOf(*InetAddress::Parse(address));
}

constexpr AddressKey kAlice = 1;
constexpr AddressKey kBob = 2;
const AdmissionControl::Waker kNoWaker;

// --- Whom a connection counts for. -------------------------------------------

TEST(AddressKeyTest, AnIpv4AddressCountsForItselfWhateverThePort) {
  EXPECT_EQ(KeyOf("192.0.2.1:80"), KeyOf("192.0.2.1:81"));
  EXPECT_NE(KeyOf("192.0.2.1:80"), KeyOf("192.0.2.2:80"));
  EXPECT_NE(KeyOf("192.0.2.1:80"), kNobody);
  EXPECT_NE(KeyOf("0.0.0.0:80"), kNobody);
}

TEST(AddressKeyTest, AMappedIpv4AddressCountsAsTheOneThatItIs) {
  EXPECT_EQ(KeyOf("[::ffff:192.0.2.1]:80"), KeyOf("192.0.2.1:80"));
  EXPECT_NE(KeyOf("[::ffff:192.0.2.1]:80"), KeyOf("[::ffff:192.0.2.2]:80"));
}

TEST(AddressKeyTest, AnIpv6AddressCountsForItsNetworkOf64Bits) {
  EXPECT_EQ(KeyOf("[2001:db8:1:2::1]:80"), KeyOf("[2001:db8:1:2:ffff::9]:80"));
  EXPECT_NE(KeyOf("[2001:db8:1:2::1]:80"), KeyOf("[2001:db8:1:3::1]:80"));
  EXPECT_NE(KeyOf("[2001:db8:1:2::1]:80"), KeyOf("[2001:db9:1:2::1]:80"));
}

TEST(AddressKeyTest, TheLoopbackOfIpv6IsSomebodyElseThanThatOfIpv4) {
  EXPECT_NE(KeyOf("[::1]:80"), kNobody);
  EXPECT_NE(KeyOf("[::1]:80"), KeyOf("127.0.0.1:80"));
}

TEST(AddressKeyTest, UnixSocketsCountForNobody) {
  EXPECT_EQ(AddressKeyOf(InetAddress()), kNobody);
  EXPECT_EQ(KeyOf("unix:@name"), kNobody);
}

// --- The policies' names. ----------------------------------------------------

TEST(OverLimitTest, NamesAreReadAsWritten) {
  for (const OverLimit policy : {OverLimit::kRefuse, OverLimit::kWait}) {
    EXPECT_EQ(ParseOverLimit(ToString(policy)).value(), policy);
  }
}

TEST(OverLimitTest, OtherTextIsRefusedWithTheNames) {
  const auto parsed = ParseOverLimit("queue");
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(parsed.status().message(), HasSubstr("'queue'"));
  EXPECT_THAT(parsed.status().message(), HasSubstr("refuse or wait"));
}

// --- Refusing. ---------------------------------------------------------------

TEST(AdmissionControlTest, RefusesBeyondTheMostOfAll) {
  AdmissionControl control({.max_connections = 2});
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.Ask(kBob, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.Ask(3, kNoWaker), Verdict::kRefuse);
  EXPECT_EQ(control.refused(Refusal::kConnectionLimit), 1u);
  control.Leave(kAlice);
  EXPECT_EQ(control.Ask(3, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.refused(Refusal::kAddressLimit), 0u);
}

TEST(AdmissionControlTest, RefusesBeyondTheMostOfOneAddress) {
  AdmissionControl control({.max_connections_per_address = 1});
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kRefuse);
  EXPECT_EQ(control.Ask(kBob, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.refused(Refusal::kAddressLimit), 1u);
  control.Leave(kAlice);
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
}

TEST(AdmissionControlTest, WhoIsRefusedDoesNotCount) {
  AdmissionControl control(
      {.max_connections = 2, .max_connections_per_address = 1});
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kRefuse);
  EXPECT_EQ(control.Ask(kBob, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control.Ask(kBob, kNoWaker), Verdict::kRefuse);
  EXPECT_EQ(control.refused(Refusal::kConnectionLimit), 1u);
}

TEST(AdmissionControlTest, NobodyHasNoLimitOfItsOwn) {
  AdmissionControl control(
      {.max_connections = 3, .max_connections_per_address = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(control.Ask(kNobody, kNoWaker), Verdict::kAdmit);
  }
  EXPECT_EQ(control.Ask(kNobody, kNoWaker), Verdict::kRefuse);
  for (int i = 0; i < 3; ++i) control.Leave(kNobody);
  EXPECT_EQ(control.Ask(kNobody, kNoWaker), Verdict::kAdmit);
}

TEST(AdmissionControlTest, RefusesWhileMemoryIsLow) {
  MemoryBudget& budget = MemoryBudget::Process();
  const size_t limit = budget.limit_bytes();
  AdmissionControl control({.over_connections = OverLimit::kWait});
  {
    MemoryShare share(budget);
    share.Add(1);
    budget.SetLimit(1);
    EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kRefuse);
  }
  budget.SetLimit(limit);
  EXPECT_EQ(control.refused(Refusal::kMemory), 1u);
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
}

// --- Waiting. ----------------------------------------------------------------

class AdmissionControlWaitTest : public ::testing::Test {
 protected:
  AdmissionControl control_{{.max_connections = 2,
                             .max_connections_per_address = 1,
                             .over_connections = OverLimit::kWait,
                             .over_address = OverLimit::kWait}};
  int wakes_ = 0;
  const AdmissionControl::Waker waker_ = [this] { ++wakes_; };
};

TEST_F(AdmissionControlWaitTest, WhoMustWaitIsWokenOnceByWhoeverLeaves) {
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kWait);
  EXPECT_EQ(control_.Ask(kBob, waker_), Verdict::kAdmit);
  EXPECT_EQ(wakes_, 0);
  control_.Leave(kBob);
  EXPECT_EQ(wakes_, 1);
  control_.Leave(kAlice);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.refused(Refusal::kAddressLimit), 0u);
  EXPECT_EQ(control_.refused(Refusal::kConnectionLimit), 0u);
}

TEST_F(AdmissionControlWaitTest, WhoeverIsFirstGetsThePlace) {
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(kBob, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(3, waker_), Verdict::kWait);
  EXPECT_EQ(control_.Ask(4, waker_), Verdict::kWait);
  control_.Leave(kAlice);
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(control_.Ask(3, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(4, waker_), Verdict::kWait);
}

TEST_F(AdmissionControlWaitTest, WithoutAWakerNobodyIsWoken) {
  EXPECT_EQ(control_.Ask(kAlice, kNoWaker), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(kAlice, kNoWaker), Verdict::kWait);
  control_.Leave(kAlice);
}

TEST_F(AdmissionControlWaitTest, AllMustWaitOnlyWhenAllPlacesAreTaken) {
  EXPECT_FALSE(control_.MustWait(waker_));
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(kAlice, kNoWaker), Verdict::kWait);
  EXPECT_FALSE(control_.MustWait(waker_));
  EXPECT_EQ(control_.Ask(kBob, waker_), Verdict::kAdmit);
  EXPECT_TRUE(control_.MustWait(waker_));
  control_.Leave(kAlice);
  EXPECT_EQ(wakes_, 1);
  EXPECT_FALSE(control_.MustWait(waker_));
}

TEST_F(AdmissionControlWaitTest, WhereAllAreRefusedNobodyMustWait) {
  AdmissionControl control({.max_connections = 1});
  EXPECT_EQ(control.Ask(kAlice, kNoWaker), Verdict::kAdmit);
  EXPECT_FALSE(control.MustWait(waker_));
}

TEST_F(AdmissionControlWaitTest, AWakerMayAskAgain) {
  EXPECT_EQ(control_.Ask(kAlice, waker_), Verdict::kAdmit);
  EXPECT_EQ(control_.Ask(kAlice,
                         [this] {
                           EXPECT_EQ(control_.Ask(kAlice, waker_),
                                     Verdict::kAdmit);
                           ++wakes_;
                         }),
            Verdict::kWait);
  control_.Leave(kAlice);
  EXPECT_EQ(wakes_, 1);
}

TEST(AdmissionControlTest, SeveralThreadsNeverHaveMoreThanTheMost) {
  constexpr int kMost = 3;
  AdmissionControl control({.max_connections = kMost});
  std::atomic<int> open = 0;
  std::atomic<uint64_t> refused = 0;
  std::vector<std::thread> threads;
  for (AddressKey key = 1; key <= 4; ++key) {
    threads.emplace_back([&, key] {
      for (int i = 0; i < 2'000; ++i) {
        if (control.Ask(key, kNoWaker) != Verdict::kAdmit) {
          ++refused;
          continue;
        }
        EXPECT_LE(++open, kMost);
        --open;
        control.Leave(key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(control.refused(Refusal::kConnectionLimit), refused);
  for (int i = 0; i < kMost; ++i) {
    EXPECT_EQ(control.Ask(kNobody, kNoWaker), Verdict::kAdmit);
  }
}

}  // namespace
}  // namespace rondo
