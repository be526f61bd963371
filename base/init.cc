#include "base/init.h"

#include <gflags/gflags.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/log_file.h"

DECLARE_bool(help);
DECLARE_bool(helpfull);
DECLARE_bool(helpshort);

namespace rondo {
namespace {

using FlagGroup = std::vector<gflags::CommandLineFlagInfo>;

// Our own files are compiled from the top of the workspace; gflags' and glog's
// have absolute paths, or such that begin with a dot.
bool IsOwnFlag(const gflags::CommandLineFlagInfo& flag) {
  return !flag.filename.starts_with('/') && !flag.filename.starts_with('.');
}

std::string GroupTitle(const std::string& path) {
  std::string title = path.substr(path.rfind('/') + 1);
  title = title.substr(0, title.rfind('.'));
  for (char& c : title) c = c == '_' ? ' ' : c;
  return title;
}

void PrintHelp(std::string_view usage) {
  FlagGroup flags;
  gflags::GetAllFlags(&flags);  // sorted by file, then by name
  std::cout << usage << "\n";
  std::string group;
  for (const auto& flag : flags) {
    if (!IsOwnFlag(flag)) continue;
    if (flag.filename != group) {
      group = flag.filename;
      std::cout << "\n" << GroupTitle(group) << ":\n";
    }
    const std::string quote = flag.type == "string" ? "\"" : "";
    std::cout << "  --" << flag.name << "  (" << flag.type << ", default "
              << quote << flag.default_value << quote << ")\n      "
              << flag.description << "\n";
  }
  std::cout << "\nlogging: glog's flags, such as --minloglevel=1 (no INFO) and "
               "--v=1 (more); --helpfull lists all.\n";
}

// The soft limit is low for programs that select(2) on any descriptor they get,
// and ours refuse high ones: Go's runtime raises it for the same reason.
void RaiseOpenFilesLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // if refused, the old one has to do
}

}  // namespace

void InitProgram(int argc, char** argv, std::string_view usage) {
  signal(SIGPIPE, SIG_IGN);
  RaiseOpenFilesLimit();
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  gflags::SetUsageMessage(std::string(usage));
  gflags::ParseCommandLineNonHelpFlags(&argc, &argv, /*remove_flags=*/true);
  if (FLAGS_help || FLAGS_helpshort) {
    PrintHelp(usage);
    std::exit(kExitOk);
  }
  gflags::HandleCommandLineHelpFlags();
  if (argc > 1) {
    std::cerr << "ERROR: unexpected argument '" << argv[1]
              << "': this program takes flags only, see --help\n";
    std::exit(kExitBadFlags);
  }
  const absl::Status log_opened = OpenLogFile();
  if (!log_opened.ok()) {
    std::cerr << "ERROR: --log_file: " << log_opened.message() << "\n";
    std::exit(kExitBadFlags);
  }
}

}  // namespace rondo
