#include "tests/testing/mariadb_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

// The first bytes of the server's greeting; none if nobody is there.
std::string Greeting(const std::string& path) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) != 0) {
    return "";
  }
  return AwaitInput(fd.get()) ? Read(fd) : "";
}

bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

TEST(MariaDbServerTest, AcceptsWhenItIsMadeAndLeavesNothing) {
  std::string path;
  {
    MariaDbServer server;
    path = server.socket_path();
    EXPECT_NE(Greeting(path).find("MariaDB"), std::string::npos);
  }
  EXPECT_EQ(Greeting(path), "");
  EXPECT_FALSE(Exists(path.substr(0, path.rfind('/'))));
}

TEST(MariaDbServerTest, StartsAgainWhereItWasKilled) {
  MariaDbServer server;
  server.Kill();
  EXPECT_EQ(Greeting(server.socket_path()), "");
  server.Restart();
  EXPECT_NE(Greeting(server.socket_path()).find("MariaDB"), std::string::npos);
}

}  // namespace
}  // namespace rondo
