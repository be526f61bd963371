#include "tests/examples/nginx.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

constexpr char kConfig[] = R"(
worker_processes 2; pid nginx.pid; error_log error.log; daemon off;
events { worker_connections 1024; }
http {
  access_log off; keepalive_timeout 0;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen unix:nginx.sock backlog=1024;
    location / { return 200 "hello from nginx\n"; }
  }
}
)";

}  // namespace

Nginx::Nginx(std::string directory) : directory_(std::move(directory)) {
  fs::remove_all(directory_);
  CHECK(fs::create_directories(directory_));
  std::ofstream config(directory_ + "/nginx.conf");
  // Or its workers could not write to the directory.
  if (geteuid() == 0) config << "user root;";
  config << kConfig;
  config.close();
  process_ = std::make_unique<Process>(Process::Options{
      .argv = {"/usr/sbin/nginx", "-p", directory_, "-c",
               directory_ + "/nginx.conf", "-e", directory_ + "/error.log"},
      .directory = directory_});
  // It says nothing when it listens.
  CHECK(Eventually([this] { return fs::exists(directory_ + "/nginx.pid"); }))
      << "nginx does not start, see " << directory_ << "/error.log";
}

Nginx::~Nginx() {
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->Wait().exit_code, 0);
}

void Nginx::ReplaceWorkers() { process_->Signal(SIGHUP); }

}  // namespace rondo
