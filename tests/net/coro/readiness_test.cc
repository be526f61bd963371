#include "net/coro/readiness.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "net/coro/spawn.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

class ReadinessTest : public ::testing::Test {
 protected:
  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  FdPair pipe_ = Pipe();
  std::string log_;
};

std::string Code(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}

Task<> ReadToEnd(UniqueFd fd, std::string* log) {
  while (true) {
    const absl::Status ready = co_await Readable(fd.get());
    EXPECT_TRUE(ready.ok()) << ready;
    const std::string bytes = Read(fd);
    log->append("'" + bytes + "'");
    if (bytes.empty()) co_return;  // and closes it
  }
}

TEST_F(ReadinessTest, APipeIsReadToItsEnd) {
  Spawn(loop_.get(), ReadToEnd(std::move(pipe_.a), &log_));
  RunSteps(
      *loop_, [&] { Write(pipe_.b, "one"); }, Nothing(),
      [&] { Write(pipe_.b, "two"); }, Nothing(), [&] { pipe_.b.Reset(); },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "'one''two'''");
}

TEST_F(ReadinessTest, WhatIsReadyAlreadyIsReadyInTheNextTurn) {
  Write(pipe_.b, "there");
  pipe_.b.Reset();
  Spawn(loop_.get(), ReadToEnd(std::move(pipe_.a), &log_));
  RunSteps(*loop_, Until([this] { return log_.ends_with("''"); }));
  EXPECT_EQ(log_, "'there'''");
}

// The number is another's at once.
TEST_F(ReadinessTest, TheDescriptorMayBeClosedRightAfter) {
  static constexpr auto kBody = [](UniqueFd fd, std::string* log) -> Task<> {
    const absl::Status ready = co_await Readable(fd.get());
    const int number = fd.get();
    fd.Reset();
    FdPair other = Pipe();
    EXPECT_EQ(other.a.get(), number);
    Write(other.b, "other");
    const absl::Status ready_too = co_await Readable(other.a.get());
    log->append(Code(ready) + " " + Code(ready_too) + " " + Read(other.a));
  };
  Spawn(loop_.get(), kBody(std::move(pipe_.a), &log_));
  RunSteps(
      *loop_, [&] { Write(pipe_.b, "x"); },
      Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "OK OK other");
}

TEST_F(ReadinessTest, AnEndIsReadyForWritingToo) {
  static constexpr auto kBody = [](UniqueFd fd, std::string* log) -> Task<> {
    FillOutput(fd);
    log->append(Code(co_await Writable(fd.get())));
  };
  Spawn(loop_.get(), kBody(std::move(pipe_.b), &log_));
  RunSteps(
      *loop_, Nothing(), [&] { pipe_.a.Reset(); },
      Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "OK");
}

Task<> LogReadable(int fd, std::string* log) {
  log->append(Code(co_await Readable(fd)));
}

// epoll(7), which is what loops use unless told otherwise.
TEST_F(ReadinessTest, APlainFileIsRefused) {
  const UniqueFd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(file.valid());
  Spawn(loop_.get(), LogReadable(file.get(), &log_));
  RunSteps(*loop_, Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "INVALID_ARGUMENT");
}

TEST_F(ReadinessTest, AClosedDescriptorIsRefused) {
  const int number = pipe_.a.get();
  pipe_.a.Reset();
  Spawn(loop_.get(), LogReadable(number, &log_));
  RunSteps(*loop_, Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "INVALID_ARGUMENT");
}

TEST_F(ReadinessTest, ARefusedConnectionIsReady) {
  const UniqueFd connection = RefusedConnection();
  Spawn(loop_.get(), LogReadable(connection.get(), &log_));
  RunSteps(*loop_, Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "OK");
}

}  // namespace
}  // namespace rondo
