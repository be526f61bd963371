// A program that init_test starts: it prints what InitProgram() left behind.
#include <gflags/gflags.h>
#include <signal.h>
#include <sys/resource.h>

#include <iostream>

#include "base/init.h"

DEFINE_bool(fast, false, "Whether to hurry.");
DECLARE_int32(port);

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "Prints what it was told.");
  struct sigaction pipe_action;
  sigaction(SIGPIPE, nullptr, &pipe_action);
  std::cout << "port " << FLAGS_port << ", fast " << FLAGS_fast << ", SIGPIPE "
            << (pipe_action.sa_handler == SIG_IGN ? "ignored" : "kills")
            << "\n";
  rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  std::cout << "open files " << files.rlim_cur << " of " << files.rlim_max
            << "\n";
  return rondo::kExitOk;
}
