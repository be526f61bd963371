// Whom a Resolver asks that was given no servers: those of a file, which knows
// addresses but no ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "net/client/resolver.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "tests/net/client/dns_server.h"
#include "tests/net/client/resolver_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// A loopback address of this process only, for the port is the DNS's own.
InetAddress OwnAddress(int number) {
  const int pid = getpid();
  return *InetAddress::Parse(absl::StrCat(
      "127.", 64 + number, ".", (pid >> 8) & 0xff, ".", pid & 0xff, ":53"));
}

class ResolvConfTest : public ResolverFixture {
 protected:
  void SetUp() override {
    const auto tried = Socket::Listen(OwnAddress(0), {});
    if (absl::IsPermissionDenied(tried.status())) {
      GTEST_SKIP() << "this user may not use port 53: " << tried.status();
    }
    one_ = std::make_unique<DnsServer>(OwnAddress(1));
    other_ = std::make_unique<DnsServer>(OwnAddress(2));
    for (DnsServer* server : {one_.get(), other_.get()}) {
      server->Set("host.example", DnsType::kA, Addresses({"192.0.2.1"}));
    }
    other_->Set("late.example", DnsType::kA, Addresses({"192.0.2.9"}));
    Write(*one_);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  // Under the same name, as the programs do that keep the file.
  void Write(const DnsServer& server) {
    const std::string address = server.address().ToString();
    const std::string next = path_ + ".new";
    std::ofstream(next) << "nameserver "
                        << address.substr(0, address.rfind(':')) << "\n";
    ASSERT_EQ(std::rename(next.c_str(), path_.c_str()), 0);
  }

  const std::string path_ = ::testing::TempDir() + "/resolv.conf";
  std::unique_ptr<DnsServer> one_;
  std::unique_ptr<DnsServer> other_;
};

TEST_F(ResolvConfTest, ItsServersAreAsked) {
  Use({.resolv_conf = path_});
  EXPECT_TRUE(Ask("host.example").ok());
  EXPECT_EQ(one_->queries(), 1);
}

TEST_F(ResolvConfTest, AChangeCountsFromTheNextQuestionOn) {
  Use({.resolv_conf = path_});
  one_->Hold();
  const auto before = Begin("host.example");
  one_->AwaitQueries(1);

  Write(*other_);
  EXPECT_THAT(Texts(Ask("late.example")), ElementsAre("192.0.2.9"));
  one_->Release();
  EXPECT_TRUE(before->Await().ok()) << "what was asked before is answered";
  EXPECT_TRUE(absl::IsNotFound(Ask("nosuch.example").status()));
  EXPECT_EQ(one_->queries(), 1);
  EXPECT_EQ(other_->queries(), 2);
}

TEST_F(ResolvConfTest, AnswersStayInTheCacheWhenItChanges) {
  Use({.resolv_conf = path_});
  EXPECT_TRUE(Ask("host.example").ok());
  Write(*other_);
  EXPECT_TRUE(Ask("host.example").ok());
  EXPECT_EQ(other_->queries(), 0);
}

TEST_F(ResolvConfTest, DestroyedAfterAChangeItAnswersCancelled) {
  Use({.resolv_conf = path_});
  one_->Hold();
  const auto before = Begin("host.example");
  one_->AwaitQueries(1);
  Write(*other_);
  EXPECT_TRUE(Ask("late.example").ok());
  OnLoop([this] { resolver_.reset(); });
  EXPECT_TRUE(absl::IsCancelled(before->Await().status()));
}

TEST_F(ResolvConfTest, ServersThatAreGivenStayWhateverItSays) {
  ResolverOptions options = Options();
  options.resolv_conf = path_;
  Use(options);
  Write(*other_);
  (void)Ask("host.example");
  EXPECT_EQ(one_->queries() + other_->queries(), 0);
  EXPECT_EQ(server_.queries(), 1);
}

}  // namespace
}  // namespace rondo
