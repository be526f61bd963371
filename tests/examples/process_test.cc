#include "tests/examples/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>

namespace rondo {
namespace {

TEST(ProcessTest, CollectsOutputErrorsAndExitCode) {
  const Ended ended =
      RunCommand({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.signal, 0);
  EXPECT_EQ(ended.output, "out\n");
  EXPECT_EQ(ended.errors, "err\n");
}

TEST(ProcessTest, HandsOverMoreInputThanAPipeHolds) {
  const std::string bytes(1 << 20, 'x');
  EXPECT_TRUE(RunCommand({"cat"}, bytes).output == bytes);
}

TEST(ProcessTest, InputThatNobodyReadsDoesNoHarm) {
  EXPECT_EQ(RunCommand({"true"}, std::string(1 << 20, 'x')).exit_code, 0);
}

TEST(ProcessTest, ReadsLinesAsTheyCome) {
  Process cat({.argv = {"cat"}});
  cat.Write("one\n");
  EXPECT_EQ(cat.ReadLine(), "one");
  cat.Write("two\nthree");
  cat.CloseInput();
  EXPECT_EQ(cat.ReadLine(), "two");
  EXPECT_EQ(cat.ReadLine(), "three");  // without its end
  EXPECT_EQ(cat.ReadLine(), "");
  EXPECT_EQ(cat.Wait().exit_code, 0);
}

TEST(ProcessTest, ReadsBytesAsTheyCome) {
  Process cat({.argv = {"cat"}});
  cat.Write("abcdef");
  EXPECT_EQ(cat.Read(2), "ab");
  EXPECT_EQ(cat.Read(3), "cde");
  cat.CloseInput();
  EXPECT_EQ(cat.Read(9), "f");
}

TEST(ProcessTest, TellsTheSignalThatEndedIt) {
  Process cat({.argv = {"cat"}});
  cat.Signal(SIGTERM);
  EXPECT_EQ(cat.Wait().signal, SIGTERM);
  EXPECT_EQ(cat.Wait().exit_code, -1);
  EXPECT_FALSE(cat.running());
}

TEST(ProcessTest, RunsWhereItIsTold) {
  EXPECT_EQ(RunCommand({"pwd"}, "", "/").output, "/\n");
}

TEST(ProcessTest, ChildTakesSigpipe) {
  EXPECT_EQ(RunCommand({"sh", "-c", "kill -PIPE $$"}).signal, SIGPIPE);
}

TEST(ProcessTest, DestructorKillsAndReaps) {
  pid_t pid;
  {
    Process cat({.argv = {"cat"}});
    pid = cat.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);  // unless the number is in use again
}

}  // namespace
}  // namespace rondo
