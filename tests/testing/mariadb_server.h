#ifndef RONDO_TESTS_TESTING_MARIADB_SERVER_H_
#define RONDO_TESTS_TESTING_MARIADB_SERVER_H_

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "tests/examples/process.h"

namespace rondo {

// A MariaDB server of the test's own, in a folder of its own, which accepts
// connections when the constructor returns. It can be killed and started again
// at the same address, with the same data.
//
// Threading: one thread at a time. The system kills the server when the thread
// ends, however it does, that has started it last: by the constructor, or by
// Restart(). So a loop's thread that has may end before this, and takes the
// server with it.
// Ownership and lifetime: the destructor kills it and removes the folder.
// Errors: a server that does not start is a CHECK that shows its log.
//
// The first of a process makes the system tables, which takes half a second;
// the others copy them.
class MariaDbServer {
 public:
  struct Options {
    // Also listens on a free port of 127.0.0.1.
    bool network = false;
    std::vector<std::string> flags = {};  // of mariadbd
  };

  // Somebody who may do anything, and a database.
  static constexpr char kUser[] = "rondo";
  static constexpr char kPassword[] = "pass'word\\";
  static constexpr char kDatabase[] = "test";

  MariaDbServer() : MariaDbServer(Options{}) {}
  explicit MariaDbServer(Options options);
  MariaDbServer(const MariaDbServer&) = delete;
  MariaDbServer& operator=(const MariaDbServer&) = delete;
  ~MariaDbServer();

  std::string socket_path() const;
  uint16_t port() const { return port_; }  // 0 without network

  // As the power going out.
  void Kill();
  // Requires: it was killed.
  void Restart();
  // Between them it has its sockets and does nothing.
  void Freeze();
  void Thaw() { process_->Signal(SIGCONT); }

 private:
  std::vector<std::string> Command() const;
  // Starts it; false if it ends before it accepts.
  bool Start();
  bool AwaitReady(const UniqueFd& notices) const;
  std::string Log() const;

  const Options options_;
  const std::string folder_;
  uint16_t port_ = 0;
  std::optional<Process> process_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_MARIADB_SERVER_H_
