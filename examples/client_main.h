#ifndef RONDO_EXAMPLES_CLIENT_MAIN_H_
#define RONDO_EXAMPLES_CLIENT_MAIN_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/client/endpoint.h"

namespace rondo::examples {

// What every client example does around its one idea.

// Calls `ask_all` with the server and the number of requests that --host,
// --port and --requests say, and returns main()'s exit code: kExitOk, or
// kExitBadAddress and the status on stderr. Flags that make no sense end the
// program with kExitBadFlags.
int RunClient(absl::FunctionRef<absl::Status(const Endpoint&, int)> ask_all);

// The request that they make, and how the answer to it begins.
inline constexpr std::string_view kRequest = "GET / HTTP/1.0\r\n\r\n";
inline constexpr std::string_view kAnswerBegin = "HTTP/1.1 200 ";

// The most memory that the process has had so far.
double PeakMebibytes();

// Counts answers, and shows on a terminal how far it has come once that takes
// longer than a moment.
class Progress {
 public:
  // How often what is shown changes, and so how often to call Show().
  static constexpr absl::Duration kShowEvery = absl::Milliseconds(100);

  explicit Progress(int requests);
  ~Progress() { Clear(); }

  void AddAnswer();
  // If it is time.
  void Show();
  // Before something else is printed.
  void Clear();

  int answers() const { return answers_; }
  absl::Duration elapsed() const { return Clock::Real().Now() - start_; }

 private:
  const int requests_;
  const MonotonicTime start_ = Clock::Real().Now();
  const bool on_terminal_;
  int answers_ = 0;
  bool shown_ = false;
  MonotonicTime next_show_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_CLIENT_MAIN_H_
