#include "net/tcp/inherited_sockets.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/addresses.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Out of the way of those that a process inherits.
constexpr int kHigh = 200;

// What a service manager does before it starts a service.
struct Activation {
  std::vector<int> fds = {};     // become 3, 4, …
  std::string pid = "own";       // "own": the service's; "": unset
  std::string count = "of fds";  // the same
};

void Set(const char* name, const std::string& value) {
  if (value.empty()) {
    unsetenv(name);
  } else {
    setenv(name, value.c_str(), /*overwrite=*/1);
  }
}

void Activate(const Activation& activation) {
  int next = 3;
  for (const int fd : activation.fds) PCHECK(dup2(fd, next++) >= 0);
  Set("LISTEN_PID",
      activation.pid == "own" ? std::to_string(getpid()) : activation.pid);
  Set("LISTEN_FDS", activation.count == "of fds"
                        ? std::to_string(activation.fds.size())
                        : activation.count);
  Set("LISTEN_FDNAMES", "a:b");
}

bool NoVariablesLeft() {
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    if (std::getenv(name) != nullptr) return false;
  }
  return true;
}

// The addresses of the sockets that a service so started takes, or the error.
std::string Report() {
  const auto sockets = TakeInheritedSockets();
  if (!NoVariablesLeft()) return "variables are left";
  if (!sockets.ok()) return std::string(sockets.status().ToString());
  std::string report;
  for (const Socket& socket : *sockets) {
    report += std::to_string(socket.fd()) + " " +
              socket.LocalAddress()->ToString() + "\n";
    if ((fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) == 0) report += "inherited ";
    if ((fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) == 0) report += "blocking ";
  }
  return report;
}

// Report() in a process of its own.
std::string ReportOfService(const Activation& activation) {
  FdPair pipe = Pipe();
  const UniqueFd to = DuplicateAtOrAbove(pipe.b, kHigh);
  pipe.b.Reset();
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    Activate(activation);
    const std::string report = Report();
    if (!report.empty()) Write(to, report);
    _exit(0);
  }
  int status = -1;
  PCHECK(waitpid(child, &status, 0) == child);
  EXPECT_EQ(status, 0);
  return Read(pipe.a);
}

class InheritedSocketsTest : public ::testing::Test {
 protected:
  // A listening socket that is out of the way.
  int Listen() {
    const auto made = Socket::Listen(AbstractAddress(), {});
    const UniqueFd fd(dup(made->fd()));
    held_.push_back(DuplicateAtOrAbove(fd, kHigh));
    return held_.back().get();
  }

  std::string AddressOf(int fd) {
    return Socket(UniqueFd(dup(fd))).LocalAddress()->ToString();
  }

 private:
  std::vector<UniqueFd> held_;
};

TEST_F(InheritedSocketsTest, AreTakenInOrder) {
  const int one = Listen();
  const int two = Listen();
  EXPECT_EQ(ReportOfService({.fds = {one, two}}),
            "3 " + AddressOf(one) + "\n4 " + AddressOf(two) + "\n");
}

TEST_F(InheritedSocketsTest, AreNoneWithoutAServiceManager) {
  EXPECT_EQ(ReportOfService({.pid = "", .count = ""}), "");
  EXPECT_EQ(ReportOfService({.fds = {Listen()}, .count = ""}), "");
  EXPECT_EQ(ReportOfService({.fds = {Listen()}, .pid = ""}), "");
  EXPECT_EQ(ReportOfService({.count = "0"}), "");
}

TEST_F(InheritedSocketsTest, AreNotTakenFromAnotherProcess) {
  EXPECT_EQ(
      ReportOfService({.fds = {Listen()}, .pid = std::to_string(getpid())}),
      "");
}

TEST_F(InheritedSocketsTest, BadVariablesAreNamed) {
  for (const char* value : {"x", "-1", "3x", "99999999999", "2147483647"}) {
    const std::string report = ReportOfService({.count = value});
    EXPECT_THAT(report, StartsWith("INVALID_ARGUMENT: LISTEN_FDS=\"" +
                                   std::string(value) + "\""));
  }
  EXPECT_THAT(ReportOfService({.fds = {Listen()}, .pid = "x"}),
              StartsWith("INVALID_ARGUMENT: LISTEN_PID=\"x\""));
}

TEST_F(InheritedSocketsTest, BadDescriptorsAreNamed) {
  const FdPair pipe = Pipe();
  const UniqueFd no_socket = DuplicateAtOrAbove(pipe.a, kHigh);
  const std::string report =
      ReportOfService({.fds = {Listen(), no_socket.get()}});
  EXPECT_THAT(report, StartsWith("INVALID_ARGUMENT: LISTEN_FDS=2"));
  EXPECT_THAT(report, HasSubstr("descriptor 4"));
}

}  // namespace
}  // namespace rondo
