// Flags that make no sense, and addresses that cannot be had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

TEST_P(DesignTest, TakenPortNamesItAndARemedy) {
  const DesignServer first(name_);
  const Ended second =
      RunDesign(name_, {"--port=" + std::to_string(first.port())});
  EXPECT_EQ(second.exit_code, 2) << testing::PrintToString(second);
  EXPECT_THAT(second.output, IsEmpty());
  EXPECT_THAT(second.errors,
              AllOf(StartsWith("ERROR: cannot listen on " + first.address()),
                    HasSubstr("choose another port"), HasSubstr("in use")));
}

// 192.0.2.0/24 is for documentation: no machine has it (RFC 5737).
TEST_P(DesignTest, AddressOfNoMachineNamesItAndARemedy) {
  const Ended ended = RunDesign(name_, {"--host=192.0.2.1"});
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              AllOf(StartsWith("ERROR: cannot listen on 192.0.2.1:0"),
                    HasSubstr("use one of its own")));
}

void ExpectRefused(const Ended& ended, const std::string& errors) {
  EXPECT_EQ(ended.exit_code, 1) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output, IsEmpty());
  EXPECT_THAT(ended.errors, HasSubstr(errors));
}

TEST_P(DesignTest, BadFlagsAreNamedWithWhatIsAllowed) {
  struct BadFlag {
    std::string flag;
    std::string allowed;
  };
  for (const auto& [flag, allowed] : {
           BadFlag{"--port=65536", "0 to 65535"},
           BadFlag{"--port=-1", "0 to 65535"},
           BadFlag{"--protocol=echo", "hello or upper"},
           BadFlag{"--protocol=", "hello or upper"},
           BadFlag{"--host=localhost", "an IPv4 or IPv6 address in numbers"},
           BadFlag{"--host=", "an IPv4 or IPv6 address in numbers"},
       }) {
    ExpectRefused(RunDesign(name_, {flag}),
                  "ERROR: " + flag + ": allowed is " + allowed + "\n");
  }
}

TEST_P(DesignTest, OnlyPoolsHaveThreads) {
  const Ended ended = RunDesign(name_, {"--threads=0"});
  ExpectRefused(ended, GetParam().pool.empty()
                           ? "'threads'"
                           : "ERROR: --threads=0: allowed is 1 to 16384\n");
}

TEST(EpollPoolsTest, WorkThatWouldHoldUpTheEndIsRefused) {
  for (const char* name : {"epoll_pool", "epoll_pool_unsafe"}) {
    for (const std::string flag :
         {"--work_us_per_kib=10001", "--work_us_per_kib=-1"}) {
      ExpectRefused(RunDesign(name, {flag}),
                    "ERROR: " + flag + ": allowed is 0 to 10000\n");
    }
  }
}

TEST_P(DesignTest, UnknownFlagsAndStrayArgumentsEndIt) {
  ExpectRefused(RunDesign(name_, {"--prot=0"}), "'prot'");
  ExpectRefused(RunDesign(name_, {"8080"}), "'8080'");
}

}  // namespace
}  // namespace rondo
