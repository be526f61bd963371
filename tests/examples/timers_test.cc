// What examples/timers prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kProgram = "timers";

TEST(TimersTest, TicksAsOftenAsAskedAndSaysBye) {
  const Ended timers = RunExample(kProgram, {"--interval_ms=5", "--ticks=4"});
  EXPECT_EQ(timers.exit_code, 0);
  EXPECT_THAT(timers.errors, IsEmpty());
  EXPECT_THAT(timers.output, MatchesRegex("tick 1 at [0-9.]+m?s\n"
                                          "tick 2 at [0-9.]+m?s\n"
                                          "tick 3 at [0-9.]+m?s\n"
                                          "tick 4 at [0-9.]+m?s\n"
                                          "bye\n"));
}

TEST(TimersTest, TicksFiveTimesUnlessTold) {
  const Ended timers = RunExample(kProgram, {"--interval_ms=1"});
  EXPECT_EQ(timers.exit_code, 0);
  EXPECT_THAT(timers.output, HasSubstr("tick 5 at "));
  EXPECT_THAT(timers.output, Not(HasSubstr("tick 6 at ")));
}

TEST(TimersTest, NoTickComesEarly) {
  const absl::Duration interval = absl::Milliseconds(7);
  const Ended timers = RunExample(kProgram, {"--interval_ms=7", "--ticks=10"});
  const std::vector<std::string> lines = absl::StrSplit(timers.output, '\n');
  ASSERT_EQ(lines.size(), 12u) << timers.output;  // bye, and after the last end
  for (int i = 1; i <= 10; ++i) {
    const std::string& line = lines[i - 1];
    absl::Duration at;
    ASSERT_TRUE(absl::ParseDuration(line.substr(line.rfind(' ') + 1), &at));
    EXPECT_GE(at, interval * i) << line;
  }
}

// The alarm is cancelled before it is due, whatever the machine does meanwhile.
TEST(TimersTest, AlarmStaysSilentWhenTheProgramIsHeldUp) {
  Process timers(Example(kProgram, {"--interval_ms=20", "--ticks=5"}));
  EXPECT_THAT(timers.ReadLine(), StartsWith("tick 1 at "));
  timers.Signal(SIGSTOP);
  RunCommand({"sleep", "0.3"});  // past all that is due, had it run
  timers.Signal(SIGCONT);
  const Ended& ended = timers.Wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("tick 5 at "), EndsWith("\nbye\n"),
                                  Not(HasSubstr("ALARM"))));
}

TEST(TimersTest, AlarmStaysSilentForTheMostTicks) {
  Process timers(Example(kProgram, {"--interval_ms=1", "--ticks=1000000"}));
  EXPECT_THAT(timers.ReadLine(), StartsWith("tick 1 at "));
  EXPECT_THAT(timers.ReadLine(), StartsWith("tick 2 at "));
}

}  // namespace
}  // namespace rondo
