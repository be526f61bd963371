#ifndef RONDO_TESTS_NET_HTTP_FILES_FILE_SERVER_FIXTURE_H_
#define RONDO_TESTS_NET_HTTP_FILES_FILE_SERVER_FIXTURE_H_

#include <string>
#include <string_view>
#include <vector>

#include "net/http/files/file_options.h"
#include "net/tcp/connection_limits.h"
#include "tests/net/http/files/temp_tree.h"
#include "tests/net/tcp/server_fixture.h"

namespace rondo {

// What a client gets.
struct FileReply {
  int status = 0;
  std::string head;
  std::string body;

  // The value of a field of the head; "none" if there is none.
  std::string Field(std::string_view name) const;
};

// The next reply of a connection, with as much of a body as its Content-Length
// says; `has_body` is false for HEAD.
FileReply ReadReply(LoopbackClient& client, bool has_body = true);

// A server of files, and clients of it.
class FileServerFixture : public ServerFixture {
 protected:
  ~FileServerFixture() override { server_.reset(); }

  // Serves temp_ at place + "/{path...}", with as many threads.
  void Serve(const FileOptions& options = {}, const std::string& place = "",
             int threads = 1);

  // The reply to a request on a connection of its own. Fields are whole lines
  // without their ends.
  FileReply Ask(std::string_view method, std::string_view path,
                const std::vector<std::string>& fields = {});
  FileReply Get(std::string_view path,
                const std::vector<std::string>& fields = {}) {
    return Ask("GET", path, fields);
  }

  TempTree temp_;
  ConnectionLimits limits_;  // that Serve() gives the server
};

// A request's head. It keeps the connection.
std::string FileRequest(std::string_view method, std::string_view path,
                        const std::vector<std::string>& fields = {});

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FILES_FILE_SERVER_FIXTURE_H_
