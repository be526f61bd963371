// The main() of every test: logs to stderr, ignores SIGPIPE as every server
// does, and fails tests that leave a descriptor or a thread behind.
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>

#include <thread>

#include "tests/testing/leak_listener.h"

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  signal(SIGPIPE, SIG_IGN);
  // ThreadSanitizer starts a thread of its own beside a program's first one. It
  // is no test's, so it must not start in a test.
  std::thread([] {}).join();
  // So that glog's first lines, in several threads at once, do not all read the
  // time zone: ThreadSanitizer does not see what the C library locks for it.
  tzset();
  testing::InitGoogleMock(&argc, argv);
  // Owned by GoogleTest.
  testing::UnitTest::GetInstance()->listeners().Append(new rondo::LeakListener);
  return RUN_ALL_TESTS();
}
