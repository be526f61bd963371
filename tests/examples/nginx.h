#ifndef RONDO_TESTS_EXAMPLES_NGINX_H_
#define RONDO_TESTS_EXAMPLES_NGINX_H_

#include <memory>
#include <string>

#include "tests/examples/process.h"

namespace rondo {

// A running nginx that answers every request with "hello from nginx" and then
// closes, on a unix socket in `directory`, which it makes anew. Its processes
// end with it.
class Nginx {
 public:
  static constexpr char kAnswer[] = "hello from nginx\n";

  explicit Nginx(std::string directory);
  ~Nginx();

  // Relative to the directory, as paths of unix sockets must be short.
  std::string address() const { return "unix:nginx.sock"; }
  const std::string& directory() const { return directory_; }

  // Starts new worker processes on the same socket; the old ones finish what
  // they have begun.
  void ReplaceWorkers();

 private:
  const std::string directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_NGINX_H_
