#include "tests/examples/process.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ostream>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace rondo {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe NewPipe() {
  int fds[2];
  PCHECK(pipe2(fds, O_CLOEXEC) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void MakeNonBlocking(const UniqueFd& fd) {
  PCHECK(fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0);
}

// Appends what can be read now to `to`; closes `fd` at its end.
void ReadAvailable(UniqueFd& fd, std::string& to) {
  char bytes[65536];
  ssize_t n = 1;
  while (fd.valid() && n > 0) {
    n = read(fd.get(), bytes, sizeof(bytes));
    if (n > 0) to.append(bytes, n);
  }
  if (n == 0) fd.Reset();
}

}  // namespace

void PrintTo(const Ended& ended, std::ostream* out) {
  *out << "exit code " << ended.exit_code << ", signal " << ended.signal
       << "\n--- output:\n"
       << ended.output << "--- errors:\n"
       << ended.errors;
}

Process::Process(Options options) : options_(std::move(options)) {
  Pipe in = NewPipe();
  Pipe out = NewPipe();
  Pipe err = NewPipe();
  Spawn(in.read.get(), out.write.get(), err.write.get());
  in_ = std::move(in.write);
  out_ = std::move(out.read);
  err_ = std::move(err.read);
  MakeNonBlocking(in_);
  MakeNonBlocking(out_);
  MakeNonBlocking(err_);
}

Process::~Process() {
  if (!running()) return;
  Signal(SIGKILL);
  Wait();
}

void Process::Spawn(int in, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& arg : options_.argv) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  if (!options_.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&files, options_.directory.c_str());
  }
  // Tests ignore SIGPIPE, which would be inherited.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  const int error =
      posix_spawnp(&pid_, argv[0], &files, &attributes, argv.data(), environ);
  CHECK_EQ(error, 0) << "cannot start " << argv[0] << ": "
                     << std::strerror(error) << "; has tools/setup run?";
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  pid_fd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  PCHECK(pid_fd_.valid()) << "pidfd_open";
}

std::string Process::ReadLine() {
  size_t end = 0;
  PumpUntil([&] {
    end = ended_.output.find('\n', read_bytes_);
    return end != std::string::npos;
  });
  if (end == std::string::npos) end = ended_.output.find('\n', read_bytes_);
  const std::string line = ended_.output.substr(
      read_bytes_, end == std::string::npos ? end : end - read_bytes_);
  read_bytes_ = std::min(read_bytes_ + line.size() + 1, ended_.output.size());
  return line;
}

std::string Process::Read(size_t bytes) {
  PumpUntil([&] { return ended_.output.size() - read_bytes_ >= bytes; });
  const std::string result = ended_.output.substr(read_bytes_, bytes);
  read_bytes_ += result.size();
  return result;
}

void Process::Signal(int signal) {
  if (running()) PCHECK(kill(pid_, signal) == 0);
}

const Ended& Process::Wait() {
  PumpUntil([] { return false; });
  if (running()) {  // and the test has failed
    Signal(SIGKILL);
    PumpUntil([] { return false; });
  }
  return ended_;
}

void Process::PumpUntil(absl::FunctionRef<bool()> done) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline =
      Clock::now() + absl::ToChronoSeconds(kBound);
  while (!done() && running()) {
    const absl::Duration left = absl::FromChrono(deadline - Clock::now());
    if (left > absl::ZeroDuration() && PumpOnce(left)) continue;
    if (done()) return;
    ADD_FAILURE() << absl::StrJoin(options_.argv, " ") << ": nothing for "
                  << kBound << "\n--- output:\n"
                  << ended_.output << "--- errors:\n"
                  << ended_.errors;
    return;
  }
}

bool Process::PumpOnce(absl::Duration timeout) {
  if (input_ends_ && input_.empty()) in_.Reset();
  pollfd fds[] = {
      {.fd = pid_fd_.get(), .events = POLLIN, .revents = 0},
      {.fd = out_.get(), .events = POLLIN, .revents = 0},
      {.fd = err_.get(), .events = POLLIN, .revents = 0},
      // A closed one has the number -1, which poll() skips.
      {.fd = input_.empty() ? -1 : in_.get(), .events = POLLOUT, .revents = 0},
  };
  const int n = poll(fds, std::size(fds),
                     static_cast<int>(absl::ToInt64Milliseconds(timeout)) + 1);
  if (n == 0) return false;
  PCHECK(n > 0 || errno == EINTR) << "poll";
  ReadAvailable(out_, ended_.output);
  ReadAvailable(err_, ended_.errors);
  if (fds[3].revents != 0) WriteInput();
  if (fds[0].revents != 0) Reap();
  return true;
}

void Process::WriteInput() {
  const ssize_t n = write(in_.get(), input_.data(), input_.size());
  if (n >= 0) {
    input_.erase(0, n);
  } else if (errno != EAGAIN && errno != EINTR) {  // it reads no more
    input_.clear();
    in_.Reset();
  }
}

void Process::Reap() {
  int status = 0;
  PCHECK(waitpid(pid_, &status, 0) == pid_);
  if (WIFEXITED(status)) ended_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended_.signal = WTERMSIG(status);
  pid_ = 0;
  // What it wrote last. A pipe may live on in the program's own children.
  ReadAvailable(out_, ended_.output);
  ReadAvailable(err_, ended_.errors);
}

Ended RunCommand(std::vector<std::string> argv, std::string_view input,
                 std::string directory) {
  Process process({.argv = std::move(argv), .directory = std::move(directory)});
  process.Write(input);
  process.CloseInput();
  return process.Wait();
}

}  // namespace rondo
