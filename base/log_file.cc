#include "base/log_file.h"

#include <fcntl.h>
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/unique_fd.h"

DEFINE_string(log_file, "",
              "append the log to this file, which servers open anew on SIGHUP; "
              "empty: log to stderr");

namespace rondo {
namespace {

constexpr mode_t kMode = 0644;

// Puts `path` in the place of stderr. dup2() is atomic: a line that another
// thread writes meanwhile goes to the old file or to the new one.
absl::Status RedirectStderr(const std::string& path) {
  UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  if (!file.valid() || ::dup2(file.get(), STDERR_FILENO) < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  // Started without a stderr, the program has just opened it.
  if (file.get() == STDERR_FILENO) (void)file.Release();
  return absl::OkStatus();
}

// Held while the file is opened: of two who reopen it at once, the later must
// not leave the log in what the earlier had opened before a rename.
Mutex mu;

}  // namespace

absl::Status OpenLogFile() {
  if (FLAGS_log_file.empty()) return absl::OkStatus();
  MutexLock lock(&mu);
  return RedirectStderr(FLAGS_log_file);
}

void ReopenLogFile() {
  const absl::Status opened = OpenLogFile();
  if (!opened.ok()) LOG(ERROR) << "--log_file: " << opened.message();
}

}  // namespace rondo
