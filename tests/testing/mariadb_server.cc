#include "tests/testing/mariadb_server.h"

#include <glog/logging.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

constexpr char kMariaDbd[] = "/usr/sbin/mariadbd";
constexpr char kShare[] = "/usr/share/mysql";

// Short: TEST_TMPDIR can be longer than a unix path may be.
std::string NewFolder() {
  char path[] = "/tmp/rondo_mdb_XXXXXX";
  CHECK(mkdtemp(path) != nullptr) << path;
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Small, and without a disk's certainty.
std::vector<std::string> CommonFlags(const std::string& data) {
  std::vector<std::string> flags = {
      kMariaDbd,
      "--no-defaults",
      "--datadir=" + data,
      // In /tmp it would meet others' files: names have the process's number,
      // which in sandboxes is not its own.
      "--tmpdir=" + data,
      "--debug-no-sync",
      "--skip-log-bin",
      "--skip-name-resolve",
      "--open-files-limit=1024",
      "--aria-log-file-size=8M",
      "--innodb-buffer-pool-size=8M",
      "--innodb-log-file-size=4M",
      "--innodb-data-file-path=ibdata1:4M:autoextend",
      "--innodb-autoextend-increment=1",
      "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
      "--innodb-flush-method=nosync",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-doublewrite=0",
      "--innodb-fast-shutdown=2",
      "--skip-innodb-use-native-aio",
  };
  if (geteuid() == 0) flags.push_back("--user=root");
  return flags;
}

// One statement a line, or as the scripts have it.
std::string BootstrapSql() {
  return absl::StrCat(
      "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n",
      ReadFile(absl::StrCat(kShare, "/mysql_system_tables.sql")), "\n",
      ReadFile(absl::StrCat(kShare, "/mysql_system_tables_data.sql")), "\n",
      "CREATE DATABASE ", MariaDbServer::kDatabase, ";\nFLUSH PRIVILEGES;\n",
      "CREATE USER ", MariaDbServer::kUser,
      " IDENTIFIED BY 'pass''word\\\\';\nGRANT ALL ON *.* TO ",
      MariaDbServer::kUser, ";\n");
}

// A data folder for others to copy, for as long as the process runs.
class Template {
 public:
  Template() : folder_(NewFolder()) {
    fs::create_directory(data());
    std::vector<std::string> command = CommonFlags(data());
    command.push_back("--bootstrap");
    const Ended ended = RunCommand(std::move(command), BootstrapSql());
    CHECK_EQ(ended.exit_code, 0) << "mariadbd --bootstrap: " << ended.errors;
  }
  ~Template() { fs::remove_all(folder_); }

  std::string data() const { return folder_ + "/data"; }

 private:
  const std::string folder_;
};

// Somebody else may have it when it is used.
uint16_t FindFreePort() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  PCHECK(bind(fd.get(), any, length) == 0);
  PCHECK(getsockname(fd.get(), any, &length) == 0);
  return ntohs(address.sin_port);
}

// Where the server tells of itself, see sd_notify(3).
UniqueFd NoticeSocket(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  CHECK_LT(path.size(), sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size());
  fs::remove(path);
  PCHECK(bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) == 0);
  return fd;
}

}  // namespace

MariaDbServer::MariaDbServer(Options options)
    : options_(std::move(options)), folder_(NewFolder()) {
  static const Template data;
  fs::copy(data.data(), folder_ + "/data", fs::copy_options::recursive);
  constexpr int kTries = 5;  // with other ports
  bool started = false;
  for (int i = 0; i < kTries && !started; ++i) {
    if (options_.network) port_ = FindFreePort();
    started = Start();
  }
  CHECK(started) << "mariadbd does not start:\n" << Log();
}

MariaDbServer::~MariaDbServer() {
  Kill();
  fs::remove_all(folder_);
}

std::string MariaDbServer::socket_path() const { return folder_ + "/socket"; }

std::string MariaDbServer::Log() const { return ReadFile(folder_ + "/log"); }

void MariaDbServer::Freeze() {
  process_->Signal(SIGSTOP);
  siginfo_t info;
  PCHECK(waitid(P_PID, process_->pid(), &info, WSTOPPED | WNOWAIT) == 0);
}

void MariaDbServer::Kill() {
  if (!process_) return;
  process_->Signal(SIGKILL);
  process_->Wait();
  process_.reset();
}

void MariaDbServer::Restart() {
  CHECK(!process_.has_value());
  CHECK(Start()) << "mariadbd does not start again:\n" << Log();
}

std::vector<std::string> MariaDbServer::Command() const {
  std::vector<std::string> command = {"env",
                                      "NOTIFY_SOCKET=" + folder_ + "/notices",
                                      "setpriv", "--pdeathsig", "KILL"};
  for (std::string& flag : CommonFlags(folder_ + "/data")) {
    command.push_back(std::move(flag));
  }
  command.push_back("--socket=" + socket_path());
  command.push_back("--pid-file=" + folder_ + "/pid");
  command.push_back("--log-error=" + folder_ + "/log");
  if (options_.network) {
    command.push_back("--bind-address=127.0.0.1");
    command.push_back(absl::StrCat("--port=", port_));
  } else {
    command.push_back("--skip-networking");
  }
  command.insert(command.end(), options_.flags.begin(), options_.flags.end());
  return command;
}

bool MariaDbServer::Start() {
  const UniqueFd notices = NoticeSocket(folder_ + "/notices");
  process_.emplace(Process::Options{.argv = Command()});
  if (AwaitReady(notices)) return true;
  Kill();
  return false;
}

bool MariaDbServer::AwaitReady(const UniqueFd& notices) const {
  const UniqueFd process(
      static_cast<int>(syscall(SYS_pidfd_open, process_->pid(), 0)));
  PCHECK(process.valid()) << "pidfd_open";
  pollfd fds[] = {{.fd = notices.get(), .events = POLLIN, .revents = 0},
                  {.fd = process.get(), .events = POLLIN, .revents = 0}};
  const int bound =
      static_cast<int>(absl::ToInt64Milliseconds(Process::kBound));
  while (poll(fds, std::size(fds), bound) > 0) {
    if (fds[0].revents == 0) return false;  // it has ended
    char text[4096];
    const ssize_t n = recv(notices.get(), text, sizeof(text), 0);
    PCHECK(n >= 0);
    if (std::string(text, n).find("READY=1") != std::string::npos) return true;
  }
  return false;
}

}  // namespace rondo
