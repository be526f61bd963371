// A program that log_file_test starts: carries out the lines of its input.
//
//   log TEXT         logs TEXT
//   print TEXT       prints TEXT to stderr
//   rename FROM TO   renames a file
//   reopen           calls ReopenLogFile()
//   descriptors      prints how many are open to stdout
//   storm N          N lines from each of three threads, while the log file is
//                    renamed to PATH.1, PATH.2, … and opened anew
#include <dirent.h>
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <stdio.h>

#include <atomic>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/init.h"
#include "base/log_file.h"

DECLARE_string(log_file);

namespace rondo {
namespace {

int OpenDescriptors() {
  int count = 0;
  DIR* const dir = opendir("/proc/self/fd");
  PCHECK(dir != nullptr);
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

void Storm(int lines) {
  constexpr int kThreads = 3;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([lines, t, &running] {
      for (int i = 0; i < lines; ++i) LOG(INFO) << "line " << t << "-" << i;
      --running;
    });
  }
  for (int i = 1; running > 0; ++i) {
    const std::string renamed = FLAGS_log_file + "." + std::to_string(i);
    PCHECK(rename(FLAGS_log_file.c_str(), renamed.c_str()) == 0);
    ReopenLogFile();
  }
  for (std::thread& thread : threads) thread.join();
}

void CarryOut(const std::string& line) {
  std::istringstream in(line);
  std::string verb;
  in >> verb >> std::ws;
  if (verb == "log" || verb == "print") {
    std::string text;
    std::getline(in, text);
    if (verb == "log") LOG(INFO) << text;
    if (verb == "print") std::cerr << text << std::endl;
  } else if (verb == "rename") {
    std::string from;
    std::string to;
    in >> from >> to;
    PCHECK(rename(from.c_str(), to.c_str()) == 0);
  } else if (verb == "reopen") {
    ReopenLogFile();
  } else if (verb == "descriptors") {
    std::cout << OpenDescriptors() << std::endl;
  } else if (verb == "storm") {
    int lines;
    in >> lines;
    Storm(lines);
  } else {
    LOG(FATAL) << "no such command: " << line;
  }
}

}  // namespace
}  // namespace rondo

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "Logs what it is told.");
  std::string line;
  while (std::getline(std::cin, line)) rondo::CarryOut(line);
  return rondo::kExitOk;
}
