#ifndef RONDO_TESTS_EXAMPLES_PROCESS_H_
#define RONDO_TESTS_EXAMPLES_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace rondo {

// How a program ended and all that it wrote.
struct Ended {
  int exit_code = -1;  // -1: a signal ended it
  int signal = 0;
  std::string output;  // standard output
  std::string errors;  // standard error
};

// How GoogleTest prints it.
void PrintTo(const Ended& ended, std::ostream* out);

// A program that runs beside the test, with pipes to its standard streams.
//
// Threading: one thread at a time.
// Ownership and lifetime: the destructor kills it if it still runs, and reaps
// it. Nothing is left behind.
// Errors: whatever takes longer than kBound fails the test, and so does a
// program that cannot be started. The bound is for hangs only: no test that
// passes comes near it.
//
// Example:
//   Process cat({.argv = {"cat"}});
//   cat.Write("hello\n");
//   EXPECT_EQ(cat.ReadLine(), "hello");
//   cat.CloseInput();
//   EXPECT_EQ(cat.Wait().exit_code, 0);
class Process {
 public:
  static constexpr absl::Duration kBound = absl::Seconds(60);

  struct Options {
    std::vector<std::string> argv;  // argv[0] without a slash: from the PATH
    std::string directory = {};     // where it runs; empty: where the test does
  };

  explicit Process(Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }

  // Hands over standard input. It is written while one of the calls below
  // waits.
  void Write(std::string_view bytes) { input_.append(bytes); }
  // Standard input ends after what was handed over.
  void CloseInput() { input_ends_ = true; }

  // The next line of standard output, without its end; what is left of it if
  // the program ends.
  std::string ReadLine();
  // The next `bytes` of standard output; fewer if the program ends.
  std::string Read(size_t bytes);

  void Signal(int signal);
  // Waits until it has ended; kills it if that takes too long.
  const Ended& Wait();

 private:
  void Spawn(int in, int out, int err);
  // Moves bytes between the pipes and here until `done`, or until the program
  // has ended. Fails the test if it takes too long.
  void PumpUntil(absl::FunctionRef<bool()> done);
  // One poll() that waits up to `timeout`. False if nothing came of it.
  bool PumpOnce(absl::Duration timeout);
  void WriteInput();
  void Reap();

  const Options options_;
  pid_t pid_ = 0;    // 0 when it is reaped
  UniqueFd pid_fd_;  // readable when it has ended; see pidfd_open(2)
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd err_;
  std::string input_;
  bool input_ends_ = false;
  size_t read_bytes_ = 0;  // of ended_.output, through ReadLine() and Read()
  Ended ended_;
};

// Runs a command to its end with `input` as its standard input.
Ended RunCommand(std::vector<std::string> argv, std::string_view input = "",
                 std::string directory = "");

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_PROCESS_H_
