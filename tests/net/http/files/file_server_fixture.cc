#include "tests/net/http/files/file_server_fixture.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "net/http/files/file_finder.h"
#include "net/http/files/file_handler.h"
#include "net/http/files/mime_types.h"
#include "net/http/http_callbacks.h"
#include "net/http/http_options.h"
#include "net/http/http_service.h"
#include "net/http/router.h"

namespace rondo {
namespace {

constexpr std::string_view kTypes = "text/html html\ntext/plain txt";
constexpr std::string_view kBlankLine = "\r\n\r\n";

std::shared_ptr<const FileFinder> NewFinder(const std::string& root,
                                            const FileOptions& options) {
  auto types = MimeTypes::Parse(kTypes, "types", MimeTypes::TextIs::kUnsaid);
  CHECK(types.ok()) << types.status();
  auto finder = FileFinder::Create(root, options, *std::move(types));
  CHECK(finder.ok()) << finder.status();
  return std::make_shared<const FileFinder>(*std::move(finder));
}

}  // namespace

std::string FileReply::Field(std::string_view name) const {
  const std::string line = "\r\n" + std::string(name) + ": ";
  const size_t found = head.find(line);
  if (found == std::string::npos) return "none";
  const size_t begin = found + line.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

FileReply ReadReply(LoopbackClient& client, bool has_body) {
  FileReply reply;
  while (!reply.head.ends_with(kBlankLine)) {
    const std::string byte = client.Receive(1);
    if (byte.empty()) break;  // the stream has ended
    reply.head += byte;
  }
  const bool has_status =  // HTTP/1.1 200 OK
      reply.head.size() > 12 &&
      absl::SimpleAtoi(reply.head.substr(9, 3), &reply.status);
  EXPECT_TRUE(has_status) << "'" << reply.head << "'";
  size_t length = 0;
  const bool has_length =
      absl::SimpleAtoi(reply.Field("Content-Length"), &length);
  EXPECT_NE(has_length, reply.status == 304) << reply.head;
  if (has_body) {
    reply.body = client.Receive(length);
    EXPECT_EQ(reply.body.size(), length);
  }
  return reply;
}

std::string FileRequest(std::string_view method, std::string_view path,
                        const std::vector<std::string>& fields) {
  std::string request = std::string(method) + " " + std::string(path) +
                        " HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& field : fields) request += field + "\r\n";
  return request + "\r\n";
}

void FileServerFixture::Serve(const FileOptions& options,
                              const std::string& place, int threads) {
  Router router;
  router.Add("GET", place + "/{path...}",
             FileHandler(NewFinder(temp_.root(), options), place));
  TcpServerOptions tcp = LoopbackOptions(threads);
  tcp.limits = limits_;
  Start(std::move(tcp), HttpCallbacks(std::make_shared<const HttpService>(
                            std::move(router), HttpOptions())));
}

FileReply FileServerFixture::Ask(std::string_view method, std::string_view path,
                                 const std::vector<std::string>& fields) {
  LoopbackClient client = Connect();
  std::vector<std::string> all = fields;
  all.push_back("Connection: close");
  EXPECT_TRUE(client.Send(FileRequest(method, path, all)));
  FileReply reply = ReadReply(client, method != "HEAD");
  EXPECT_EQ(client.ReceiveAll(), "") << "behind the reply";
  return reply;
}

}  // namespace rondo
