#include "net/tcp/socket_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "net/tcp/socket.h"
#include "tests/net/tcp/addresses.h"

namespace rondo {
namespace {

class SocketFileTest : public ::testing::Test {
 protected:
  ~SocketFileTest() override { unlink(path_.c_str()); }

  void Listen() { socket_ = *Socket::Listen(address_, {}); }
  bool Exists() const { return access(path_.c_str(), F_OK) == 0; }

  const InetAddress address_ = UnixAddress("file");
  const std::string path_ = address_.unix_path();
  Socket socket_;
};

TEST_F(SocketFileTest, GoesWithItsOwner) {
  Listen();
  {
    const SocketFile file(address_);
    EXPECT_TRUE(file.valid());
    EXPECT_TRUE(Exists());
  }
  EXPECT_FALSE(Exists());
}

TEST_F(SocketFileTest, UnlinksOnce) {
  Listen();
  SocketFile file(address_);
  file.Unlink();
  EXPECT_FALSE(Exists());
  EXPECT_FALSE(file.valid());
  Listen();
  file.Unlink();
  EXPECT_TRUE(Exists());
}

TEST_F(SocketFileTest, KeepsTheFileOfWhoeverListensThereNow) {
  Listen();
  std::optional<SocketFile> file(address_);
  // Before the old file is gone, lest the new one gets its inode.
  const std::string aside = path_ + ".old";
  ASSERT_EQ(rename(path_.c_str(), aside.c_str()), 0);
  Listen();
  file.reset();
  EXPECT_TRUE(Exists());
  unlink(aside.c_str());
}

TEST_F(SocketFileTest, IsLeftToOthers) {
  Listen();
  {
    SocketFile file(address_);
    file.Release();
  }
  EXPECT_TRUE(Exists());
}

TEST_F(SocketFileTest, MovesWithItsDuty) {
  Listen();
  {
    SocketFile file(address_);
    { SocketFile gone(std::move(file)); }
    EXPECT_FALSE(Exists());
    EXPECT_FALSE(file.valid());
  }
  Listen();
  SocketFile file(address_);
  file = SocketFile();
  EXPECT_FALSE(Exists());
}

TEST_F(SocketFileTest, IsNoneForOtherFilesAndAddresses) {
  EXPECT_FALSE(SocketFile(address_).valid());
  std::ofstream(path_) << "precious";
  EXPECT_FALSE(SocketFile(address_).valid());
  EXPECT_TRUE(Exists());
  EXPECT_FALSE(SocketFile(AbstractAddress()).valid());
  EXPECT_FALSE(SocketFile(InetAddress()).valid());
  EXPECT_FALSE(SocketFile(*InetAddress::Parse("127.0.0.1:0")).valid());
}

}  // namespace
}  // namespace rondo
