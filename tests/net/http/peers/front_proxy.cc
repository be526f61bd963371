#include "tests/net/http/peers/front_proxy.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;
using Kind = FrontProxy::Kind;

constexpr char kNginxProgram[] = "/usr/sbin/nginx";
constexpr char kHaproxyProgram[] = "/usr/sbin/haproxy";

// $0 is the user's line, $1 the server's port, $2 whether requests are
// buffered.
constexpr char kNginxConfig[] = R"($0
worker_processes 1; pid pid; error_log error.log; daemon off;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000; client_max_body_size 0;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream server {
    server 127.0.0.1:$1; keepalive 1; keepalive_requests 1000000;
  }
  server {
    listen unix:front.sock backlog=1024;
    location / {
      proxy_pass http://server; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header X-Passed-On yes;
      proxy_next_upstream off;
      proxy_request_buffering $2;
    }
  }
}
)";

// $0 is the server's port.
constexpr char kHaproxyConfig[] = R"(
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 30s
  timeout client 30s
  timeout server 30s
  timeout queue 30s
  http-reuse always
  retries 0
listen front
  bind unix@front.sock
  http-request set-header X-Passed-On yes
  server only 127.0.0.1:$0 maxconn 1
)";

std::string ConfigOf(Kind kind, uint16_t port) {
  if (kind == Kind::kHaproxy) return absl::Substitute(kHaproxyConfig, port);
  // Without the first line its workers could not write to the directory.
  return absl::Substitute(kNginxConfig, geteuid() == 0 ? "user root;" : "",
                          port, kind == Kind::kNginx ? "on" : "off");
}

std::vector<std::string> CommandOf(Kind kind, const std::string& directory) {
  const std::string config = directory + "/config";
  if (kind == Kind::kHaproxy) return {kHaproxyProgram, "-db", "-f", config};
  return {kNginxProgram,           "-p", directory, "-c", config, "-e",
          directory + "/error.log"};
}

bool TakesConnections(const InetAddress& address) {
  const UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  PCHECK(fd.valid());
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  return connect(fd.get(), native, length) == 0;
}

}  // namespace

bool FrontProxy::IsInstalled(Kind kind) {
  return fs::exists(kind == Kind::kHaproxy ? kHaproxyProgram : kNginxProgram);
}

FrontProxy::FrontProxy(Kind kind, uint16_t server_port)
    : directory_fd_(
          open(directory_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  PCHECK(directory_fd_.valid()) << directory_.path();
  std::ofstream(directory_ / "config") << ConfigOf(kind, server_port);
  process_ = std::make_unique<Process>(
      Process::Options{.argv = CommandOf(kind, directory_.path()),
                       .directory = directory_.path()});
  // They say nothing when they listen.
  CHECK(Eventually([this] { return TakesConnections(address()); }))
      << ToString(kind)
      << " does not start: " << Contents(directory_ / "error.log");
}

FrontProxy::~FrontProxy() {
  process_->Signal(SIGTERM);
  process_->Wait();
}

InetAddress FrontProxy::address() const {
  return *InetAddress::Parse(
      absl::StrCat("unix:/proc/self/fd/", directory_fd_.get(), "/front.sock"));
}

std::string ToString(Kind kind) {
  switch (kind) {
    case Kind::kNginx:
      return "Nginx";
    case Kind::kNginxPassing:
      return "NginxPassing";
    case Kind::kHaproxy:
      return "Haproxy";
  }
  return "";
}

}  // namespace rondo
