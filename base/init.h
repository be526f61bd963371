#ifndef RONDO_BASE_INIT_H_
#define RONDO_BASE_INIT_H_

#include <string_view>

namespace rondo {

// What a program's exit code says. Others (signals, aborts) are the system's.
inline constexpr int kExitOk = 0;
inline constexpr int kExitBadFlags = 1;
inline constexpr int kExitBadAddress = 2;
inline constexpr int kExitForced = 3;  // stopped with connections unfinished

// Prepares a program: parses its flags, starts logging to stderr or to the file
// that --log_file names (see log_file.h), ignores SIGPIPE, and allows as many
// open files as the hard limit does. For main() only, first thing: libraries
// never touch these.
//
// `--help` prints `usage`, then every flag defined by the program's own source
// files, grouped by file name (so "server_flags.cc" heads the server flags),
// and exits with 0. A malformed or unknown flag, an argument that is not a
// flag, and a log file that cannot be opened end the program with kExitBadFlags
// and a message that names it.
void InitProgram(int argc, char** argv, std::string_view usage);

}  // namespace rondo

#endif  // RONDO_BASE_INIT_H_
