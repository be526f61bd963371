// No descriptor is closed twice: the second time it would be another thread's.
// close(2) is replaced here by one that looks, for all of this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "net/mysql/blocking_mysql_client.h"
#include "net/mysql/mysql_pool.h"
#include "net/tcp/socket.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/tcp/addresses.h"

namespace {

std::atomic<int> closed_twice{0};

}  // namespace

extern "C" int close(int fd) {
  const long result = syscall(SYS_close, fd);
  if (result != 0 && errno == EBADF) ++closed_twice;
  return static_cast<int>(result);
}

namespace rondo {
namespace {

class MySqlCloseTest : public MySqlFixture {
 protected:
  void TearDown() override {
    MySqlFixture::TearDown();
    EXPECT_EQ(closed_twice, 0);
  }

  void ExpectUnavailable(const Endpoint& server) {
    const MySqlOptions mysql = {.server = server, .user = "me"};
    MakePool({.mysql = mysql});
    EXPECT_TRUE(absl::IsUnavailable(Query("SELECT 1").status()));
    DestroyPool();
    BlockingMySqlClient client({.mysql = mysql});
    EXPECT_TRUE(absl::IsUnavailable(client.Query("SELECT 1").status()));
  }
};

TEST_F(MySqlCloseTest, NoSocketFile) { ExpectUnavailable(UnixAddress("none")); }

TEST_F(MySqlCloseTest, ASocketFileThatNobodyListensOn) {
  const InetAddress address = UnixAddress("dead");
  {
    auto socket = Socket::Listen(address, {});
    ASSERT_TRUE(socket.ok()) << socket.status();
  }  // the file stays
  ExpectUnavailable(address);
}

TEST_F(MySqlCloseTest, AClosedPort) {
  const RefusingAddress nobody;
  ExpectUnavailable(nobody.address());
}

TEST_F(MySqlCloseTest, AServerThatAnswers) {
  StartServer({});
  MakePool({.mysql = OptionsFor(server())});
  EXPECT_TRUE(Query("SELECT 1").ok());
  DestroyPool();
}

TEST_F(MySqlCloseTest, TheCountSeesASecondClose) {
  const int fd = dup(STDERR_FILENO);
  close(fd);
  close(fd);
  EXPECT_EQ(closed_twice.exchange(0), 1);
}

}  // namespace
}  // namespace rondo
