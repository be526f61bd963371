#ifndef RONDO_TESTS_NET_REACTOR_WARNINGS_H_
#define RONDO_TESTS_NET_REACTOR_WARNINGS_H_

#include <glog/logging.h>

#include <string>
#include <utility>
#include <vector>

namespace rondo {

// The warnings and errors that are logged while it lives. glog calls sinks
// under its own lock; Take() is for when nobody logs.
class Warnings final : public google::LogSink {
 public:
  Warnings() { google::AddLogSink(this); }
  ~Warnings() override { google::RemoveLogSink(this); }

  void send(google::LogSeverity severity, const char* /*path*/,
            const char* /*file*/, int /*line*/,
            const google::LogMessageTime& /*time*/, const char* message,
            size_t bytes) override {
    if (severity >= google::GLOG_WARNING) lines_.emplace_back(message, bytes);
  }

  // Those since the last call.
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_REACTOR_WARNINGS_H_
